package servertest_test

import (
	"fmt"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// withGroups has a scope for what people belong to, a panel that gets it in the ID token, and dora on the staff.
func withGroups(f *config.File) {
	crm(f)
	f.Scopes["org"] = config.FileScope{OnUnmet: "step_up", Claims: []string{"groups", "roles"}}
	f.Groups = map[string]config.FileGroup{
		"staff":  {Roles: []string{"mail-admin"}, Members: []string{"Dora"}},
		"admins": {Roles: []string{"mail-admin", "dns-admin"}},
	}
	f.Clients[0].Scopes = append(f.Clients[0].Scopes, "org")
	f.Clients[0].ClaimsIn = []string{"id_token", "userinfo"}
}

func TestGroupsAndRolesReachAPanel(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		told := func(claims map[string]any) string { return fmt.Sprint(claims["groups"], claims["roles"]) }
		org := []string{"scope", "openid org"}
		got := w.SignedIn(w.Browser("dora"), w.RP1, w.U2, org...)
		want(t, "by the YAML, ID token", told(got.Claims), "[staff] [mail-admin]")
		want(t, "userinfo", told(got.UserInfo), "[staff] [mail-admin]")
		want(t, "without the scope", told(w.SignedIn(w.Browser("again"), w.RP1, w.U2, "scope", "openid").Claims), "<nil> <nil>")
		want(t, "in no group", told(w.SignedIn(w.Browser("vera"), w.RP1, w.V, org...).Claims), "<nil> <nil>")

		api := newBackend(t, w, "crm")
		made := api.call("PUT", "/api/people/C-7", `{"username":"mario","emails":["mario@rossi.test"],"groups":["shop","admins"]}`)
		want(t, "create", made.status, 201)
		p := &servertest.Person{Username: "mario", Password: "sette nani nel bosco", Email: "mario@rossi.test"}
		b := w.Browser("mario")
		setPassword(b, link(t, w, p.Email), p.Password)
		got = w.SignedIn(b, w.RP1, p, org...)
		want(t, "by the people API; shop is a name only", told(got.Claims), "[admins shop] [dns-admin mail-admin]")

		want(t, "a PUT that knows no groups", api.call("PUT", "/api/people/C-7", `{"username":"mario","emails":["mario@rossi.test"],"name":"Mario"}`).status, 200)
		refreshed := func() map[string]any {
			t.Helper()
			res, err := w.RP1.Refresh(got.Token.RefreshToken)
			if err != nil {
				t.Fatal(err)
			}
			return res.Claims
		}
		want(t, "leaves them", told(refreshed()), "[admins shop] [dns-admin mail-admin]")
		want(t, "as a claim of one's own", api.call("PATCH", "/api/people/C-7", `{"claims":{"roles":["root"],"groups":["x"]}}`).status, 422)
		want(t, "a name that is two to a panel", api.call("PATCH", "/api/people/C-7", `{"groups":["shop admins"]}`).status, 422)
		want(t, "patch", api.call("PATCH", "/api/people/C-7", `{"groups":["shop"]}`).status, 200)
		records := w.Records("person.updated")
		want(t, "on record", string(records[len(records)-1].Detail), `{"groups_removed":["admins"]}`)
		want(t, "from the next refresh on", told(refreshed()), "[shop] <nil>")
	}, servertest.With(withGroups))
}
