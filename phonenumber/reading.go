package phonenumber

// Reading is what a form with a number says: the number, or a question where the prefix chosen beside the field and the one
// typed into it disagree.
type Reading struct {
	Number   Number
	Question []Number // what may be meant, the typed prefix first; nil = nothing is asked
}

// Read reads a number typed beside a chosen country ("" = none was). Err, where it is one by no reading.
func Read(text, chosen string) (Reading, error) {
	digits, international, err := clean(text)
	if err != nil {
		return Reading{}, err
	}
	if !international {
		n, err := Parse(text, chosen)
		if err == nil && Prefix(n.country) != Prefix(chosen) { // typed as one dials abroad there, such as 990 in Finland
			return Reading{Question: []Number{n}}, nil
		}
		return Reading{Number: n}, err
	}
	typed, err := of("+"+digits, "ZZ")
	if err == nil && (chosen == "" || Prefix(typed.country) == Prefix(chosen)) {
		return Reading{Number: typed}, nil
	}
	var may []Number
	if err == nil {
		may = append(may, typed)
	}
	if n, err := of(digits, chosen); chosen != "" && err == nil && n != typed { // a + or 00 too many
		may = append(may, n)
	}
	if len(may) == 0 {
		return Reading{}, Err
	}
	return Reading{Question: may}, nil
}
