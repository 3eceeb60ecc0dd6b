package cases

import (
	"net/http"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// inTurns is an arena with one instance on SQLite, for tests that take turns.
func inTurns(t *testing.T, f func(*testing.T, *arena), opts ...servertest.Option) {
	t.Helper()
	servertest.Run(t, func(t *testing.T, w *servertest.World) { f(t, &arena{World: w, t: t}) },
		append([]servertest.Option{servertest.With(throughProxy)}, opts...)...)
}

// granted are the tokens of a fresh grant.
func (a *arena) granted(b *servertest.Browser, rp *servertest.RP, params ...string) tokens {
	a.t.Helper()
	return a.got(redemption(rp, a.code(b, rp, params...)))
}

// got are the tokens of a request that must succeed.
func (a *arena) got(ask probe) tokens {
	a.t.Helper()
	got := a.prober(rivals).send(ask)
	want(a.t, ask.target, got.status, http.StatusOK)
	return got.tokens()
}

// refused is a request that must be answered so.
func (a *arena) refused(what string, ask probe, says string) {
	a.t.Helper()
	want(a.t, what, a.prober(rivals).send(ask).says(), says)
}

func (a *arena) active(rp *servertest.RP, token string) bool {
	a.t.Helper()
	return a.got(ofPanel(rp, "/introspect", "token", token)).Active
}

// rotated replaces everybody's refresh tokens, without leeway or with the usual one.
func rotated(leeway time.Duration) servertest.Option {
	return servertest.With(func(f *config.File) { f.Refresh = config.FileRefresh{Rotate: "always", Leeway: &leeway} })
}

// D01: any used token of a chain ends the chain, however old it is and however long ago it was used; the alert and the mail
// come once. What else the person has, in the same session too, goes on.
func TestD01AnyUsedTokenOfAChainEndsThatChainAndNoOther(t *testing.T) {
	for name, c := range map[string]struct {
		again int           // which token of the chain comes back
		after time.Duration // how much later
		scope string
	}{
		"the last but one, late":            {again: 2, after: 11 * time.Second, scope: "openid"},
		"one before it, at once":            {again: 1, scope: "openid"},
		"the first":                         {again: 0, after: time.Minute, scope: "openid"},
		"long after its access token ended": {again: 1, after: 3 * time.Hour, scope: "openid"},
		"offline, opaque access tokens":     {again: 1, after: 5 * time.Hour, scope: "openid offline_access dns"},
	} {
		t.Run(name, func(t *testing.T) {
			inTurns(t, func(t *testing.T, a *arena) {
				b := a.Browser("dora")
				a.SignedIn(b, a.RP1, a.U2, "acr_values", "mfa")
				other := a.granted(b, a.RP1)
				chain := []tokens{a.granted(b, a.RP1, "scope", c.scope)}
				for i := range 3 {
					chain = append(chain, a.got(renewal(a.RP1, chain[i].Refresh)))
				}
				time.Sleep(c.after)
				mails := len(a.Mails(a.U2.Email))
				live := chain[3]
				want(t, "alive before", a.active(a.RP1, live.Refresh), true)
				a.refused("the used one", renewal(a.RP1, chain[c.again].Refresh), "400 invalid_grant")
				for _, each := range chain {
					a.dead("the chain", a.RP1, each)
				}
				want(t, "alerts", len(a.Records("token.reuse")), 1)
				recorded(t, a.World, "token.reuse", storage.Event{Outcome: "fail", Reason: "refresh_reuse", ClientID: a.RP1.Client, PersonID: a.U2.ID})
				want(t, "mails", len(a.Mails(a.U2.Email))-mails, 1)
				a.got(renewal(a.RP1, other.Refresh))
				want(t, "the session", a.code(b, a.RP1) != "", true)
			}, rotated(10*time.Second))
		})
	}
}

// A used token is a secret of one panel's: in the hands of another it proves nothing, and ends nothing.
func TestD01AUsedTokenInAnotherPanelsHandsEndsNothing(t *testing.T) {
	inTurns(t, func(t *testing.T, a *arena) {
		b := a.Browser("dora")
		a.SignedIn(b, a.RP1, a.U2)
		first := a.granted(b, a.RP1)
		next := a.got(renewal(a.RP1, first.Refresh))
		a.refused("of another panel", renewal(a.RP2, first.Refresh), "400 invalid_grant")
		a.refused("of nobody", probe{method: http.MethodPost, target: "/token", body: renewal(a.RP1, first.Refresh).body}, "401 invalid_client")
		want(t, "told active of a used one", a.active(a.RP1, first.Refresh), false)
		want(t, "alerts", len(a.Records("token.reuse")), 0)
		a.got(renewal(a.RP1, next.Refresh))
	}, rotated(0))
}
