package user

import (
	"strings"
	"testing"
)

func TestUsernamesThatLookTheSameAreTheSame(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"as typed":                       {"mario.rossi", "mario.rossi"},
		"capitals":                       {"Mario.ROSSI", "mario.rossi"},
		"white space around":             {" \tmario \n", "mario"},
		"Q27 zero width around":          {"\ufeff\u200bmario\u200b ", "mario"},
		"full width":                     {"ｍａｒｉｏ１", "mario1"},
		"sharp s":                        {"STRASSE-Straße", "strasse-strasse"},
		"composed and decomposed accent": {"nicolo\u0300", "nicolò"},
		"ligature":                       {"ﬁore", "fiore"},
		"Kelvin sign":                    {"\u212aiwi", "kiwi"},
		"a mail address":                 {"Mario@Example.com", "mario@example.com"},
		"Greek final sigma":              {"ΣΑΣ", "σασ"},
		"64 characters":                  {strings.Repeat("à", 64), strings.Repeat("à", 64)},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := CanonicalUsername(c.in)
			if err != nil || got != c.want {
				t.Errorf("CanonicalUsername(%q) = %q, %v; want %q", c.in, got, err, c.want)
			}
		})
	}
}

func TestTextsThatAreNoUsername(t *testing.T) {
	for name, in := range map[string]string{
		"empty": "", "blank": "  ", "inner space": "mario rossi", "65 characters": strings.Repeat("a", 65),
		"NUL": "ma\x00rio", "line feed": "ma\nrio", "zero-width joiner": "ma\u200drio", "right-to-left override": "\u202emario",
		"not UTF-8": "mario\xff", "private use": "\ue000", "megabytes": strings.Repeat("a", 1<<20), "replacement": "\ufffd",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := CanonicalUsername(in); err == nil {
				t.Errorf("accepted as %q", got)
			}
		})
	}
}

func TestMailAddressesHaveOneForm(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"capitals":              {"Mario.Rossi@Example.COM", "mario.rossi@example.com"},
		"white space around":    {" a@b.it ", "a@b.it"},
		"Q27 zero width around": {"\ufeffa@b.it\u200b", "a@b.it"},
		"dots and plus stay":    {"m.a.rio+x@gmail.com", "m.a.rio+x@gmail.com"},
		"international domain":  {"a@Città.it", "a@xn--citt-3na.it"},
		"already ASCII form":    {"a@XN--citt-3na.it", "a@xn--citt-3na.it"},
		"root dot":              {"a@example.com.", "a@example.com"},
		"ideographic full stop": {"a@example\u3002com", "a@example.com"},
		"international mailbox": {"nicolo\u0300@example.com", "nicolò@example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := CanonicalEmail(c.in)
			if err != nil || got != c.want {
				t.Errorf("CanonicalEmail(%q) = %q, %v; want %q", c.in, got, err, c.want)
			}
		})
	}
}

func TestTextsThatAreNoMailAddress(t *testing.T) {
	for name, in := range map[string]string{
		"empty": "", "no at": "mario", "no local part": "@example.com", "no domain": "mario@", "one label": "mario@localhost",
		"two ats": "a@b@example.com", "quoted": `"a b"@example.com`, "literal": "a@[127.0.0.1]", "header injection": "a@example.com\r\nBcc: b@example.com",
		"list": "a@example.com,b@example.com", "angle brackets": "<a@example.com>", "dot first": ".a@example.com", "two dots": "a..b@example.com",
		"NUL": "a\x00@example.com", "underscore domain": "a@ex_ample.com", "long local part": strings.Repeat("a", 65) + "@example.com",
		"long domain": "a@" + strings.Repeat("a.", 200) + "com", "bidi control": "a\u202e@example.com", "a capital that lowers to somebody's i": "\u0130@example.com",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := CanonicalEmail(in); err == nil {
				t.Errorf("accepted as %q", got)
			}
		})
	}
}
