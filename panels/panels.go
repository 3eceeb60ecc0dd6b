// Package panels knows the programs that sign people in here: what each needs of its client, and its own side of the
// configuration, ready to paste.
//
// It owns the files under programs, one for each, what several of them share, and how they are filled. It leaves the YAML of a client to config, which
// puts a preset's settings under what the operator wrote, and what is printed of which client to the commands.
//
// Easy to get wrong: a secret. A snippet says where the secret goes and never holds it. And a claim: a program that nobody
// here has run says so at the head of everything that is printed of it.
package panels

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"text/template"
)

//go:embed programs/*.tmpl shared/*.tmpl
var files embed.FS

// General is the list of what any library needs, for programs without a preset. It is no preset itself.
const General = "general"

// Program is one that signs people in.
type Program struct {
	Name    string   // as preset: has it
	Title   string   // as people know it
	Tried   string   // what was run here, and when; "" = nothing was
	Took    string   // how long an engineer needed who had nothing but its documentation; "" = nobody noted it
	Level   string   // where it finds acr, and how it is compared
	Refresh string   // what it does with refresh tokens
	SignOut string   // how far its sign-out reaches
	Steps   []string // what to do with the files; {id}, {issuer}, {base} and {redirect} are the client's
	Notes   []string // what surprised those who ran it
	Client  string   // YAML of its client: all but id, name and secret; {base} and {origin} stand for the program's address
	parts   []part
}

// part is one file of the program's own side.
type part struct {
	name, kind string
	text       *template.Template
}

// Names lists the programs that a client's preset may name.
func Names() []string {
	var out []string
	for name := range all() {
		if name != General {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Lookup returns the program of that name, [General] included, or nil.
func Lookup(name string) *Program { return all()[name] }

var all = sync.OnceValue(func() map[string]*Program {
	entries, err := files.ReadDir("programs")
	if err != nil {
		panic(err) // they are embedded
	}
	out := map[string]*Program{}
	for _, e := range entries {
		text, err := files.ReadFile("programs/" + e.Name())
		if err != nil {
			panic(err)
		}
		name := strings.TrimSuffix(e.Name(), path.Ext(e.Name()))
		p, err := parse(name, string(text))
		if err != nil {
			panic(fmt.Sprintf("panels: %s: %v", e.Name(), err)) // a test reads them all
		}
		out[name] = p
	}
	return out
})

// parse reads a program's file: lines "key: words", then parts, each under a line "-- name [kind] --". The part soglia.yaml
// is the client's; all others are templates over [Values].
func parse(name, text string) (*Program, error) {
	p := &Program{Name: name}
	head, rest, more := cutPart(text)
	for _, line := range strings.Split(head, "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, words, _ := strings.Cut(line, ": ")
		if err := p.say(key, strings.TrimSpace(words)); err != nil {
			return nil, err
		}
	}
	for more {
		title, after, _ := strings.Cut(rest, "\n")
		title = strings.TrimSuffix(strings.TrimPrefix(title, "-- "), " --")
		var body string
		body, rest, more = cutPart(after)
		if title == "soglia.yaml" {
			p.Client = body
			continue
		}
		file, kind, ok := strings.Cut(strings.TrimSuffix(title, "]"), " [")
		if _, known := comments[kind]; !ok || !known {
			return nil, fmt.Errorf("the part %q names no kind of file", title)
		}
		t, err := template.New(file).ParseFS(files, "shared/*.tmpl")
		if err == nil {
			t, err = t.Parse(body)
		}
		if err != nil {
			return nil, err
		}
		p.parts = append(p.parts, part{file, kind, t})
	}
	return p, nil
}

func (p *Program) say(key, words string) error {
	switch key {
	case "title":
		p.Title = words
	case "tried":
		p.Tried = words
	case "took":
		p.Took = words
	case "level":
		p.Level = words
	case "refresh":
		p.Refresh = words
	case "signout":
		p.SignOut = words
	case "step":
		p.Steps = append(p.Steps, words)
	case "note":
		p.Notes = append(p.Notes, words)
	default:
		return fmt.Errorf("unknown key %q", key)
	}
	return nil
}

// cutPart returns what stands before the next part, and the rest from its head on.
func cutPart(text string) (before, rest string, found bool) {
	if strings.HasPrefix(text, "-- ") {
		return "", text, true
	}
	before, rest, found = strings.Cut(text, "\n-- ")
	if found {
		return before + "\n", "-- " + rest, true
	}
	return before, "", false
}
