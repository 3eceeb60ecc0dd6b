package interop

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/soglia-sso/soglia/secret"
)

// snippet is what "soglia client snippet" prints of a client, each file by the name that it is printed under. The files are
// written exactly as printed, but for what the text tells an engineer to fill in (PUT-…-HERE) and for where they lie: below the
// test's folder and not in /etc.
func (p *program) snippet(client string, args ...string) map[string]string {
	p.t.Helper()
	printed, err := p.soglia(append([]string{"client", "snippet", client}, args...)...).Output()
	if err != nil {
		p.t.Fatalf("soglia client snippet: %v\n%s", err, printed)
	}
	at, texts := map[string]string{}, map[string]string{}
	for _, part := range strings.Split(string(printed), "\n#### ")[1:] {
		name, text, _ := strings.Cut(part, "\n")
		at[name], texts[name] = p.file(strings.ReplaceAll(strings.TrimPrefix(name, "/"), "/", "_")), text
	}
	for name, text := range texts {
		text = strings.ReplaceAll(text, "PUT-THE-CLIENT-SECRET-HERE", p.secret)
		text = blank.ReplaceAllStringFunc(text, func(string) string { return secret.New("")[:32] })
		for other, moved := range at {
			if strings.HasPrefix(other, "/") {
				text = strings.ReplaceAll(text, other, moved)
			}
		}
		if err := os.WriteFile(at[name], []byte(text), 0o644); err != nil {
			p.t.Fatal(err)
		}
	}
	return at
}

var blank = regexp.MustCompile(`PUT-[A-Z0-9-]+-HERE`)

// replace changes one of a snippet's files, where a test must know better than the engineer.
func (p *program) replace(at, old, new string) {
	p.t.Helper()
	text, err := os.ReadFile(at)
	if err != nil || !strings.Contains(string(text), old) {
		p.t.Fatalf("%s has no %q (%v)", filepath.Base(at), old, err)
	}
	if err := os.WriteFile(at, []byte(strings.ReplaceAll(string(text), old, new)), 0o644); err != nil {
		p.t.Fatal(err)
	}
}
