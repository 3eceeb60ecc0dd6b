package mailaddress

import (
	"strings"
	"testing"
)

func TestQ23AnAddressHasOneForm(t *testing.T) {
	for name, c := range map[string]struct {
		in, written, canonical string
		ascii                  bool
	}{
		"plain":                 {"mario@example.it", "mario@example.it", "mario@example.it", true},
		"capitals":              {"Mario.Rossi@Example.IT", "Mario.Rossi@example.it", "mario.rossi@example.it", true},
		"international domain":  {"mario@Bücher.example", "mario@xn--bcher-kva.example", "mario@xn--bcher-kva.example", true},
		"written as A-labels":   {"mario@XN--Bcher-Kva.example", "mario@xn--bcher-kva.example", "mario@xn--bcher-kva.example", true},
		"international mailbox": {"Nicolò@example.it", "Nicolò@example.it", "nicolò@example.it", false},
		"decomposed":            {"nicolo\u0300@example.it", "nicolò@example.it", "nicolò@example.it", false},
		"root dot":              {"mario@example.it.", "mario@example.it", "mario@example.it", true},
		"one label":             {"root@localhost", "root@localhost", "root@localhost", true},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := Parse(c.in)
			if err != nil || a.String() != c.written || a.Canonical() != c.canonical || a.ASCII() != c.ascii {
				t.Fatalf("%q, %q, %v, %v", a, a.Canonical(), a.ASCII(), err)
			}
			for _, form := range []string{c.written, c.canonical} {
				if again, err := Parse(form); err != nil || again.String() != form {
					t.Errorf("%q parses to %q, %v", form, again, err)
				}
			}
		})
	}
	for name, in := range map[string]string{
		"a name beside it": "Mario <mario@example.it>", "white space": " mario@example.it", "quoted": `"a b"@example.it`,
		"two": "a@example.it,b@example.it", "line break": "a@example.it\r\n", "no domain": "mario@", "dots": "a@b..it",
		"long": strings.Repeat("a", 65) + "@example.it", "literal": "a@[::1]", "IP address": "a@192.0.2.1", "none": "",
	} {
		if a, err := Parse(in); err == nil {
			t.Errorf("%s: %q", name, a)
		}
	}
}
