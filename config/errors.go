package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Mistake is one thing that is wrong in the files, or a warning.
type Mistake struct {
	Warning bool   // the configuration serves all the same
	File    string // as it was named or found
	Line    int    // from 1; 0 when it is about the whole file
	Col     int    // from 1, in characters
	Message string // without secrets
	Text    string // the line, secrets masked; "" when there is none
	Hint    string // what was probably meant, or what to do; may be empty
}

// String returns the mistake as "file:line:col: message" (a warning says so before), the line, a caret under the column, and the hint.
func (m Mistake) String() string {
	var b strings.Builder
	if m.Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(m.File)
	if m.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", m.Line, m.Col)
	}
	b.WriteString(": " + m.Message)
	if text, pad := window([]rune(m.Text), m.Col-1); strings.TrimSpace(text) != "" {
		fmt.Fprintf(&b, "\n  %s\n  %s^", text, pad)
	}
	if m.Hint != "" {
		fmt.Fprintf(&b, "\n  %s", m.Hint)
	}
	return b.String()
}

// window cuts a long line to what stands around column at, and returns the padding that puts a caret under it.
func window(line []rune, at int) (text, pad string) {
	const wide = 120
	at = min(max(at, 0), len(line))
	from, cut := 0, ""
	if len(line) > wide && at > wide*3/4 {
		from, cut = at-wide/2, "…"
	}
	to := min(from+wide, len(line))
	text = cut + string(line[from:to])
	if to < len(line) {
		text += "…"
	}
	space := func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}
	return text, strings.Map(space, cut+string(line[from:at]))
}

// Errors are all mistakes of one load, in the order of the files and their lines. It is the error type of [Load]
// and [Parse] whenever the files could be read.
type Errors struct{ List []Mistake }

// Error returns every mistake, an empty line between them.
func (e *Errors) Error() string {
	parts := make([]string, len(e.List))
	for i, m := range e.List {
		parts[i] = m.String()
	}
	return strings.Join(parts, "\n\n")
}

// mistakes collects while a set of files is read. It alone turns a place into the printed line, so that it alone must
// know which characters of a line are secret.
type mistakes struct {
	sources []*source
	found   []found
	warned  []found
	hidden  map[string]string // resolved value -> the reference it came from
}

type found struct {
	at            place
	message, hint string
	warning       bool
}

func (m *mistakes) add(at place, hint, format string, args ...any) {
	m.found = append(m.found, found{at: at, message: fmt.Sprintf(format, args...), hint: hint})
}

// warn notes what is allowed but probably not meant.
func (m *mistakes) warn(at place, hint, format string, args ...any) {
	m.warned = append(m.warned, found{at, fmt.Sprintf(format, args...), hint, true})
}

// hide keeps a resolved value out of every message: its reference is shown instead.
func (m *mistakes) hide(value, reference string) {
	if value != "" {
		m.hidden[value] = reference
	}
}

// err returns *Errors, or nil when nothing was found.
func (m *mistakes) err() error {
	if len(m.found) == 0 {
		return nil
	}
	return &Errors{m.list(m.found)}
}

// list turns what was found into what is told, in the order of the files.
func (m *mistakes) list(all []found) (out []Mistake) {
	slices.SortStableFunc(all, func(a, b found) int {
		return cmp.Or(
			cmp.Compare(slices.Index(m.sources, a.at.source), slices.Index(m.sources, b.at.source)),
			cmp.Compare(a.at.line, b.at.line), cmp.Compare(a.at.col, b.at.col))
	})
	for _, f := range all {
		out = append(out, Mistake{
			Warning: f.warning, File: f.at.source.name, Line: f.at.line, Col: f.at.col,
			Message: m.scrub(f.message), Text: f.at.source.text(f.at.line), Hint: m.scrub(f.hint),
		})
	}
	return slices.Compact(out)
}

// scrub replaces resolved values. Short ones are replaced only where they are quoted: "a" would garble every message.
func (m *mistakes) scrub(s string) string {
	for value, reference := range m.hidden {
		s = strings.ReplaceAll(s, fmt.Sprintf("%q", value), reference)
		if len(value) >= 6 {
			s = strings.ReplaceAll(s, value, reference)
		}
	}
	return s
}
