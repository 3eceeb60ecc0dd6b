package stepup

import (
	"fmt"
	"slices"
)

// Levels are values of acr, weakest first.
type Levels []string

// Suffice reports whether a sign-in at level have may enter where want is asked: the same level, or one that stands behind
// it in the list. A level that the list does not know suffices for itself alone; an empty one for nothing.
func (l Levels) Suffice(have, want string) bool {
	if have == "" || want == "" {
		return false
	}
	if have == want {
		return true
	}
	floor := slices.Index(l, want)
	return floor >= 0 && slices.Index(l, have) > floor
}

func (l Levels) valid() error {
	for i, name := range l {
		if !plain(name) || slices.Contains(l[:i], name) {
			return fmt.Errorf("stepup: level %q stands twice, or is no acr value", name)
		}
	}
	return nil
}

// plain reports whether s can stand in a list of acr values or scopes in a challenge as it is (RFC 6750 §3: %x21 / %x23-5B /
// %x5D-7E).
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x21 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return s != ""
}
