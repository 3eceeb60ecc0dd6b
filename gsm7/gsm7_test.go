package gsm7

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestATextIsMeasuredAsItIsPaid(t *testing.T) {
	for _, c := range []struct {
		text string
		want Size
	}{
		{"", Size{"GSM-7", 0, 1}},
		{strings.Repeat("a", 160), Size{"GSM-7", 160, 1}},
		{strings.Repeat("a", 161), Size{"GSM-7", 161, 2}},
		{strings.Repeat("a", 306), Size{"GSM-7", 306, 2}},
		{strings.Repeat("a", 307), Size{"GSM-7", 307, 3}},
		{strings.Repeat("€", 80), Size{"GSM-7", 160, 1}}, // two septets each
		{strings.Repeat("€", 80) + "a", Size{"GSM-7", 161, 2}},
		{"l'app è già lì", Size{"GSM-7", 14, 1}},
		{"l’app", Size{"UCS-2", 5, 1}},
		{strings.Repeat("a", 69) + "’", Size{"UCS-2", 70, 1}},
		{strings.Repeat("a", 70) + "’", Size{"UCS-2", 71, 2}},
		{"È", Size{"UCS-2", 1, 1}},
		{"😀", Size{"UCS-2", 2, 1}},
	} {
		if got := Measure(c.text); got != c.want {
			t.Errorf("%q: %+v, want %+v", c.text, got, c.want)
		}
		if one := c.want.Segments == 1 && c.want.Alphabet == "GSM-7"; One(c.text) != one {
			t.Errorf("%q: one: %v", c.text, !one)
		}
	}
}

func TestANameIsWrittenInTheAlphabet(t *testing.T) {
	for in, want := range map[string]string{
		"Example Hosting":         "Example Hosting",
		"Caffè Città Perché":      "Caffè Città Perché",
		"L’Università «Più» – S":  `L'Università "Più" - S`,
		"Âme Šibenik Łódź Ørsted": "Ame Sibenik Lodz Ørsted",
		"È tua":                   "E tua",
		"Ｆｕｌｌ １":                  "Full 1",
		"🚀 Razzo  🚀":              "Razzo",
		"A™ B®":                   "A B",
		"Пример":                  "",
		"株式会社 Example":            "",
		"":                        "",
		"🚀":                       "",
		"a\u0301":                 "a",
	} {
		if got := Plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("L’Università 🚀 Łódź € \x00 \xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := Plain(s)
		if _, ok := Septets(got); !ok || !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\f") {
			t.Errorf("%q: %q", s, got)
		}
	})
}
