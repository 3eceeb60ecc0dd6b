package user

import (
	"errors"
	"strings"

	"github.com/soglia-sso/soglia/phonenumber"
)

// ErrPhone: the text cannot be a telephone number.
var ErrPhone = errors.New("user: not a telephone number")

// CanonicalPhone is the E.164 form of a number written with its country's prefix. ErrPhone.
func CanonicalPhone(s string) (string, error) {
	if n, err := phonenumber.Parse(s, ""); err == nil {
		return n.String(), nil
	}
	// No number by the plan of its country. Imported ones are kept all the same, and take no codes.
	c := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -./()", r) {
			return -1
		}
		return r
	}, s)
	digits, ok := strings.CutPrefix(c, "+")
	if !ok || len(digits) < 7 || len(digits) > 15 || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return "", ErrPhone
	}
	return c, nil
}

// CanonicalContact is the form of an address of either channel, mail or telephone. ErrEmail, ErrPhone.
func CanonicalContact(s string) (string, error) {
	if strings.Contains(s, "@") {
		return CanonicalEmail(s)
	}
	return CanonicalPhone(s)
}

// WrittenContact is the form in which an address of either channel is kept, written to and told to panels. ErrEmail, ErrPhone.
func WrittenContact(s string) (string, error) {
	if !strings.Contains(s, "@") {
		return CanonicalPhone(s)
	}
	a, err := Email(s)
	if err != nil {
		return "", err
	}
	return a.String(), nil
}
