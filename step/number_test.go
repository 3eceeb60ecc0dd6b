package step

import (
	"slices"
	"testing"

	"github.com/soglia-sso/soglia/acr"
)

func TestPagesListANumberOnce(t *testing.T) {
	for _, row := range []struct{ offered, want []acr.Method }{
		{[]acr.Method{acr.TOTP, acr.SMS, acr.WhatsApp}, []acr.Method{acr.TOTP, acr.SMS}},
		{[]acr.Method{acr.WhatsApp}, []acr.Method{acr.WhatsApp}},
		{[]acr.Method{acr.TOTP}, []acr.Method{acr.TOTP}},
		{nil, nil},
	} {
		if got := Kinds(row.offered); !slices.Equal(got, row.want) {
			t.Errorf("of %v: %v", row.offered, got)
		}
	}
}
