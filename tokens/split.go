package tokens

import "bytes"

// member is one of an object of JSON, as it stands there.
type member struct{ name, value []byte }

// empty reports whether there is nothing to tell.
func (m member) empty() bool {
	switch string(m.value) {
	case "", "null", `""`, "{}", "[]":
		return true
	}
	return false
}

// membersOf adds the members of a sound object to a list; of anything else there are none. Nothing of their values is read
// but where they end: encoding/json would take longer than the rest of an answer of userinfo. Names are ours and hold no
// escapes.
func membersOf(list []member, object []byte) []member {
	if object = bytes.TrimSpace(object); len(object) == 0 || object[0] != '{' {
		return list
	}
	for i := 1; ; {
		start := bytes.IndexByte(object[i:], '"')
		if start < 0 {
			return list
		}
		i += start
		end := endOfText(object, i)
		name := object[i+1 : end-1]
		i = end + bytes.IndexByte(object[end:], ':') + 1
		end = endOfValue(object, i)
		list = append(list, member{name, bytes.TrimSpace(object[i:end])})
		i = end
	}
}

// endOfText is where the text that begins at i ends.
func endOfText(in []byte, i int) int {
	for i++; in[i] != '"'; i++ {
		if in[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// endOfValue is where the value that begins at i ends, in an object.
func endOfValue(in []byte, i int) int {
	for depth := 0; ; i++ {
		switch in[i] {
		case '"':
			if i = endOfText(in, i); depth == 0 {
				return i
			}
			i--
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return i
			}
			if depth == 0 {
				return i + 1
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
}
