package config

import (
	"bytes"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// source is one file: its name in messages, its lines, and its YAML.
type source struct {
	name  string
	dir   string // where ${file:…} of this file is looked up
	lines [][]rune
	root  *yaml.Node // the document's mapping; nil when it could not be read as one

	masked map[*yaml.Node]bool
}

// longest is the length from which a line is not printed: nobody reads it, and each of its mistakes would copy it.
const longest = 4096

// text returns a line as it may be printed.
func (s *source) text(line int) string {
	if line < 1 || line > len(s.lines) || len(s.lines[line-1]) > longest {
		return ""
	}
	return string(s.lines[line-1])
}

// tooLarge is the size beyond which a file is taken for a mistake rather than a configuration.
const tooLarge = 4 << 20

// readSource parses data. Whatever is wrong with its YAML is told to m; root is nil then.
func readSource(name, dir string, data []byte, m *mistakes) *source {
	s := &source{name: name, dir: dir, masked: map[*yaml.Node]bool{}}
	m.sources = append(m.sources, s)
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	for line := range lines(data) {
		s.lines = append(s.lines, []rune(string(line)))
	}
	if len(data) > tooLarge {
		m.add(place{s, 1, 1}, "", "the file is larger than %d MiB", tooLarge>>20)
		return s
	}
	if at, ok := s.firstIllegal(data); ok {
		m.add(at, "", "the file has a character here that YAML does not allow (it must be UTF-8 text)")
		s.maskGuessed()
		return s
	}
	var docs []yaml.Node
	if err := yaml.Load(data, &docs, yaml.WithAllDocuments(), yaml.WithUniqueKeys(false)); err != nil {
		s.syntax(err, m)
		return s
	}
	switch {
	case len(docs) == 0 || len(docs[0].Content) == 0 || docs[0].Content[0].Tag == "!!null":
		m.add(place{s, 1, 1}, "", "the file is empty")
	case len(docs) > 1:
		m.add(place{s, max(docs[1].Line, 1), max(docs[1].Column, 1)}, "", "the file holds a second document; everything belongs into one")
	case docs[0].Content[0].Kind != yaml.MappingNode:
		m.add(s.at(docs[0].Content[0]), "", `the file must consist of keys with values, such as "issuer: https://sso.example.it"`)
	default:
		s.root = docs[0].Content[0]
	}
	return s
}

// lines cuts data where the YAML reader counts a line (YAML 1.1 §4.2): a carriage return and Unicode's separators are
// breaks too. Otherwise another line than the one with the mistake would be printed, and masked.
func lines(data []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(data) > 0 {
			at := bytes.IndexAny(data, "\n\r\u0085\u2028\u2029")
			if at < 0 {
				yield(data)
				return
			}
			_, width := utf8.DecodeRune(data[at:])
			if bytes.HasPrefix(data[at:], []byte("\r\n")) {
				width = 2
			}
			if !yield(data[:at]) {
				return
			}
			data = data[at+width:]
		}
	}
}

func (s *source) at(n *yaml.Node) place { return place{s, max(n.Line, 1), max(n.Column, 1)} }

// firstIllegal finds what the YAML reader refuses without saying where.
func (s *source) firstIllegal(data []byte) (place, bool) {
	line := 1
	for raw := range lines(data) {
		col := 1
		for len(raw) > 0 {
			r, n := utf8.DecodeRune(raw)
			if r == utf8.RuneError && n == 1 || r < ' ' && !strings.ContainsRune("\t\r\n", r) || r == 0x7f ||
				r >= 0x80 && r < 0xa0 && r != 0x85 || r == 0xfffe || r == 0xffff || r == '\ufeff' {
				return place{s, line, col}, true
			}
			raw, col = raw[n:], col+1
		}
		line++
	}
	return place{}, false
}

// syntax reports what the parser stumbled over. It stops at the first: what follows a broken line has no meaning yet.
func (s *source) syntax(err error, m *mistakes) {
	at, text := place{s, 1, 1}, "is not YAML"
	var load *yaml.LoadError
	if errors.As(err, &load) {
		text = load.Message
		if load.Mark.Line > 0 {
			at = place{s, load.Mark.Line, max(load.Mark.Column, 1)}
		}
	}
	hint := ""
	if at.line <= len(s.lines) && strings.HasPrefix(strings.TrimLeft(s.text(at.line), " "), "\t") {
		hint = "indent with spaces, not with a tab"
	}
	s.maskGuessed()
	m.add(at, hint, "not valid YAML: %s", text)
}

var guessedSecret = regexp.MustCompile(`(?i)((?:secret|password|token|key|url)[\w-]*["']?\s*:\s*)([^\s{].*)`)

// maskGuessed hides what looks like a secret in a file that could not be parsed.
func (s *source) maskGuessed() {
	for i, line := range s.lines {
		for _, span := range guessedSecret.FindAllStringSubmatchIndex(string(line), -1) {
			from := utf8.RuneCountInString(string(line)[:span[4]])
			s.maskRunes(i+1, from, len(line))
		}
	}
}

func (s *source) maskRunes(line, from, to int) {
	for i := from; i < to; i++ {
		if s.lines[line-1][i] != '\t' {
			s.lines[line-1][i] = '•'
		}
	}
}

// mask hides the characters of a scalar in what is printed of this file, keeping columns as they are.
func (s *source) mask(n *yaml.Node) {
	if n.Kind != yaml.ScalarNode || n.Value == "" || n.Line < 1 || n.Line > len(s.lines) || s.masked[n] {
		return
	}
	s.masked[n] = true
	line, value, from := s.lines[n.Line-1], []rune(n.Value), max(n.Column-1, 0)
	for _, quote := range []int{0, 1} { // plain, or after its quotation mark
		if end := from + quote + len(value); end <= len(line) && slices.Equal(line[from+quote:end], value) {
			s.maskRunes(n.Line, from+quote, end)
			return
		}
	}
	// Escapes or several lines: hide the rest of the line and all that is indented below it.
	s.maskRunes(n.Line, min(from, len(line)), len(line))
	for i := n.Line + 1; i <= len(s.lines); i++ {
		next := s.lines[i-1]
		if len(next) > 0 && next[0] != ' ' && next[0] != '\t' {
			break
		}
		s.maskRunes(i, 0, len(next))
	}
}

// maskAll hides every scalar below n.
func (s *source) maskAll(n *yaml.Node) {
	if _, isReference, _ := reference(n.Value); !isReference {
		s.mask(n)
	}
	for _, c := range n.Content {
		s.maskAll(c)
	}
}

// nothing is a folder without files: a configuration in memory must not pick up what lies in the working directory.
type nothing struct{}

func (nothing) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// files reads what the main file points to: from the operating system, or from Options.Files.
type files struct {
	fsys fs.FS // nil = the operating system
}

func (f files) read(name string) ([]byte, error) {
	if f.fsys != nil && !filepath.IsAbs(name) {
		return fs.ReadFile(f.fsys, filepath.ToSlash(name))
	}
	return os.ReadFile(name)
}

func (f files) join(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	if f.fsys != nil {
		return path.Join(dir, filepath.ToSlash(name))
	}
	return filepath.Join(dir, name)
}

// glob returns the files below dir that match pattern, sorted.
func (f files) glob(dir, pattern string) ([]string, error) {
	fsys := f.fsys
	if fsys == nil {
		fsys, dir = os.DirFS(dir), "."
	}
	return fs.Glob(fsys, path.Join(dir, filepath.ToSlash(pattern)))
}
