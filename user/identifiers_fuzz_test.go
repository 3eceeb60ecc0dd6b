package user

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/soglia-sso/soglia/username"
)

// FuzzCanonicalFormsAreStable: a canonical form is its own canonical form, is of bounded length, and belongs to one name
// and one mailbox: for plain ASCII an oracle says which texts are the same, and a text beyond ASCII never becomes somebody's
// plain address.
func FuzzCanonicalFormsAreStable(f *testing.F) {
	for _, s := range []string{
		"Mario", "ﬁ@Straße.de", "ΐ", "ʼn", "İ", "a@b.c", "\u1e9b\u0323", "ǰ@x.y", "\u0345α", "0@0..", "0@0.。", "İ@example.com", "\u212a@example.com",
		"\u1fef@example.com", strings.Repeat("\ufdfa", 5), "a@ⓔxample.com", "a@xn--a.com", "ß@example.com", "ſ@example.com", "a@faß.de",
	} {
		f.Add(s, strings.ToUpper(s))
		f.Add(s, "mario@example.com")
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		a, errA := CanonicalUsername(one)
		b, errB := CanonicalUsername(two)
		if errA == nil {
			if again, err := CanonicalUsername(a); err != nil || again != a {
				t.Errorf("user name %q → %q → %q, %v", one, a, again, err)
			}
			if n := utf8.RuneCountInString(a); n < 1 || n > username.Max {
				t.Errorf("user name %q has %d characters", a, n)
			}
			if up, err := CanonicalUsername(strings.ToUpper(a)); err == nil && len(up) == len(a) && strings.ToLower(strings.ToUpper(a)) == a && up != a {
				t.Errorf("upper case of %q is somebody else: %q", a, up)
			}
		}
		if errA == nil && errB == nil && ascii(one) && ascii(two) && (a == b) != strings.EqualFold(strings.TrimSpace(one), strings.TrimSpace(two)) {
			t.Errorf("user names %q and %q: %q, %q", one, two, a, b)
		}
		sameMailbox(t, one, two)
	})
}

func sameMailbox(t *testing.T, one, two string) {
	a, errA := CanonicalEmail(one)
	b, errB := CanonicalEmail(two)
	if errA != nil {
		return
	}
	if again, err := CanonicalEmail(a); err != nil || again != a {
		t.Errorf("address %q → %q → %q, %v", one, a, again, err)
	}
	if len(a) > 254 || strings.Count(a, "@") != 1 || strings.ContainsAny(a, "\r\n\x00 ,<>\"") {
		t.Errorf("address %q can break a header", a)
	}
	local, domain, _ := strings.Cut(a, "@")
	typed := strings.TrimSpace(one)
	typed = typed[:strings.LastIndexByte(typed, '@')]
	if ascii(local) && !ascii(typed) && !decomposes(typed) {
		t.Errorf("%q is another mailbox than %q", typed, a)
	}
	if !ascii(domain) {
		t.Errorf("domain %q is no A-label", domain)
	}
	if errB == nil && ascii(one) && ascii(two) && (a == b) != strings.EqualFold(dotless(one), dotless(two)) {
		t.Errorf("addresses %q and %q: %q, %q", one, two, a, b)
	}
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// dotless drops the root's full stop, which changes nothing.
func dotless(s string) string { return strings.TrimSuffix(strings.TrimSpace(s), ".") }

// decomposes reports whether all of s beyond ASCII are the three characters that Unicode defines as other spellings of
// ASCII ones (singleton decompositions): Kelvin sign, Greek question mark and Greek varia.
func decomposes(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf && !strings.ContainsRune("\u212a\u037e\u1fef", r) })
}
