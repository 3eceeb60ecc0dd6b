package templates

// Help answers what customers ask about codes and the second step. What it says comes from the configuration in force.
type Help struct {
	Page
	Areas          []string // titles of what asks for a second step
	Channels       []string // methods by which codes are sent to contacts; none = they open nothing
	Providers      []string // titles of those whose first sign-in asks for a second step
	Number         bool     // a number can be switched on as the second factor
	Minutes, Reset int      // how long a code, and a link for the password, lasts
	Idle, Absolute int      // seconds that a session lasts, without activity and in all
	Cooling        int      // seconds until a new contact opens anything
}

func (*Help) kind() kind { return kind{file: "help", step: "help", title: "help.title", wide: true} }

// Listed joins words of which one is meant.
func (v *view) Listed(words []string) string { return v.set.texts.list(v.Lang, "list.or", words) }

// Ways are channels as ways for a code to come, as a sentence lists them.
func (v *view) Ways(methods []string) (string, error) {
	var words []string
	for _, m := range methods {
		w, err := v.T(v.set.words("help.by", m))
		if err != nil {
			return "", err
		}
		words = append(words, w)
	}
	return v.Listed(words), nil
}
