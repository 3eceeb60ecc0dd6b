package cases

import (
	"encoding/base64"
	"net/http"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// D04: tokens are their client's. Another one can neither use nor end them, nor make the owner lose them by trying; a
// refused wish for more scope costs nothing either.
func TestD04AnotherPanelNeitherUsesNorEndsTokensAndAScopeNeverWidens(t *testing.T) {
	inTurns(t, func(t *testing.T, a *arena) {
		b := a.Browser("dora")
		a.SignedIn(b, a.RP1, a.U2, "acr_values", "mfa")
		for name, scope := range map[string]string{"JWT": "openid email", "opaque": "openid email dns"} {
			got := a.granted(b, a.RP1, "scope", scope)
			wants := func(more string) probe {
				q := renewal(a.RP1, got.Refresh)
				q.body += "&scope=" + more
				return q
			}
			before := len(a.Records(""))
			a.refused(name+": refreshed by another", renewal(a.RP2, got.Refresh), "400 invalid_grant")
			for _, token := range []string{got.Access, got.Refresh, got.ID} {
				for _, hint := range []string{"", "access_token", "refresh_token", "bogus"} {
					a.refused(name+": revoked by another", ofPanel(a.RP2, "/revoke", "token", token, "token_type_hint", hint), "200")
				}
			}
			for _, more := range []string{"openid+billing", "openid+email+profile", "offline_access", "OPENID", "openid+email+nonsense"} {
				a.refused(name+": "+more, wants(more), "400 invalid_scope")
			}
			want(t, name+": records of all that", len(a.Records(""))-before, 0)
			want(t, name+": access alive", a.active(a.RP1, got.Access), true)
			want(t, name+": refresh alive", a.active(a.RP1, got.Refresh), true)

			got = a.got(wants("openid"))
			if said := a.prober(0).send(ofPanel(a.RP1, "/introspect", "token", got.Access)).body; member(t, said, "scope") != "openid" {
				t.Errorf("%s: narrowed: %s", name, said)
			}
			got = a.got(renewal(a.RP1, got.Refresh))
			if said := a.prober(0).send(ofPanel(a.RP1, "/introspect", "token", got.Access)).body; member(t, said, "scope") != scope {
				t.Errorf("%s: back to the granted scope: %s", name, said)
			}
			recorded(t, a.World, "token.refreshed", storage.Event{Outcome: "ok", ClientID: a.RP1.Client, PersonID: a.U2.ID})
			a.refused(name+": its own", ofPanel(a.RP1, "/revoke", "token", got.Refresh), "200")
			recorded(t, a.World, "token.revoked", storage.Event{Outcome: "ok", Reason: "client", ClientID: a.RP1.Client, PersonID: a.U2.ID})
			a.dead(name, a.RP1, got)
			time.Sleep(time.Second) // records are in the order of time
		}
	})
}

// D08: who may not know is told the very same of a live token as of none, and who is nobody is told nothing at all.
func TestD08IntrospectionTellsNobodyWhatIsNotTheirs(t *testing.T) {
	inTurns(t, func(t *testing.T, a *arena) {
		b := a.Browser("dora")
		a.SignedIn(b, a.RP1, a.U2, "acr_values", "mfa")
		live, opaque := a.granted(b, a.RP1), a.granted(b, a.RP1, "scope", "openid dns")
		ended := a.granted(b, a.RP1)
		a.refused("revoked", ofPanel(a.RP1, "/revoke", "token", ended.Refresh), "200")
		p := a.prober(0)
		none := p.send(ofPanel(a.RP2, "/introspect", "token", "sog_rt_none"))
		for name, token := range map[string]string{
			"access": live.Access, "refresh": live.Refresh, "ID token": live.ID, "opaque": opaque.Access, "ended": ended.Access, "its refresh": ended.Refresh,
		} {
			for _, hint := range []string{"", "access_token", "refresh_token", "bogus"} {
				got := p.send(ofPanel(a.RP2, "/introspect", "token", token, "token_type_hint", hint))
				want(t, name+": body", got.body, `{"active":false}`)
				want(t, name+": status", got.status, http.StatusOK)
				want(t, name+": headers", len(got.header), len(none.header))
				want(t, name+": caching", got.header.Get("Cache-Control"), "no-store")
			}
		}
		want(t, "records of that", len(a.Records("client.auth.fail")), 0)

		basic := func(user, password string) http.Header {
			return head("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
		}
		for name, q := range map[string]probe{
			"nobody":              {header: nil},
			"a public client":     {body: "&client_id=" + a.RP3.Client},
			"a wrong secret":      {header: basic(a.RP1.Client, "wrong")},
			"an unknown client":   {header: basic("nobody", "wrong")},
			"an empty secret":     {header: basic(a.RP1.Client, "")},
			"the token as bearer": {header: head("Authorization", "Bearer "+live.Access)},
		} {
			before := len(a.Records("client.auth.fail"))
			q.method, q.target, q.body = http.MethodPost, "/introspect", "token="+live.Access+q.body
			got := p.send(q)
			want(t, name, got.says(), "401 invalid_client")
			want(t, name+": records", len(a.Records("client.auth.fail"))-before, 1)
			if ev := a.Records("client.auth.fail")[0]; ev.Outcome != "fail" || ev.Reason == "" || ev.IP == "" || ev.RequestID == "" {
				t.Errorf("%s: %+v", name, ev)
			}
			time.Sleep(time.Second)
		}
		a.refused("by GET", probe{method: http.MethodGet, target: "/introspect?token=" + live.Access, header: ofPanel(a.RP1, "/", "").header}, "405 method_not_allowed")
		want(t, "its own panel", a.active(a.RP1, live.Access), true)
	})
}
