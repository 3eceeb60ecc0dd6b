package user_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/phonenumber"
	"github.com/soglia-sso/soglia/user"
)

// What an operator's system files is one number however it is written. Numbers that no code goes to, and those outside of every
// plan, are kept as they were before numbers were read by plans.
func TestNumbersOnFileHaveOneForm(t *testing.T) {
	for written, want := range map[string]string{
		"+39 333 1234567": "+393331234567", "+39.3331234567": "+393331234567", "0039 (333) 123-4567": "+393331234567", "+393331234567": "+393331234567",
		"+39 02 1234 5678": "+390212345678", "+44 (0)20 7123 4567": "+442071234567", "+1 415 555 2671": "+14155552671", "+39 899 123456": "+39899123456",
		"+399999999": "+399999999", "+999 1234567": "+9991234567",
	} {
		got, err := user.CanonicalContact(written)
		if err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", written, got, err, want)
		}
		if again, err := user.WrittenContact(got); err != nil || again != got {
			t.Errorf("%q is written as %q, %v", got, again, err)
		}
	}
	for _, written := range []string{
		"", "3331234567", "+", "+39", "+039 333 1234567", "+39 333 CALL ME", "+39 333 1234567 int. 5", "+39 333 1234567\x00", "+12345678901234567", "4242", "+4242",
		"+" + strings.Repeat("3", 1<<20), strings.Repeat("(", 1<<20),
	} {
		if got, err := user.CanonicalPhone(written); !errors.Is(err, user.ErrPhone) {
			t.Errorf("%.40q: %q, %v", written, got, err)
		}
	}
	for _, onFile := range []string{"+399999999", "+9991234567", "+390212345678", "+39899123456"} {
		if _, ok := phonenumber.Mobile(onFile); ok {
			t.Errorf("codes go to %s", onFile)
		}
	}
}
