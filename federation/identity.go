package federation

import (
	"errors"
	"time"
)

// The errors of Begin and Finish. What is wrapped beside them is for the log only; it is bounded and holds no secret.
var (
	ErrUnknown     = errors.New("federation: no such provider")
	ErrUnavailable = errors.New("federation: provider unavailable") // answer 502
	ErrDenied      = errors.New("federation: declined at the provider")
	ErrInvalid     = errors.New("federation: answer cannot be trusted") // answer 400: start again
)

// Identity is who the provider says it is. Only Provider and Subject identify: mail addresses move and are recycled
// (OIDC Core §5.7).
type Identity struct {
	Provider string
	Subject  string // at most 255 ASCII characters (OIDC Core §2)
	Emails   []Email
	Name     Name
	AuthTime time.Time // zero = not said
	Acr      string
	Amr      []string
}

// Email is an address the provider reported, as it wrote it.
type Email struct {
	Address  string
	Verified bool // only the JSON value true; a string or null is no
	// Authoritative: the provider runs the mailbox, so that its word is as good as a code that came back from there.
	Authoritative bool
}

// Name holds the claims that can fill a new profile; bounded, without control characters, not checked otherwise.
type Name struct {
	Name              string
	GivenName         string
	FamilyName        string
	PreferredUsername string
	Locale            string
}
