package user

import (
	"context"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxPassword is the longest password, in bytes as typed. Longer ones are refused before any work is done on them.
const MaxPassword = 1024

// Why says why a password was refused; the page shows the text "password.refused.<why>".
type Why string

// The reasons.
const (
	WhyEmpty     Why = "empty"
	WhyLong      Why = "too_long"  // more than MaxPassword bytes
	WhyCharacter Why = "character" // NUL, or not UTF-8
	WhyShort     Why = "too_short"
	WhyCommon    Why = "common"  // on the list of very common passwords
	WhyPattern   Why = "pattern" // a repetition or a keyboard or alphabet row
	WhyContext   Why = "context" // little more than the brand, the user name or the mail address
	WhySame      Why = "same"    // the current password
)

// Refused is a password that cannot be: as a new one, or (empty, too_long, character) at all.
type Refused struct{ Why Why }

func (e *Refused) Error() string { return "user: password refused: " + string(e.Why) }

// Normalise returns the form that is hashed: NFC, so that one password typed on two keyboards is one password. Nothing
// else is changed: white space stays, nothing is cut off (RFC 8265 §4.2). *Refused for what no password can be.
func Normalise(password string) (string, error) {
	switch {
	case password == "":
		return "", &Refused{WhyEmpty}
	case len(password) > MaxPassword:
		return "", &Refused{WhyLong}
	case strings.ContainsRune(password, 0), !utf8.ValidString(password):
		return "", &Refused{WhyCharacter}
	}
	return norm.NFC.String(password), nil
}

// About is what a new password is judged against.
type About struct {
	Min       int      // fewest bytes after NFC (config.Password.Min)
	Brand     string   // config.Branding.Name
	Username  string   // of its owner
	Addresses []string // mail addresses of its owner
	Current   string   // PHC string of the password it replaces; "" = none
}

// NewPassword judges a new password and returns its PHC string, to be given to [Create] or [SetPassword]. It hashes, so
// call it outside of any transaction. *Refused with the reason; ErrBusy.
//
// There are no composition rules (NIST SP 800-63B §3.1.1.2, ASVS 6.2.5).
func (h *Hasher) NewPassword(ctx context.Context, password string, about About) (string, error) {
	p, err := Normalise(password)
	if err != nil {
		return "", err
	}
	if len(p) < about.Min {
		return "", &Refused{WhyShort}
	}
	if why := guessable(p, about); why != "" {
		return "", &Refused{why}
	}
	place, err := h.Place(ctx)
	if err != nil {
		return "", err
	}
	defer place.Done()
	if about.Current != "" {
		if same, _ := place.Verify(about.Current, p); same {
			return "", &Refused{WhySame}
		}
	}
	return place.Hash(p), nil
}
