package op

import (
	"encoding/json"
	"strconv"
)

// members are those of a JSON object, written one after the other: tokens and the answers of the token endpoint have few
// members of few kinds, and encoding/json takes several times as long. Names are ours and need no escaping.
type members []byte

// object begins one, with room for so many bytes.
func object(room int) members { return append(make(members, 0, room), '{') }

func (m members) name(name string) members {
	if len(m) > 0 && m[len(m)-1] != '{' {
		m = append(m, ',')
	}
	return append(append(append(m, '"'), name...), `":`...)
}

func (m members) text(name, value string) members { return quoted(m.name(name), value) }

// some leaves an empty text out.
func (m members) some(name, value string) members {
	if value == "" {
		return m
	}
	return m.text(name, value)
}

func (m members) number(name string, n int64) members { return strconv.AppendInt(m.name(name), n, 10) }

// since leaves 0 out, which is no time and no lifetime.
func (m members) since(name string, n int64) members {
	if n == 0 {
		return m
	}
	return m.number(name, n)
}

// texts leaves an empty list out.
func (m members) texts(name string, values []string) members {
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

// value writes what encoding/json makes of anything else.
func (m members) value(name string, v any) (members, error) {
	switch v := v.(type) {
	case string:
		return m.text(name, v), nil
	case bool:
		return strconv.AppendBool(m.name(name), v), nil
	case int64:
		return m.number(name, v), nil
	case json.RawMessage: // read by encoding/json before, so it is sound
		return append(m.name(name), v...), nil
	}
	raw, err := json.Marshal(v)
	return append(m.name(name), raw...), err
}

// all adds members that were not begun as an object.
func (m members) all(more members) members {
	if len(more) == 0 {
		return m
	}
	if m[len(m)-1] != '{' {
		m = append(m, ',')
	}
	return append(m, more...)
}

// end closes the object.
func (m members) end() []byte { return append(m, '}') }

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
