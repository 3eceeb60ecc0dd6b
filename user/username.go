package user

import (
	"errors"

	"github.com/soglia-sso/soglia/username"
)

// ErrUsername: the text cannot be a user name (see [username.Canonical]).
var ErrUsername = errors.New("user: not a user name")

// CanonicalUsername returns the form by which user names are compared and kept unique. ErrUsername.
func CanonicalUsername(s string) (string, error) {
	c, ok := username.Canonical(s)
	if !ok {
		return "", ErrUsername
	}
	return c, nil
}

// Trim takes off what nobody sees at the ends of a text; see [username.Trim].
func Trim(s string) string { return username.Trim(s) }
