package panels

import (
	"fmt"
	"strings"
)

// comments are the kinds of file and what begins a comment in them. The kind also tells the tests who can check it.
var comments = map[string]string{
	"apache": "#", "nginx": "#", "caddy": "#", "haproxy": "#", "dovecot": "#", "php": "#", "python": "#", "ruby": "#", "sh": "#", "env": "#",
	"yaml": "#", "toml": "#", "ini": ";", "js": "//", "java": "//", "json": "", "text": "#",
}

// File is one of the program's own side, filled.
type File struct {
	Name string // where it usually stands
	Kind string // apache, nginx, php, …
	Text string
}

// Files are the program's own side. A file that says nothing in this variant is left out.
func (p *Program) Files(v Values) ([]File, error) {
	if word := v.unwritable(); word != "" {
		return nil, fmt.Errorf("%q holds a character that means something in one of the files: write them by hand", word)
	}
	var out []File
	for _, t := range p.parts {
		var b strings.Builder
		if err := t.text.Execute(&b, v); err != nil {
			return nil, fmt.Errorf("panels: %s: %w", p.Name, err)
		}
		if text := strings.TrimRight(strings.TrimLeft(b.String(), "\n"), " \n"); text != "" {
			out = append(out, File{t.name, t.kind, text + "\n"})
		}
	}
	return out, nil
}

// ClientAt is the YAML of the program's client at that address. Without one, {base} and {origin} are left standing.
func (p *Program) ClientAt(base string) string {
	if base == "" {
		return p.Client
	}
	return strings.NewReplacer("{base}", base, "{origin}", Values{Base: base}.Origin()).Replace(p.Client)
}

// Print is all of it for people: what the client needs, what to do, and every file under a line with its name. So that a file can be
// taken out by machine, that line begins with "#### " and nothing else does.
func (p *Program) Print(v Values) (string, error) {
	files, err := p.Files(v)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	words := strings.NewReplacer("`", "", "{id}", v.ClientID, "{issuer}", v.Issuer, "{base}", v.Base, "{redirect}", v.Redirect)
	line := func(format string, args ...any) {
		b.WriteString(strings.TrimRight("# "+fmt.Sprintf(format, args...), " ") + "\n")
	}
	line("%s, for client %q of %s", p.Title, v.ClientID, v.Issuer)
	if p.Name != General {
		if p.Tried == "" {
			line("«not run by us»: these settings are from its documentation")
		} else {
			line("Run by us: %s", p.Tried)
			if p.Took != "" {
				line("Without this text it took: %s", p.Took)
			}
		}
	}
	if p.Client != "" {
		line("")
		line("In soglia.yaml, preset: %s stands for these lines (what you write yourself wins):", p.Name)
		for _, l := range strings.Split(strings.TrimSpace(p.ClientAt(v.Base)), "\n") {
			line("    %s", l)
		}
	}
	for _, part := range []struct {
		title string
		list  []string
	}{{"To do:", p.Steps}, {"Good to know:", p.Notes}} {
		if len(part.list) > 0 {
			line("")
			line("%s", part.title)
		}
		for _, l := range part.list {
			line("- %s", words.Replace(l))
		}
	}
	for _, f := range files {
		fmt.Fprintf(&b, "\n#### %s\n%s", f.Name, f.Text)
	}
	return b.String(), nil
}

// Kinds says of every file what it is.
func (p *Program) Kinds() map[string]string {
	out := map[string]string{}
	for _, t := range p.parts {
		out[t.name] = t.kind
	}
	return out
}
