package mfa

import (
	"errors"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/storage"
)

// G12: an enrolment begun in the place of a factor is good for that swap only. One that is refused leaves the factor and the reserve
// codes as they were; the one that is done takes both.
func TestG12AnEnrolmentIsGoodForTheActItWasBegunFor(t *testing.T) {
	onEachEngine(t, func(t *testing.T, b *bench) {
		q, _ := b.enrol()
		old := q.Credential
		if err := b.store.PutRecoveryCodes(t.Context(), b.person.ID, [][]byte{[]byte("a")}, b.now); err != nil {
			t.Fatal(err)
		}
		b.reload()
		begun := Question{Person: b.person, Method: acr.TOTP, Replaces: old, Now: b.now}
		e, err := b.Enrol(t.Context(), b.store, begun, "")
		if err != nil {
			t.Fatal(err)
		}
		begun.Credential = e.FactorID
		code := codes(t, e.App.Key)(b.now)
		confirm := func(q Question) Verdict {
			t.Helper()
			var v Verdict
			err := b.store.Tx(t.Context(), func(r storage.Records) (err error) {
				v, err = b.Confirm(t.Context(), r, Try{Question: q, Form: Typed(code)}, time.Time{})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		still := func(what string, v Verdict) {
			t.Helper()
			b.reload()
			if !is(v, ErrExpired) || len(b.person.Factors) != 1 || b.person.Factors[0].ID != old || b.person.RecoveryCodes != 1 {
				t.Errorf("%s: %+v, factors %v, %d reserve codes", what, v, b.person.Factors, b.person.RecoveryCodes)
			}
		}
		for what, replaces := range map[string]string{"beside the old one": "", "in the place of another": "another"} {
			wrong := begun
			wrong.Replaces = replaces
			still(what, confirm(wrong))
			if _, err := b.Pending(t.Context(), b.store, wrong); !errors.Is(err, ErrNoFactor) {
				t.Errorf("%s its key is shown: %v", what, err)
			}
		}
		off, err := b.store.Factor(t.Context(), b.person.ID, old)
		if err != nil {
			t.Fatal(err)
		}
		off.Disabled = true
		if err := b.store.PutFactor(t.Context(), off); err != nil {
			t.Fatal(err)
		}
		still("with the old one off", confirm(begun))
		off.Disabled = false
		if err := b.store.PutFactor(t.Context(), off); err != nil {
			t.Fatal(err)
		}
		if v := confirm(begun); !v.OK {
			t.Fatalf("%+v", v)
		}
		b.reload()
		if len(b.person.Factors) != 1 || b.person.Factors[0].ID != e.FactorID || b.person.RecoveryCodes != 0 {
			t.Errorf("factors %v, %d reserve codes", b.person.Factors, b.person.RecoveryCodes)
		}
		if v := confirm(begun); !is(v, ErrExpired) {
			t.Errorf("a second time: %+v", v)
		}
	})
}
