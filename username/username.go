// Package username has the one form of a user name: for user, which keeps it, and for config, which names people.
//
// Easy to get wrong: what looks the same. Two names that one cannot tell apart on a screen must have one form, or one is
// taken for the other.
package username

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Max is the most characters of a user name in its canonical form.
const Max = 64

const maxTyped = 512 // bytes of raw input worth normalising

// Canonical returns the form by which user names are compared and kept unique: NFKC, full case folding, what
// nobody sees around it removed (after the UsernameCaseMapped profile of RFC 8265 §3.3, but lenient about scripts). It is
// between 1 and 64 characters long and has no white space, control, format, private or unassigned characters.
// It is idempotent. ok is false for a text that cannot be a user name.
func Canonical(s string) (canonical string, ok bool) {
	if len(s) > maxTyped || !utf8.ValidString(s) {
		return "", false
	}
	c := s
	// Folding can undo normalisation and the other way round (RFC 8264 §7, last paragraph): repeat until it is stable.
	for range 4 {
		next := norm.NFKC.String(cases.Fold().String(norm.NFKC.String(Trim(c))))
		if next == c {
			break
		}
		c = next
	}
	if c != norm.NFKC.String(cases.Fold().String(c)) {
		return "", false
	}
	n := 0
	for _, r := range c {
		if !nameRune(r) {
			return "", false
		}
		n++
	}
	if n == 0 || n > Max {
		return "", false
	}
	return c, true
}

// Trim takes off what pasted text has at its ends and nobody sees: white space, zero-width characters and byte order
// marks. Inside a text they are refused.
func Trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("\u200b\u200c\u200d\u2060\ufeff", r)
	})
}

// nameRune: what one sees and can retype. Cf holds the bidirectional controls and zero-width characters by which two
// names look alike.
func nameRune(r rune) bool {
	return r != utf8.RuneError && unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S)
}
