package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// Options change how files are read. The zero value is what soglia serve uses.
type Options struct {
	// Dev allows plain http on *.localhost and loopback, secrets in plain, and the outbox as e-mail driver.
	Dev bool
	// SwitchOff drops what this version lacks (notyet.go) and names it in Config.SwitchedOff, where it is an error otherwise.
	SwitchOff bool
	// Drivers are the kinds of gateway that channels may name; the zero value knows none.
	Drivers Drivers
	// Storage says why the database's URL could not be used, as whoever opens it reads it; nil looks at its scheme only.
	Storage func(url string) error
	// Overlay changes what was read before it is checked. Its values are ours, so only references between them are
	// checked, not their bounds; their mistakes are reported where the replaced value stands.
	Overlay func(*File)
	// Name stands for the file in messages of [Parse]; "" is soglia.yaml.
	Name string
	// Files is what stands beside the bytes given to [Parse]: included files, the logo, ${file:…}; nil is nothing.
	Files fs.FS
	// Env looks up environment variables; nil is os.LookupEnv.
	Env func(string) (string, bool)
}

func (o Options) env(name string) (string, bool) {
	if o.Env != nil {
		return o.Env(name)
	}
	return os.LookupEnv(name)
}

// Load reads the file at path and what it includes. The error is *Errors when the files could be read and are wrong.
func Load(path string, o Options) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	o.Name, o.Files = path, nil
	return load(data, filepath.Dir(path), o)
}

// Parse reads a configuration that is already in memory.
func Parse(data []byte, o Options) (*Config, error) {
	if o.Name == "" {
		o.Name = "soglia.yaml"
	}
	if o.Files == nil {
		o.Files = nothing{}
	}
	return load(data, ".", o)
}

// loader is one load: from bytes to a snapshot.
type loader struct {
	options  Options
	files    files
	dir      string // of the main file
	mistakes *mistakes
	fileEnv  map[string]string // what soglia.env says; nil = not read yet
}

func load(data []byte, dir string, o Options) (*Config, error) {
	l := &loader{options: o, files: files{o.Files}, dir: dir, mistakes: &mistakes{hidden: map[string]string{}}}
	main := readSource(o.Name, dir, data, l.mistakes)
	if main.root == nil {
		return nil, l.mistakes.err()
	}
	// Everything is decoded once to find every mistake, also in parts that this version lacks; then without those
	// parts, so that what follows need not know of them.
	all := &File{}
	places := newPlaces(place{main, 1, 1})
	l.decode(main, all, places)
	parts := l.include(main, all.Include, places)
	for _, s := range parts {
		l.decodePart(s, all, places)
	}
	gone := l.prune(append([]*source{main}, parts...))

	file := &File{}
	quiet := &loader{options: o, files: l.files, dir: dir, mistakes: &mistakes{hidden: map[string]string{}}}
	left := newPlaces(places.root)
	quiet.decode(main, file, left)
	for _, s := range parts {
		quiet.decodePart(s, file, left)
	}
	if o.Overlay != nil {
		o.Overlay(file)
	}
	b := &builder{loader: l, file: file, places: left, goneLevels: gone}
	b.presets()
	fill(reflect.ValueOf(file).Elem())
	c := b.build()
	if err := l.mistakes.err(); err != nil {
		return nil, err
	}
	c.Warnings = l.mistakes.list(l.mistakes.warned)
	if o.SwitchOff {
		c.SwitchedOff = gone
	}
	return c, nil
}

func (l *loader) decode(s *source, f *File, p *places) {
	d := &decoder{loader: l, source: s, places: p}
	d.section(s.root, reflect.ValueOf(f).Elem(), "")
}

// decodePart adds an included file's clients and scopes to f.
func (l *loader) decodePart(s *source, f *File, p *places) {
	if s.root == nil {
		return
	}
	part := FilePart{Scopes: f.Scopes, Clients: f.Clients}
	d := &decoder{loader: l, source: s, places: p}
	d.section(s.root, reflect.ValueOf(&part).Elem(), "")
	f.Scopes, f.Clients = part.Scopes, part.Clients
}

// include reads the files that match the patterns, each once, in the order of their names.
func (l *loader) include(main *source, patterns []string, p *places) []*source {
	var out []*source
	seen := []string{filepath.Clean(main.name)}
	for i, pattern := range patterns {
		at := p.of(fmt.Sprintf("include[%d]", i))
		if pattern == "" { // already reported
			continue
		}
		if !filepath.IsLocal(pattern) {
			l.mistakes.add(at, "", "include must be relative to this file and below its folder")
			continue
		}
		names, err := l.files.glob(main.dir, pattern)
		switch {
		case err != nil:
			l.mistakes.add(at, "", "include %q is not a pattern", pattern)
		case len(names) == 0 && !strings.ContainsAny(pattern, "*?["):
			l.mistakes.add(at, "", "included file %s does not exist", pattern)
		}
		for _, name := range names {
			if l.files.fsys == nil {
				name = filepath.Join(main.dir, filepath.FromSlash(name))
			}
			if slices.Contains(seen, name) {
				continue
			}
			seen = append(seen, name)
			data, err := l.files.read(name)
			if err != nil {
				l.mistakes.add(at, "", "included file %s cannot be read", name)
				continue
			}
			out = append(out, readSource(name, filepath.Dir(name), data, l.mistakes))
		}
	}
	return out
}

// prune removes what this version lacks and returns its names; without Options.SwitchOff each place is a mistake.
func (l *loader) prune(sources []*source) []string {
	var names []string
	for _, a := range notYet { // names in the order of the table, whichever file has them
		if !slices.Contains(names, a.name) {
			names = append(names, a.name)
		}
	}
	var found []string
	for _, s := range sources {
		if s.root == nil {
			continue
		}
		for _, r := range prune(s.root) {
			found = append(found, r.name)
			if !l.options.SwitchOff {
				l.mistakes.add(s.at(r.at), "", "`%s` is not available in this version", r.name)
			}
		}
	}
	return slices.DeleteFunc(names, func(n string) bool { return !slices.Contains(found, n) })
}

// IsMistakes reports whether err says that the files were read and are wrong, as against not readable at all.
func IsMistakes(err error) bool {
	var e *Errors
	return errors.As(err, &e)
}
