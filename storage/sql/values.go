package sql

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// micros is how a time is kept: microseconds since 1970 in UTC; 0 is the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(micro int64) time.Time {
	if micro == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micro).UTC()
}

// instant scans a time.
type instant struct{ t *time.Time }

func (i instant) Scan(v any) error {
	n, _ := v.(int64)
	*i.t = moment(n)
	return nil
}

// textFunc scans a text.
type textFunc func(string)

func (f textFunc) Scan(v any) error {
	s, _ := v.(string)
	f(s)
	return nil
}

// blob keeps empty bytes as NULL.
func blob(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// text keeps JSON readable for operators; nil is "".
func text(b []byte) string { return string(b) }

func bytesOf(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}

// words are kept with spaces between them: scopes (RFC 6749 §3.3) and amr values have none inside.
func words(s []string) string { return strings.Join(s, " ") }

func wordsOf(s string) []string { return strings.Fields(s) }

// list is kept as a JSON array: mail addresses may have anything inside.
func list(s []string) string {
	if len(s) == 0 {
		return ""
	}
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(b)
}

// addressSeparator stands between addresses that a statement puts together: none has a line break inside.
const addressSeparator = "\n"

// merge adds to a list what it lacks of others.
func merge(list []string, others string) []string {
	for o := range strings.SplitSeq(others, addressSeparator) {
		if o != "" && !slices.Contains(list, o) {
			list = append(list, o)
		}
	}
	return list
}

func listOf(s string) []string {
	var out []string
	if s != "" && json.Unmarshal([]byte(s), &out) != nil {
		return nil
	}
	return out
}
