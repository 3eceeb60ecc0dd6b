package cases

import (
	"net/url"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// E16: a step-up serves every panel until it lapses, and whoever takes acr_values out of the request on its way through
// the browser gets what was proved and no more, wherever it is read.
func TestE16AStepUpLastsToItsLimitAndATamperedRequestGetsNoMoreThanWasProved(t *testing.T) {
	inTurns(t, func(t *testing.T, a *arena) {
		b := a.Browser("dora")
		a.SignedIn(b, a.RP1, a.U2)
		for name, change := range map[string]url.Values{"removed": {}, "lowered": {"acr_values": {"sfa"}}, "unknown": {"acr_values": {"urn:x"}}} {
			var pairs []string
			for k := range change {
				pairs = append(pairs, k, change.Get(k))
			}
			got := a.granted(b, a.RP1, append(pairs, "scope", "openid dns")...)
			said := a.prober(0).send(ofPanel(a.RP1, "/introspect", "token", got.Access)).body
			want(t, name+": acr", member(t, said, "acr"), any("sfa"))
			want(t, name+": acr of the ID token", member(t, payload(t, got.ID), "acr"), any("sfa"))
			want(t, name+": scope", member(t, said, "scope"), any("openid"))
		}
		b.Open(a.RP1.Login("acr_values", "mfa")).GiveCode(a.Code(a.U2.Email))
		mails := a.Codes(a.U2.Email)
		for range 3 {
			time.Sleep(9 * time.Minute)
			b.Open(a.RP2.Login("acr_values", "mfa", "prompt", "none"))
			want(t, "within the limit", a.RP2.Last().Acr(), "mfa")
		}
		time.Sleep(4 * time.Minute)
		b.Open(a.RP2.Login("acr_values", "mfa", "prompt", "none"))
		want(t, "beyond it", a.RP2.Last().Error, "interaction_required")
		b.Open(a.RP2.Login("prompt", "none"))
		want(t, "the session stays", a.RP2.Last().Acr(), "sfa")
		want(t, "codes", a.Codes(a.U2.Email), mails)
		b.Open(a.RP2.Login("acr_values", "mfa")).WantStep("otp")
		want(t, "records of a step", len(a.Records("mfa.ok")), 1)
	}, servertest.With(func(f *config.File) {
		for i := range f.Acr {
			if f.Acr[i].Name == "mfa" {
				f.Acr[i].Lasts = config.SessionOrDuration(30 * time.Minute)
			}
		}
	}))
}
