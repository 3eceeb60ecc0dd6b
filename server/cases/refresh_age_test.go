package cases

import (
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// D05: seconds before its end a token is good, seconds after it is not; neither use nor a session makes it last beyond
// the absolute end. What is too old is refused as old: nobody stole it, so there is no alert.
func TestD05ARefreshTokenHasAnIdleAndAnAbsoluteEnd(t *testing.T) {
	short := servertest.With(func(f *config.File) {
		f.Lifetimes.RefreshIdle, f.Lifetimes.RefreshAbsolute = 20*time.Second, 50*time.Second
	})
	for name, scope := range map[string]string{"with the session": "openid", "offline": "openid offline_access"} {
		t.Run(name, func(t *testing.T) {
			inTurns(t, func(t *testing.T, a *arena) {
				b := a.Browser("dora")
				a.SignedIn(b, a.RP1, a.U2)
				idle, used := a.granted(b, a.RP1, "scope", scope), a.granted(b, a.RP1, "scope", scope)
				for range 2 {
					time.Sleep(19 * time.Second)
					used = a.got(renewal(a.RP1, used.Refresh))
				}
				want(t, "the idle one is told active", a.active(a.RP1, idle.Refresh), false)
				a.refused("the idle one", renewal(a.RP1, idle.Refresh), "400 invalid_grant")
				time.Sleep(11 * time.Second)
				used = a.got(renewal(a.RP1, used.Refresh))
				time.Sleep(2 * time.Second)
				a.refused("after the absolute end", renewal(a.RP1, used.Refresh), "400 invalid_grant")
				want(t, "alerts", len(a.Records("token.reuse")), 0)
			}, short)
		})
	}
}

// D05: signing out ends what is not offline, at every panel of the session and of no other.
func TestD05SignOutEndsTheTokensThatAreNotOffline(t *testing.T) {
	inTurns(t, func(t *testing.T, a *arena) {
		b, phone := a.Browser("dora"), a.Browser("dora's phone")
		a.SignedIn(b, a.RP1, a.U2)
		a.SignedIn(phone, a.RP1, a.U2)
		here1, here2, there := a.granted(b, a.RP1), a.granted(b, a.RP2), a.granted(phone, a.RP1)
		offline := a.granted(b, a.RP1, "scope", "openid offline_access")
		b.Open(a.RP1.SignOut("id_token_hint", here1.ID)).WantStep("logged_out")
		recorded(t, a.World, "session.end", storage.Event{Outcome: "ok", Reason: "logout", ClientID: a.RP1.Client, PersonID: a.U2.ID})
		a.dead("this panel", a.RP1, here1)
		a.dead("the other panel", a.RP2, here2)
		a.got(renewal(a.RP1, there.Refresh))
		a.got(renewal(a.RP1, offline.Refresh))
	})
}
