package cases

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/web"
)

// D09: only the hint of this very session signs out without a question, however old; whatever else comes, from wherever,
// ends nothing.
func TestD09NothingButTheHintOfThisSessionSignsOutUnasked(t *testing.T) {
	inTurns(t, func(t *testing.T, a *arena) {
		b, phone, vera := a.Browser("dora"), a.Browser("dora's phone"), a.Browser("vera")
		a.SignedIn(b, a.RP1, a.U2)
		a.SignedIn(phone, a.RP1, a.U2)
		a.SignedIn(vera, a.RP1, a.V)
		mine, elsewhere, hers := a.granted(b, a.RP1).ID, a.granted(phone, a.RP1).ID, a.granted(vera, a.RP1).ID
		p := a.prober(0)
		asked := func(hint string) probe {
			q := url.Values{"post_logout_redirect_uri": {"https://" + servertest.Panel + "/"}}
			if hint != "" {
				q.Set("id_token_hint", hint)
			}
			return probe{method: http.MethodGet, target: "/end_session?" + q.Encode(), header: head("Cookie", cookies(b))}
		}
		parts := strings.Split(mine, ".")
		for name, c := range map[string]struct{ hint, says string }{
			"none":                    {"", "200 logout"},
			"of another session":      {elsewhere, "200 logout"},
			"of another person":       {hers, "200 logout"},
			"forged":                  {parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])), "400 invalid_id_token_hint"},
			"unsigned":                {"eyJhbGciOiJub25lIn0." + parts[1] + ".", "400 invalid_id_token_hint"},
			"of another payload":      {parts[0] + "." + strings.Split(elsewhere, ".")[1] + "." + parts[2], "400 invalid_id_token_hint"},
			"an access token":         {a.granted(b, a.RP1).Access, "400 invalid_id_token_hint"},
			"nothing that is a token": {"x", "400 invalid_id_token_hint"},
		} {
			// Typed, as a link, an image and a frame of a foreign page.
			for _, from := range [][]string{
				{}, {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Referer", "https://" + servertest.Evil + "/"},
				{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"},
				{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"},
			} {
				q := asked(c.hint)
				for i := 0; i+1 < len(from); i += 2 {
					q.header.Set(from[i], from[i+1])
				}
				got := p.send(q)
				want(t, name+" "+strings.Join(from, " "), got.says(), c.says)
				want(t, name+": Location", got.header.Get("Location"), "")
			}
		}
		for _, from := range []string{"https://" + servertest.Evil, "https://" + servertest.Panel, "null"} {
			q := submitted(b, "/end_session/confirm")
			q.header.Set("Origin", from)
			q.header.Set("Sec-Fetch-Site", "cross-site")
			want(t, "the button, pressed at "+from, p.send(q).status, http.StatusForbidden)
			q.target, q.body = "/end_session", "" // obeyed nowhere: it stores and asks
			want(t, "POST from "+from, p.send(q).says(), "303 /end_session")
		}
		want(t, "sessions ended by all that", len(a.Records("session.end")), 0)

		time.Sleep(3 * time.Hour) // the hint expired long ago
		got := p.send(asked(mine))
		want(t, "the session's own hint", got.status, http.StatusFound)
		want(t, "Location", got.header.Get("Location"), "https://"+servertest.Panel+"/")
		want(t, "sessions ended", len(a.Records("session.end")), 1)
		recorded(t, a.World, "session.end", storage.Event{Outcome: "ok", Reason: "logout", ClientID: a.RP1.Client, PersonID: a.U2.ID})
		want(t, "the same again, with the old cookie", p.send(asked(mine)).status, http.StatusFound)
		want(t, "sessions ended", len(a.Records("session.end")), 1)
		phone.Open(a.RP1.Login("prompt", "none"))
		want(t, "the phone", a.RP1.Last().Error, "")

		time.Sleep(time.Second) // records are in the order of time
		phone.Open(here + "/end_session").WantStep("logout").Submit("logout-confirm").WantStep("logged_out")
		recorded(t, a.World, "session.end", storage.Event{Outcome: "ok", Reason: "logout", PersonID: a.U2.ID})
	})
}

// D12: after the sign-out nothing of it is left in the browser or on the server: not by the back button, in another tab,
// or with the cookies of before, whichever page is asked for.
func TestD12AfterSignOutNoPageOpensWithWhatWasLeft(t *testing.T) {
	inTurns(t, func(t *testing.T, a *arena) {
		b := a.Browser("dora")
		got := a.SignedIn(b, a.RP1, a.U2, "acr_values", "mfa")
		pages := map[string]bool{}
		for _, row := range a.Server.Routes() {
			if row.Needs == web.SignedIn && slices.Contains(row.Methods, http.MethodGet) && !strings.Contains(row.Pattern, "{") {
				pages[row.Pattern] = true
			}
		}
		if len(pages) < 4 {
			t.Fatalf("only %d pages for someone inside", len(pages))
		}
		for path := range pages {
			b.Open(here + path).WantStatus(http.StatusOK)
			want(t, path+": Cache-Control", b.Header().Get("Cache-Control"), "no-store")
		}
		tab, old := b.Tab("open since before"), cookies(b)
		tab.Open(here + "/account/sessions").WantStep("account_sessions")
		form := submitted(b, "/account/sessions/everywhere")
		b.Open(a.RP1.SignOut("id_token_hint", got.RawIDToken()))
		want(t, "the cookie", b.Cookie(servertest.SSO, sessionCookie), "")
		p := a.prober(0)
		for path := range pages {
			for who, cookie := range map[string]string{"replayed": old, "the browser": cookies(b)} {
				answer := p.send(probe{method: http.MethodGet, target: path, header: head("Cookie", cookie)})
				want(t, who+" "+path, answer.status/100, 3)
				want(t, who+" "+path+": Cache-Control", answer.header.Get("Cache-Control"), "no-store")
			}
		}
		before := len(a.Records("session.end"))
		want(t, "a form from before", p.send(form).status/100, 3)
		tab.Open(tab.URL().String()).WantStep("login")
		a.dead("the panel's", a.RP1, tokens{Access: got.Token.AccessToken, Refresh: got.Token.RefreshToken})
		want(t, "sessions ended since", len(a.Records("session.end"))-before, 0)
		b.Open(a.RP1.Login()).WantStep("login")
	})
}
