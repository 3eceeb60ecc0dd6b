package web

import (
	"crypto/hmac"
	"encoding/base64"
	"net/http"
)

// Subject says where a form takes from whose account it acts on.
type Subject int

// The subjects. A page's POST without one is a mistake of the program, which [Site.Mux] refuses.
const (
	NoSubject  Subject = iota
	FromForm           // the form names the account, or there is none
	FromCookie         // a cookie does (session, quarantine, mailed link): the form carries [Site.Shown], the handler asks [Site.Shows]
)

// shownField is the hidden field that says whom a page showed.
const shownField = "shown"

// Shown is the tag that a form carries of whom its page showed: a keyed hash of about, the same on all instances. A
// browser has one cookie of each kind, so another tab may have put another account behind it since (Q01).
func (s *Site) Shown(about ...string) string {
	if s.box == nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(s.box.MAC(append([]string{"shown"}, about...)...)[:16])
}

// Shows reports whether the posted form carries the tag of about: what the cookie leads to now is what the page showed.
// The error is [Form]'s.
func (s *Site) Shows(w http.ResponseWriter, r *http.Request, about ...string) (bool, error) {
	form, err := Form(w, r)
	if err != nil {
		return false, err
	}
	got := form[shownField]
	return len(got) == 1 && hmac.Equal([]byte(got[0]), []byte(s.Shown(about...))), nil
}

// ErrOtherAccount is the answer to a form whose page showed another account than the cookie leads to now. Nothing was
// done.
var ErrOtherAccount = &Error{Status: http.StatusConflict, Code: "other_account", Message: "other_account"}
