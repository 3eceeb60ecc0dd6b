package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/soglia-sso/soglia/examples"
)

// doubling is YAML of n lists, each of nine references to the one before: a few lines that stand for 9ⁿ values.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString("issuer: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < n; i++ {
		name, before := string(rune('a'+i)), "*"+string(rune('a'+i-1))
		if i == 1 {
			before = "*a0"
		}
		b.WriteString("x" + name + ": &" + name + " [" + strings.Repeat(before+",", 8) + before + "]\n")
	}
	return b.String() + "clients: *" + string(rune('a'+n-1)) + "\nlocales: {offered: *" + string(rune('a'+n-1)) + "}\n"
}

// FuzzLoad: any text gives a configuration, or mistakes that each have a place in it, and not both; in no more of them than
// a person could ever read, whatever refers to itself. What passes passes again when the YAML library has written it down
// anew, and means the same.
func FuzzLoad(f *testing.F) {
	f.Add(string(examples.Hosting))
	f.Add(small)
	f.Add(small + `home: p
clients: [&p {id: p, name: P, secret: "${env:CLIENT_SECRET}", redirect_uris: ["https://p.example.it/cb"], initiate_login_uri: "https://p.example.it/", scopes: [openid, billing]}]
scopes: {billing: {acr: mfa, max_age: 15m, on_unmet: offer, title: {it: &t Fatturazione, en: *t}}}
channels: {email: {url: "${env:SMTP_URL}", from: "A <a@example.it>"}}
`)
	f.Add(small + "branding: {name: 'a: #b'}\nsessions: {idle: 1h30m}\nlocales: {default: it, offered: [it]}\n")
	paths, _ := filepath.Glob("testdata/mistakes/*.yaml")
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add("a: &a [*a]\nclients: [{secret: [[[]]]}]")
	f.Add("clients: [{on_unmet: {a: [b]}, secret: {sha256: {}}}]\nscopes: {'': {}}\nproviders: {a.b[: {type: oidc}}")
	f.Add("issuer: &i https://a.example\nbranding: {name: *i}\n<<: {listen: 1}\n? [a]\n: b")
	f.Add(doubling(12))
	f.Add("clients: &c {a: &d {b: *c}, e: *d}\nscopes: *c")
	f.Fuzz(func(t *testing.T, text string) {
		for _, o := range []Options{{Drivers: drivers}, {Drivers: drivers, Dev: true, SwitchOff: true, Overlay: func(*File) {}}} {
			o.Env = environment
			c, err := Parse([]byte(text), o)
			if (c == nil) != (err != nil) {
				t.Fatal("neither a snapshot nor mistakes, or both")
			}
			if err == nil {
				again(t, text, o, c)
				continue
			}
			var e *Errors
			if !errors.As(err, &e) || len(e.List) == 0 {
				t.Fatalf("%v", err)
			}
			count := len(slices.Collect(lines([]byte(text)))) + 1
			for _, m := range e.List {
				if m.File == "" || m.Line < 1 || m.Col < 1 || m.Line > count || m.Message == "" {
					t.Fatalf("no place: %+v", m)
				}
			}
			if len(e.List) > 2*len(text)+100 {
				t.Fatalf("%d mistakes in %d bytes", len(e.List), len(text))
			}
		}
	})
}

// again writes the text down anew and reads that.
func again(t *testing.T, text string, o Options, want *Config) {
	var whole yaml.Node
	if err := yaml.Load([]byte(strings.TrimPrefix(text, "\ufeff")), &whole, yaml.WithUniqueKeys(false)); err != nil {
		t.Fatalf("accepted, but not YAML: %v", err)
	}
	anew, err := yaml.Marshal(&whole)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(anew, o)
	if err != nil {
		t.Fatalf("refused when written anew: %v\n%s", err, anew)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("means something else when written anew:\n%s", anew)
	}
}
