package tokens

import (
	"encoding/json"
	"strconv"
)

// Members are the members of a JSON object, written one after the other: tokens and the answers of the token endpoint
// have few members of few kinds, and encoding/json takes several times as long. Names are ours and need no escaping.
type Members []byte

// Object begins a JSON object, with room for so many bytes.
func Object(room int) Members { return append(make(Members, 0, room), '{') }

func (m Members) name(name string) Members {
	if len(m) > 0 && m[len(m)-1] != '{' {
		m = append(m, ',')
	}
	return append(append(append(m, '"'), name...), `":`...)
}

// Text adds a text, even an empty one.
func (m Members) Text(name, value string) Members { return quoted(m.name(name), value) }

// Some adds a text unless it is empty.
func (m Members) Some(name, value string) Members {
	if value == "" {
		return m
	}
	return m.Text(name, value)
}

// Number adds a whole number.
func (m Members) Number(name string, n int64) Members { return strconv.AppendInt(m.name(name), n, 10) }

// Since adds a time or lifetime in seconds unless it is 0, which means that there is none.
func (m Members) Since(name string, n int64) Members {
	if n == 0 {
		return m
	}
	return m.Number(name, n)
}

// Texts adds a list of texts unless it is empty.
func (m Members) Texts(name string, values []string) Members {
	if len(values) == 0 {
		return m
	}
	m = append(m.name(name), '[')
	for i, v := range values {
		if i > 0 {
			m = append(m, ',')
		}
		m = quoted(m, v)
	}
	return append(m, ']')
}

// Flag adds true or false.
func (m Members) Flag(name string, v bool) Members { return strconv.AppendBool(m.name(name), v) }

// Raw adds JSON that is known to be valid.
func (m Members) Raw(name string, value []byte) Members { return append(m.name(name), value...) }

// authn adds [Authn], when there is one.
func (m Members) authn(a *Authn) Members {
	if a == nil {
		return m
	}
	return append(append(m.name(ClaimAuthn), '{').Texts("channels", a.Channels).Some("idp", a.IDP), '}')
}

// All adds members that were collected without an opening brace.
func (m Members) All(more Members) Members {
	if len(more) == 0 {
		return m
	}
	if m[len(m)-1] != '{' {
		m = append(m, ',')
	}
	return append(m, more...)
}

// End closes the object.
func (m Members) End() []byte { return append(m, '}') }

// quoted appends s as a JSON string (RFC 8259 §7), as encoding/json would. What needs no escape, nearly everything, is
// copied.
func quoted(out []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			raw, err := json.Marshal(s)
			if err != nil {
				panic(err) // strings always marshal
			}
			return append(out, raw...)
		}
	}
	return append(append(append(out, '"'), s...), '"')
}
