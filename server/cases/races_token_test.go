package cases

import (
	"net/http"
	"testing"

	"github.com/soglia-sso/soglia/storage"
)

// One code, one answer with tokens; the others are replays, and a replay ends what the code gave (RFC 6749 §4.1.2).
func TestRaceOfRivalsWithOneCodeOneIsAnsweredAndThenNobodyHasAnything(t *testing.T) {
	inArenas(t, func(a *arena) {
		b := a.Browser("dora")
		a.SignedIn(b, a.RP1, a.U2)
		code := a.code(b, a.RP1)
		answers := a.atOnce(rivals, func(_ int, p *prober) *answer { return p.send(redemption(a.RP1, code)) })
		a.tally("redemptions", answers, map[string]int{"200": 1, "400 invalid_grant": rivals - 1})
		a.dead("the winner", a.RP1, winner(answers))
		want(a.t, "records of the end", len(a.Records("token.revoked")), 1)
		recorded(a.t, a.World, "token.revoked", storage.Event{Outcome: "fail", Reason: "code_replay", ClientID: a.RP1.Client, PersonID: a.U2.ID})
	})
}

// D01 among rivals, where tokens are replaced and no leeway is given: who of them is the thief nobody knows, so the family ends, and the person is told once.
func TestRaceD01OfRivalsWithOneRefreshTokenOneIsAnsweredAndThenNobodyHasAnything(t *testing.T) {
	inArenas(t, func(a *arena) {
		b := a.Browser("dora")
		a.SignedIn(b, a.RP1, a.U2)
		first := a.prober(0).send(redemption(a.RP1, a.code(b, a.RP1))).tokens()
		before := len(a.Mails(a.U2.Email))
		answers := a.atOnce(rivals, func(_ int, p *prober) *answer { return p.send(renewal(a.RP1, first.Refresh)) })
		a.tally("refreshes", answers, map[string]int{"200": 1, "400 invalid_grant": rivals - 1})
		a.dead("the winner", a.RP1, winner(answers))
		a.dead("what the token came with", a.RP1, first)
		want(a.t, "alerts", len(a.Records("token.reuse")), 1)
		recorded(a.t, a.World, "token.reuse", storage.Event{Outcome: "fail", Reason: "refresh_reuse", ClientID: a.RP1.Client, PersonID: a.U2.ID})
		want(a.t, "mails to the person", len(a.Mails(a.U2.Email))-before, 1)
	}, rotated(0))
}

// winner is what the one that was answered got.
func winner(answers []*answer) tokens {
	for _, one := range answers {
		if one.status == http.StatusOK {
			return one.tokens()
		}
	}
	return tokens{}
}
