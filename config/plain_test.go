package config

import (
	"slices"
	"testing"

	"github.com/soglia-sso/soglia/acr"
)

func TestAnOwnFactorWithoutASectionIsThereWhereALevelAcceptsIt(t *testing.T) {
	app := []field{{key: "totp"}}
	for name, c := range map[string]struct {
		sections []field
		second   []acr.Method
		want     []acr.Method
	}{
		"it has a section":        {app, []acr.Method{acr.TOTP, acr.Email}, nil},
		"no level accepts it":     {nil, []acr.Method{acr.Email, acr.Recovery}, nil},
		"a level accepts it":      {nil, []acr.Method{acr.TOTP, acr.Email}, []acr.Method{acr.TOTP}},
		"a level accepts another": {app, []acr.Method{acr.Passkey}, []acr.Method{acr.Passkey}},
	} {
		b := &builder{policy: &acr.Policy{Levels: []acr.Level{{Name: "sfa"}, {Name: "mfa", Second: c.second}}}}
		if b.plainFactors(c.sections); !slices.Equal(b.policy.Enrollable, c.want) {
			t.Errorf("%s: %v", name, b.policy.Enrollable)
		}
	}
}
