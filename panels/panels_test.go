package panels

import (
	"strings"
	"testing"
)

func TestEveryProgramSaysWhatTheTableOfTheManualNeeds(t *testing.T) {
	if len(Names()) < 6 || Lookup(General) == nil {
		t.Fatal("programs are missing")
	}
	for _, name := range Names() {
		p := Lookup(name)
		for what, said := range map[string]string{"title": p.Title, "level": p.Level, "refresh": p.Refresh, "signout": p.SignOut, "soglia.yaml": p.Client} {
			if strings.TrimSpace(said) == "" {
				t.Errorf("%s has no %s", name, what)
			}
		}
		if len(p.parts) == 0 {
			t.Errorf("%s has no side of its own", name)
		}
		if p.Tried == "" && p.Took != "" {
			t.Errorf("%s: nobody has run it, so nobody knows how long it takes", name)
		}
		for _, part := range p.parts {
			if comments[part.kind] == "" {
				continue
			}
			for _, line := range strings.Split(part.text.Root.String(), "\n") {
				if strings.HasPrefix(line, "#### ") {
					t.Errorf("%s: %q is what divides files", name, line)
				}
			}
		}
	}
}

func TestAProgramsFileIsReadStrictly(t *testing.T) {
	for text, want := range map[string]string{
		"titel: X\n":                             "unknown key",
		"title: X\n-- a.conf --\nx\n":            "names no kind",
		"title: X\n-- a.conf [apache2] --\nx\n":  "names no kind",
		"title: X\n-- a.conf [apache] --\n{{.\n": "template",
	} {
		if _, err := parse("x", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	p, err := parse("x", "# a comment\ntitle: X\nnote: one\nnote: two: three\n\n-- soglia.yaml --\npkce: optional\n-- a.conf [apache] --\n{{if .StepUp}}Up {{.Level}}{{end}}\n-- b [text] --\n  in\n")
	if err != nil || p.Title != "X" || len(p.Notes) != 2 || p.Notes[1] != "two: three" || p.Client != "pkce: optional\n" {
		t.Fatalf("%v: %+v", err, p)
	}
	plain, _ := p.Files(Values{})
	up, err := p.Files(Values{Level: "mfa"})
	if err != nil || len(plain) != 1 || len(up) != 2 || up[0].Text != "Up mfa\n" || up[1].Text != "  in\n" {
		t.Errorf("%v: %q, %q", err, plain, up)
	}
}

// The operator's name goes into texts of twelve languages.
func TestANameEndsNoText(t *testing.T) {
	for name, want := range map[string]string{"Example Hosting": "Example Hosting", "Società «A&B»": "Società «A&B»", `a"b'c$d#e{f}g\h`: "abcdefgh", `"`: "Soglia"} {
		if got := (Values{Provider: name}).Name(); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}

// They are the operator's own, but a quote in one of them would make a file that its program cannot read, or reads as something else.
func TestValuesThatCouldEndATextAreNotWritten(t *testing.T) {
	for _, v := range []Values{{Scopes: []string{"openid", "a'b"}}, {Level: "m fa"}, {Area: "$HOME"}, {Redirect: "https://h.example.it/';x"}, {Levels: []string{"mfa", `"`}}} {
		for _, name := range append(Names(), General) {
			if files, err := Lookup(name).Files(v); err == nil {
				t.Fatalf("%s: %+v is written: %v", name, v, files)
			}
		}
	}
	if _, err := Lookup("wordpress").Files(Values{Redirect: "https://h.example.it/wp-admin/admin-ajax.php?action=a&b=%20~", Level: "https://refeds.org/profile/mfa"}); err != nil {
		t.Error(err)
	}
}

func TestPathsOfTheProgramsAddress(t *testing.T) {
	v := Values{Issuer: "https://sso.example.it", ClientID: "a", Base: "https://h.example.it:8443/app", PostLogout: "https://h.example.it:8443/app/bye", Area: "dns"}
	for got, want := range map[string]string{
		v.Path(): "/app/dns", v.Prefix(): "/app", v.Host(): "h.example.it:8443", v.Hostname(): "h.example.it", v.Origin(): "https://h.example.it:8443",
		v.PostLogoutPath(): "/app/bye", v.SignOutHere(): "https://sso.example.it/end_session?client_id=a",
		(Values{Base: "https://h.example.it", Area: "https://s.example.it/x"}).Path():                 "/billing",
		(Values{Base: "https://h.example.it", PostLogout: "https://h.example.it/"}).PostLogoutPath():  "",
		(Values{Base: "https://h.example.it", PostLogout: "https://x.example.it/b"}).PostLogoutPath(): "",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
