package user

import (
	"errors"
	"strings"

	"github.com/soglia-sso/soglia/mailaddress"
)

// ErrEmail: the text cannot be a person's mail address (see [Email]).
var ErrEmail = errors.New("user: not a mail address")

// Email reads a person's mail address as it was typed. Its domain has a dot: nobody is written to on a machine without one.
// ErrEmail.
func Email(s string) (mailaddress.Address, error) {
	a, err := mailaddress.Parse(Trim(s))
	if err != nil || !strings.Contains(a.Domain, ".") {
		return mailaddress.Address{}, ErrEmail
	}
	return a, nil
}

// CanonicalEmail returns the form by which addresses are compared ([mailaddress.Address.Canonical]). It is idempotent.
// ErrEmail.
func CanonicalEmail(s string) (string, error) {
	a, err := Email(s)
	if err != nil {
		return "", err
	}
	return a.Canonical(), nil
}
