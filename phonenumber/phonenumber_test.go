package phonenumber

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

var served = func() []string { all, _ := Countries([]string{EU, "CH", "SM", "VA", "GB"}); return all }()

func TestNumbersAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]string{
		"+39.3331234567":              "+393331234567", // help
		"+39 333 123 4567":            "+393331234567",
		"0039 333-1234567":            "+393331234567",
		"(+39) 333/1234567":           "+393331234567",
		"333 1234567":                 "+393331234567",
		"333.123.4567":                "+393331234567",
		"  3331234567 ":               "+393331234567",
		"393331234567":                "+393331234567", // the prefix without its sign: no Italian number is so long
		"３３３ １２３４５６７":                 "+393331234567",
		"٣٣٣١٢٣٤٥٦٧":                  "+393331234567",
		"+۳۹ ۳۳۳ ۱۲۳ ۴۵۶۷":            "+393331234567",
		"＋39 333 1234567":             "+393331234567",
		"+39\u00a0333\u202f1234567":   "+393331234567",
		"\u202a+39 333 1234567\u202c": "+393331234567", // copied out of an address book
		"\ufeff333\u200e1234567":      "+393331234567",
		"[+39] 333 1234567":           "+393331234567",
		"（＋３９）３３３－１２３４５６７":   "+393331234567",
		"+39 ３٣۳ 1234567":    "+393331234567", // several scripts at once
		"3931234567":         "+393931234567", // begins like a prefix, and is none
		"02 1234 5678":       "+390212345678", // the zero stays
		"+39 02 1234 5678":   "+390212345678",
		"+44 (0)7911 123456": "+447911123456",
		"0044 7911 123456":   "+447911123456",
		"+41 79 123 45 67":   "+41791234567",
		"+378 66 66 12 12":   "+37866661212",
	} {
		n, err := Parse(text, "IT")
		if err != nil || n.String() != want {
			t.Errorf("%q: %q, %v; want %q", text, n, err, want)
		}
		if again, err := Parse(n.String(), ""); err != nil || again != n {
			t.Errorf("%q is read again as %q, %v", n, again, err)
		}
	}
}

func TestWhatIsNoNumberIsRefusedCheaply(t *testing.T) {
	for _, text := range []string{
		"", " ", "+", "abc", "+39 333 CALL ME", "3331234567 int. 5", "3331234567;ext=5", "3331234567x5", "tel:+393331234567",
		"+39 333 1234567\x00", "\x00", "+39 333\n1234567", "112", "118", "4242", "43434", "12345", "+39 4242", "+39", "++393331234567", "+39+3331234567",
		"+999 123456789", "+39 333 12345678901234", "000393331234567", "00", "0000000000", "+39 333 123",
		strings.Repeat("3", 1<<20), strings.Repeat(" ", 1<<20) + "3331234567", "\xff\xfe3331234567",
		"३३३१२३४५६७", "৩৩৩১২৩৪৫৬৭", "๓๓๓๑๒๓๔๕๖๗", "៣៣៣១២៣៤៥៦៧", "၃၃၃၁၂၃၄၅၆၇", "൩൩൩൧൨൩൪൫൬൭", "௩௩௩௧௨௩௪௫௬௭", "𝟛𝟛𝟛𝟙𝟚𝟛𝟜𝟝𝟞𝟟", "三三三一二三四五六七", "③③③①②③④⑤⑥⑦",
		"333 1234567 / 333 7654321", "anna@example.it", "=1+1", "<b>3331234567",
	} {
		if n, err := Parse(text, "IT"); !errors.Is(err, Err) {
			t.Errorf("%.40q: %q, %v", text, n, err)
		}
	}
	if n, err := Parse("3331234567", ""); !errors.Is(err, Err) {
		t.Errorf("without a country: %q, %v", n, err)
	}
}

