package cases

import (
	"net/http"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// Q43: panels refresh from several processes at once, and repeat what got no answer. A confidential client proves itself each
// time, so its token is worth nothing to a thief: it stays (RFC 9700 §4.14.2), and nobody is alarmed.
func TestQ43AConfidentialClientsRefreshTokenStays(t *testing.T) {
	inArenas(t, func(a *arena) {
		b := a.Browser("dora")
		a.SignedIn(b, a.RP1, a.U2)
		first := a.granted(b, a.RP1, "scope", "openid offline_access")
		mails := len(a.Mails(a.U2.Email))
		answers := a.atOnce(rivals, func(_ int, p *prober) *answer { return p.send(renewal(a.RP1, first.Refresh)) })
		a.tally("refreshes", answers, map[string]int{"200": rivals})
		time.Sleep(time.Hour)
		for range 3 {
			want(a.t, "the token", a.got(renewal(a.RP1, first.Refresh)).Refresh, first.Refresh)
		}
		want(a.t, "alerts", len(a.Records("token.reuse")), 0)
		want(a.t, "mails", len(a.Mails(a.U2.Email))-mails, 0)
		// One record a day; the metric counts them all.
		want(a.t, "records", len(a.Records("token.refreshed")), 1)
		recorded(a.t, a.World, "token.refreshed", storage.Event{Outcome: "ok", ClientID: a.RP1.Client, PersonID: a.U2.ID})
		time.Sleep(24 * time.Hour)
		a.got(renewal(a.RP1, first.Refresh))
		a.got(renewal(a.RP1, first.Refresh))
		want(a.t, "records on the second day", len(a.Records("token.refreshed")), 2)
	})
}

// Q43, Q71: a public client's token is replaced at each use. For some seconds from the first use the last one gives the same
// successor again, to whoever of its client's processes comes late; afterwards, or once the successor was used, it is reuse.
func TestQ43Q71APublicClientsRivalsAllGetTheOneSuccessor(t *testing.T) {
	inArenas(t, func(a *arena) {
		b := a.Browser("dora")
		a.SignedIn(b, a.RP1, a.U2)
		first := a.public(b)
		mails := len(a.Mails(a.U2.Email))
		answers := a.atOnce(rivals, func(_ int, p *prober) *answer { return p.send(renewal(a.RP3, first.Refresh)) })
		a.tally("refreshes", answers, map[string]int{"200": rivals})
		next := answers[0].tokens()
		want(a.t, "it is another token", next.Refresh != first.Refresh && next.Refresh != "", true)
		for _, each := range answers {
			want(a.t, "the successor", each.tokens().Refresh, next.Refresh)
			want(a.t, "userinfo", a.userinfo(each.tokens()), http.StatusOK)
		}
		time.Sleep(6 * time.Second)
		want(a.t, "six seconds later", a.got(renewal(a.RP3, first.Refresh)).Refresh, next.Refresh)
		want(a.t, "alerts", len(a.Records("token.reuse")), 0)
		recorded(a.t, a.World, "token.refreshed", storage.Event{Outcome: "ok", Reason: "leeway", ClientID: a.RP3.Client, PersonID: a.U2.ID})
		time.Sleep(5 * time.Second) // eleven from the first use: a repeat does not make it longer
		a.refused("after the leeway", renewal(a.RP3, first.Refresh), "400 invalid_grant")
		a.refused("the family", renewal(a.RP3, next.Refresh), "400 invalid_grant")
		want(a.t, "alerts", len(a.Records("token.reuse")), 1)
		want(a.t, "mails", len(a.Mails(a.U2.Email))-mails, 1)
	})
}

// Q43 for the thief of a public client's token: the leeway is for one token only, its client, and while nobody went on.
func TestQ43TheLeewayIsForTheLastTokenAndItsClientOnly(t *testing.T) {
	for name, c := range map[string]struct {
		steals func(a *arena, chain []tokens)
		dies   bool
	}{
		"the last one, at once": {func(a *arena, chain []tokens) {
			want(a.t, "the successor", a.got(renewal(a.RP3, chain[1].Refresh)).Refresh, chain[2].Refresh)
		}, false},
		"one before the last": {func(a *arena, chain []tokens) {
			a.refused("it", renewal(a.RP3, chain[0].Refresh), "400 invalid_grant")
		}, true},
		"after a sign-out everywhere": {func(a *arena, chain []tokens) {
			if _, err := a.Store.EndSessions(a.t.Context(), storage.SessionEnd{PersonID: a.U2.ID, Offline: true, Now: a.Store.Now()}); err != nil {
				a.t.Fatal(err)
			}
			a.refused("it", renewal(a.RP3, chain[1].Refresh), "400 invalid_grant")
		}, true},
		"by another client": {func(a *arena, chain []tokens) {
			a.refused("it", renewal(a.RP1, chain[1].Refresh), "400 invalid_grant")
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			inTurns(t, func(t *testing.T, a *arena) {
				b := a.Browser("dora")
				a.SignedIn(b, a.RP1, a.U2)
				chain := []tokens{a.public(b)}
				for i := range 2 {
					chain = append(chain, a.got(renewal(a.RP3, chain[i].Refresh)))
				}
				c.steals(a, chain)
				says := map[bool]string{true: "400 invalid_grant", false: "200"}[c.dies]
				a.refused("the owner's", renewal(a.RP3, chain[2].Refresh), says)
			})
		})
	}
}

// Q71: one code, many callers. A public client proves nothing but the verifier, which all of them have: the losers are
// replays, and a replay ends what the code gave the winner (RFC 6749 §4.1.2). A code knows no leeway.
func TestQ71OfRivalsWithOnePublicCodeTheLosersEndWhatTheWinnerGot(t *testing.T) {
	inArenas(t, func(a *arena) {
		b := a.Browser("dora")
		a.SignedIn(b, a.RP1, a.U2)
		code := a.code(b, a.RP3)
		answers := a.atOnce(rivals, func(_ int, p *prober) *answer { return p.send(redemption(a.RP3, code)) })
		a.tally("redemptions", answers, map[string]int{"200": 1, "400 invalid_grant": rivals - 1})
		won := winner(answers)
		want(a.t, "userinfo", a.userinfo(won), http.StatusUnauthorized)
		a.refused("the winner's refresh token", renewal(a.RP3, won.Refresh), "400 invalid_grant")
		want(a.t, "records of the end", len(a.Records("token.revoked")), 1)
	})
}

// public are the tokens of a fresh grant of the public panel.
func (a *arena) public(b *servertest.Browser) tokens {
	return a.granted(b, a.RP3, "scope", "openid")
}

func (a *arena) userinfo(got tokens) int {
	return a.prober(rivals).send(probe{method: http.MethodGet, target: "/userinfo", header: head("Authorization", "Bearer "+got.Access)}).status
}
