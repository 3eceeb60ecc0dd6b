package cases

import (
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// ends are the acts after whose answer nothing that came before them may be issued, or open anything.
var ends = map[string]func(a *arena, b *servertest.Browser, held []tokens) (requests []probe, says string){
	"sign-out": func(_ *arena, b *servertest.Browser, held []tokens) ([]probe, string) {
		return []probe{{method: http.MethodGet, target: "/end_session?id_token_hint=" + held[0].ID, header: head("Cookie", cookies(b))}}, "200 logged_out"
	},
	"everywhere": func(_ *arena, b *servertest.Browser, _ []tokens) ([]probe, string) {
		return []probe{submitted(b, "/account/sessions/everywhere")}, "303 /end_session/done"
	},
	"a consent taken back": func(a *arena, b *servertest.Browser, _ []tokens) ([]probe, string) {
		return []probe{submitted(b, "/account/panels/revoke", "panel", a.RP2.Client)}, "303 /account/panels"
	},
	"a new password": func(a *arena, _ *servertest.Browser, _ []tokens) ([]probe, string) {
		a.U2.Password = "tre mele verdi nel cesto"
		return []probe{a.newPassword(a.U2.Password)}, "303 /password/done"
	},
	"revocations": func(a *arena, _ *servertest.Browser, held []tokens) (all []probe, says string) {
		for _, h := range held {
			all = append(all, ofPanel(a.RP2, "/revoke", "token", h.Refresh))
		}
		return all, "200"
	},
}

// Three chains are refreshed as fast as they go and three codes are redeemed while the end comes, from the other instance
// or the same. Whatever slipped in before it is dead after it.
func TestRaceNothingIsIssuedOnceItsEndWasAnsweredAndWhatWasIsDead(t *testing.T) {
	inArenas(t, func(a *arena) {
		for name, end := range ends {
			a.endAmidst(name, end)
		}
	}, servertest.With(asksAtPanel2))
}

func (a *arena) endAmidst(name string, end func(*arena, *servertest.Browser, []tokens) ([]probe, string)) {
	const chains = 3
	b := a.Browser("dora")
	b.Open(a.RP2.Login()).SignIn(a.U2)
	if b.Step() == "consent" {
		b.Submit("consent-allow")
	}
	b.Open("https://" + servertest.SSO + "/account/sessions") // a page with a form, whose tag the forms below carry
	held, codes := make([]tokens, chains), make([]string, chains)
	for i := range chains {
		held[i] = a.prober(rivals).send(redemption(a.RP2, a.code(b, a.RP2))).tokens()
		codes[i] = a.code(b, a.RP2)
	}
	requests, says := end(a, b, held)
	endsCodes := name != "revocations" // who has redeemed nothing has nothing to revoke
	last := make([]tokens, 2*chains)
	copy(last, held)
	var over atomic.Bool
	answers := a.atOnce(2*chains+1, func(i int, p *prober) *answer {
		switch {
		case i < chains:
			for range 500 {
				late := over.Load()
				got := p.send(renewal(a.RP2, last[i].Refresh))
				if got.status != http.StatusOK {
					return got
				}
				if last[i] = got.tokens(); late {
					a.t.Errorf("%s was answered, and then a token was issued", name)
				}
			}
			return p.send(renewal(a.RP2, last[i].Refresh)) // it never ended: a 200 that the tally finds
		case i < 2*chains:
			got := p.send(redemption(a.RP2, codes[i-chains]))
			last[i] = got.tokens()
			return got
		}
		var got *answer
		for _, one := range requests {
			if got = p.send(one); got.says() != says {
				break
			}
		}
		over.Store(true)
		return got
	})
	want(a.t, name, answers[2*chains].says(), says)
	a.tally("refreshes", answers[:chains], map[string]int{"400 invalid_grant": chains})
	for i, got := range answers[:2*chains] {
		switch {
		case i < chains || endsCodes && got.status == http.StatusOK:
			a.dead(name, a.RP2, last[i])
		case got.says() != "200" && (!endsCodes || got.says() != "400 invalid_grant"):
			a.t.Errorf("%s: a code was answered %q", name, got.says())
		}
	}
	for _, code := range codes {
		want(a.t, name+": a code afterwards", a.prober(rivals).send(redemption(a.RP2, code)).says(), "400 invalid_grant")
	}
}

// asksAtPanel2 has the second panel ask for consent, so that there is one to take back.
func asksAtPanel2(f *config.File) {
	for i := range f.Clients {
		if f.Clients[i].ID == "panel2" {
			f.Clients[i].Consent = "first"
		}
	}
}

// submitted is a form of a page of ours, sent with a browser's cookies.
func submitted(b *servertest.Browser, path string, pairs ...string) probe {
	form := url.Values{"shown": {b.Tag()}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return probe{method: http.MethodPost, target: path, body: form.Encode(), header: head("Cookie", cookies(b), "Sec-Fetch-Site", "same-origin", "Origin", here)}
}
