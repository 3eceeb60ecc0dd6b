// Package mailaddress is the form of mail addresses: the one that is checked is the one that is kept, compared, written to
// and told to panels.
//
// It owns what an address may look like. It leaves to user which addresses people may have, and to notify how a mail gets
// there.
//
// Easy to get wrong: a second form. An address that is checked as A-labels and sent as it was typed is refused by mail
// servers long after the page said that the mail was sent (Q23).
package mailaddress

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Err: the text is no mail address.
var Err = errors.New("mailaddress: not a mail address")

// Address is a mail address in the one form of all uses.
type Address struct {
	Local  string // as typed, in NFC: what capitals mean is for the mailbox's provider to say (RFC 5321 §2.4)
	Domain string // A-labels (RFC 5890) in lower case, without trailing dot
}

// String is the form to write to and to tell.
func (a Address) String() string { return a.Local + "@" + a.Domain }

// Canonical is the form by which addresses are compared: all in lower case. Dots and plus signs of the local part are kept:
// what they mean is for the mailbox's provider to say (RFC 5321 §2.3.11), and only the decision guesses, to be careful
// (`acr/mailbox.go`).
func (a Address) Canonical() string { return lower(a.Local) + "@" + a.Domain }

// ASCII reports whether every mail server takes the address; any other needs one with SMTPUTF8 (RFC 6531).
func (a Address) ASCII() bool { return ascii(a.Local) }

var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true), idna.Transitional(false))

// Parse reads an address and nothing else: no name beside it, no white space around it. Quoted local parts, address literals
// and addresses above 254 bytes are refused. What it makes parses to the same. Err otherwise.
func Parse(s string) (Address, error) {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || len(s) > 1024 || !utf8.ValidString(s) {
		return Address{}, Err
	}
	local := norm.NFC.String(s[:at])
	if strings.ContainsFunc(local, lowersToASCII) || lower(local) != lower(lower(local)) || !dotAtom(lower(local)) ||
		max(len(local), len(lower(local))) > 64 {
		return Address{}, Err
	}
	domain, err := domains.ToASCII(s[at+1:])
	domain = strings.TrimSuffix(domain, ".") // only now: other full stops have become this one
	if err != nil || domain == "" || strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") {
		return Address{}, Err
	}
	if top := domain[strings.LastIndexByte(domain, '.')+1:]; strings.Trim(top, "0123456789") == "" {
		return Address{}, Err // an IP address, which would stand in brackets (RFC 5321 §4.1.3)
	}
	a := Address{local, domain}
	if max(len(a.String()), len(a.Canonical())) > 254 {
		return Address{}, Err
	}
	return a, nil
}

func lower(local string) string { return norm.NFC.String(strings.ToLower(local)) }

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// lowersToASCII: a capital I with a dot (U+0130) lowers to a plain i. Its owner's mailbox is not that of whoever has the i,
// so who proves the one must not have proved the other.
func lowersToASCII(r rune) bool { return r >= utf8.RuneSelf && unicode.ToLower(r) < utf8.RuneSelf }

// dotAtom accepts RFC 5322 §3.2.3 dot-atom-text in lower case, widened to visible characters beyond ASCII (RFC 6531 §3.3).
func dotAtom(local string) bool {
	if strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..") {
		return false
	}
	for _, r := range local {
		switch {
		case r == '.', 'a' <= r && r <= 'z', '0' <= r && r <= '9', strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r):
		case r >= utf8.RuneSelf && r != utf8.RuneError && unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S):
		default:
			return false
		}
	}
	return true
}
