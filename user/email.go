package user

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// ErrEmail: the text cannot be a mail address (see [CanonicalEmail]).
var ErrEmail = errors.New("user: not a mail address")

var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true), idna.Transitional(false))

// CanonicalEmail returns the form by which addresses are compared: NFC and lower case, the domain as A-labels (RFC 5890)
// without trailing dot. Dots and plus signs of the local part are kept: what they mean is for the mailbox's provider to
// say (RFC 5321 §2.3.11), and only the decision guesses, to be careful (`acr/mailbox.go`). Quoted local parts, address
// literals and addresses above 254 bytes are refused. It is idempotent. ErrEmail otherwise.
func CanonicalEmail(s string) (string, error) {
	s = Trim(s)
	if len(s) > maxTyped || !utf8.ValidString(s) {
		return "", ErrEmail
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 {
		return "", ErrEmail
	}
	local := norm.NFC.String(s[:at])
	if strings.ContainsFunc(local, lowersToASCII) {
		return "", ErrEmail
	}
	local = norm.NFC.String(strings.ToLower(local))
	if local != norm.NFC.String(strings.ToLower(local)) || !dotAtom(local) || len(local) > 64 {
		return "", ErrEmail
	}
	domain, err := domains.ToASCII(s[at+1:])
	domain = strings.TrimSuffix(domain, ".") // only now: other full stops have become this one
	if err != nil || !strings.Contains(domain, ".") || strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") {
		return "", ErrEmail
	}
	c := local + "@" + domain
	if len(c) > 254 {
		return "", ErrEmail
	}
	return c, nil
}

// lowersToASCII: a capital I with a dot (U+0130) lowers to a plain i. Its owner's mailbox is not that of whoever has the i,
// so who proves the one must not have proved the other.
func lowersToASCII(r rune) bool { return r >= utf8.RuneSelf && unicode.ToLower(r) < utf8.RuneSelf }

// dotAtom accepts RFC 5322 §3.2.3 dot-atom-text, widened to visible non-ASCII characters (RFC 6531 §3.3).
func dotAtom(local string) bool {
	if strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..") {
		return false
	}
	for _, r := range local {
		switch {
		case r == '.', 'a' <= r && r <= 'z', '0' <= r && r <= '9', strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r):
		case r >= utf8.RuneSelf && nameRune(r):
		default:
			return false
		}
	}
	return local != ""
}