func TestCodesGoToMobilesOfTheCountriesServed(t *testing.T) {
	for text, want := range map[string]error{
		"+393331234567": nil, "+447400123456": nil, "+41791234567": nil, "+4915112345678": nil, "+33612345678": nil, "+37866661212": nil,
		"+390212345678": ErrMobile, "+39800123456": ErrMobile, "+39899123456": ErrMobile, "+390669812345": ErrMobile,
		"+442071234567": ErrMobile, "+447911123456": ErrCountry, // Guernsey
		"+88213300655":  ErrMobile,
		"+14155552671":  ErrCountry, // fixed or mobile, nobody can tell there
		"+380501234567": ErrCountry, "+6281234567890": ErrCountry, "+4407911": Err,
	} {
		n, err := Parse(text, "")
		if err == nil {
			err = n.TakesCodes(served)
		}
		if !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
	if err := (Number{}).TakesCodes(served); err == nil {
		t.Error("no number takes codes")
	}
}

func TestAPrefixTypedAndAnotherChosenIsAQuestion(t *testing.T) {
	for _, c := range []struct {
		text, chosen string
		number       string
		question     []string
	}{
		{"333 1234567", "IT", "+393331234567", nil},
		{"+39 333 1234567", "IT", "+393331234567", nil},
		{"07911 123456", "GB", "+447911123456", nil},
		{"+44 7911 123456", "IT", "", []string{"+447911123456"}},
		{"0044 7911 123456", "IT", "", []string{"+447911123456"}},
		{"+39 333 1234567", "GB", "", []string{"+393331234567"}},
		{"+333 1234567", "IT", "", []string{"+393331234567"}},       // a + too many: no number of France
		{"990 44 7400 123456", "FI", "", []string{"+447400123456"}}, // as one dials abroad there
		{"+39 333 1234567", "", "+393331234567", nil},               // nothing was chosen
		{"+3931234567", "IT", "", []string{"+393931234567"}},        // the prefix was forgotten after the +
		{"+39 06 69812345", "VA", "+390669812345", nil},             // the same prefix
	} {
		got, err := Read(c.text, c.chosen)
		var question []string
		for _, n := range got.Question {
			question = append(question, n.String())
		}
		if err != nil || got.Number.String() != c.number || !slices.Equal(question, c.question) {
			t.Errorf("%q beside %s: %q, asks %q, %v", c.text, c.chosen, got.Number, question, err)
		}
	}
	for _, text := range []string{"12", "+12", "nonsense", "", "+39 333 123"} {
		if got, err := Read(text, "IT"); !errors.Is(err, Err) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func TestNumbersAreShownAsTheirCountryWritesThem(t *testing.T) {
	for _, c := range []struct{ number, home, want string }{
		{"+393331234567", "IT", "333 123 4567"},
		{"+393331234567", "GB", "+39 333 123 4567"},
		{"+447911123456", "IT", "+44 7911 123456"},
		{"+390212345678", "IT", "02 1234 5678"},
	} {
		n, err := Parse(c.number, "")
		if err != nil || n.Shown(c.home) != c.want {
			t.Errorf("%s at %s: %q, %v; want %q", c.number, c.home, n.Shown(c.home), err, c.want)
		}
	}
}

func TestNumbersAreCountedByCountryAndFourDigits(t *testing.T) {
	for number, want := range map[string]string{"+393331234567": "+393331", "+447911123456": "+447911", "+37866661212": "+3786666", "+14155552671": "+14155"} {
		if n, err := Parse(number, ""); err != nil || n.Area() != want {
			t.Errorf("%s: %q, %v; want %q", number, n.Area(), err, want)
		}
	}
}

func TestCountriesAreNamed(t *testing.T) {
	if len(members) != 27 {
		t.Errorf("the EU has %d members", len(members))
	}
	got, unknown := Countries([]string{"IT", "EU", "CH", "it", "XX", "UK"})
	if len(got) != 28 || !slices.Contains(got, "CH") || !slices.Equal(unknown, []string{"it", "XX", "UK"}) {
		t.Errorf("%v, unknown %v", got, unknown)
	}
	if Prefix("IT") != "+39" || Prefix("XX") != "" || Prefix("EU") != "" {
		t.Error(Prefix("IT"), Prefix("XX"), Prefix("EU"))
	}
	for _, c := range members {
		if Prefix(c) == "" {
			t.Errorf("%s has no prefix", c)
		}
	}
}

// A form gives a number of the chosen prefix or asks, and every digit of the subscriber was typed.
func FuzzRead(f *testing.F) {
	for _, text := range []string{"+39.3331234567", "0039 333", "07400 123456", "990447400123456", "\u202a+39"} {
		for _, country := range []string{"IT", "GB", "FI", ""} {
			f.Add(text, country)
		}
	}
	f.Fuzz(func(t *testing.T, text, country string) {
		got, err := Read(text, country)
		if err != nil {
			if got.Number != (Number{}) || got.Question != nil {
				t.Errorf("%q beside %q: %v and %v", text, country, got, err)
			}
			return
		}
		if (got.Number == Number{}) == (len(got.Question) == 0) {
			t.Errorf("%q beside %q: %v, neither or both", text, country, got)
		}
		if prefix := Prefix(country); len(got.Question) == 0 && prefix != "" && !strings.HasPrefix(got.Number.String(), prefix) {
			t.Errorf("%q beside %q is silently %q", text, country, got.Number)
		}
		digits, _, _ := clean(text)
		for _, n := range append(got.Question, got.Number) {
			own := strings.TrimPrefix(n.String(), Prefix(n.country))
			if n.TakesCodes(served) == nil && !strings.HasSuffix(digits, own) {
				t.Errorf("%q beside %q: nobody typed %q", text, country, n)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"+39.3331234567", "0039", "+44 (0)7911 123456", "٣٣٣", "\x00"} {
		f.Add(text, "IT")
	}
	f.Fuzz(func(t *testing.T, text, country string) {
		n, err := Parse(text, country)
		if err != nil {
			return
		}
		if again, err := Parse(n.String(), ""); err != nil || again != n {
			t.Errorf("%q is %q, and that is %q, %v", text, n, again, err)
		}
		if s := n.String(); len(s) > 16 || s[0] != '+' || strings.Trim(s[1:], "0123456789") != "" {
			t.Errorf("%q is %q", text, s)
		}
	})
}
