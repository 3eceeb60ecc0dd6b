package cases

import (
	"net/http"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// E01: with the password alone every door is shut, and the records say that nothing was opened.
func TestE01WithThePasswordAloneEveryDoorIsShut(t *testing.T) {
	inTurns(t, func(t *testing.T, a *arena) {
		b := a.Browser("ugo")
		b.Open(a.RP1.Login()).SignIn(a.U1).WantStep("otp")
		id, p := requestOf(b), a.prober(0)
		page := "/login/" + id
		row, err := a.Store.Person(t.Context(), a.U1.ID)
		if err != nil {
			t.Fatal(err)
		}
		app := "totp:" + row.Factors[0].ID
		at := func(method, path string, pairs ...string) probe {
			q := submitted(b, path, pairs...)
			q.method = method
			if method == http.MethodGet || method == http.MethodHead {
				q.body = ""
			}
			return q
		}
		for _, q := range []probe{
			at("GET", "/authorize/"+id), at("HEAD", "/authorize/"+id), at("OPTIONS", "/authorize/"+id), at("POST", "/authorize/"+id),
			at("GET", "/callback/social?code=x&state="+id), at("POST", "/callback/social", "code", "x", "state", id), at("GET", "/callback/google"),
			at("GET", page+"?skip=1"), at("GET", page+"?then=done"), at("GET", page+"?way=email:"+row.Contacts[0].ID), at("GET", page+"/code?otp=000000"),
			at("POST", page+"/skip"), at("POST", page+"/recovery"), at("POST", page+"/recovery/confirm", "otp", "x", "ticket", "x"),
			at("POST", page+"/consent", "answer", "allow", "scopes", "openid email"), at("POST", page+"/contact", "email", "x@y.test"),
			at("POST", page+"/enrol"), at("POST", page+"/enrol/confirm", "ticket", row.Factors[0].ID, "otp", "000000"),
			at("POST", page+"/send", "way", "email:"+row.Contacts[0].ID), at("POST", page+"/code", "way", "email:"+row.Contacts[0].ID, "otp", "000000"),
			at("POST", page+"/code", "way", "recovery:", "otp", "aaaa-aaaa-aaaa-aaaa"), at("POST", page+"/code", "way", app, "otp", ""),
			at("POST", page+"/password", "username", a.U1.Username, "password", a.U1.Password), at("HEAD", page+"/code"), at("OPTIONS", page+"/code"),
			at("GET", "/account"), at("GET", "/account/factors"), at("POST", "/account/factors/"+row.Factors[0].ID+"/remove", "password", a.U1.Password),
			at("GET", "/userinfo"), at("POST", "/account/sessions/everywhere"), at("POST", "/account/confirm/factors/code", "otp", "000000"), at("GET", "/password"),
		} {
			got := p.send(q)
			to := got.header.Get("Location")
			if got.status >= 500 || strings.Contains(to, "code=") || strings.Contains(got.body, "code=") && strings.Contains(got.body, servertest.Panel+"/cb") || strings.Contains(to, servertest.Panel) && !strings.Contains(to, "error=") {
				t.Errorf("%s: %s %s", q.method+" "+q.target, got.says(), to)
			}
			if s := got.says(); got.status == 200 && (strings.Contains(s, "account") && s != "200 account_door" || strings.Contains(s, "enrol") || strings.Contains(s, "recovery_codes")) {
				t.Errorf("%s: %s", q.method+" "+q.target, s)
			}
			for _, c := range got.cookies { // whoever types the password again has a session of its own
				if c.MaxAge >= 0 && c.Value != "" {
					b.SetCookie(servertest.SSO, c)
				}
			}
		}
		for _, name := range []string{"mfa.ok", "authz.granted", "token.issued", "factor.added", "factor.removed", "pw.reset.requested"} {
			want(t, "records "+name, len(a.Records(name)), 0)
		}
		other := b.Tab("another panel")
		other.Open(a.RP2.Login()).WantStep("otp").GiveCode(a.U1.AppCode())
		want(t, "and then the code itself", a.RP2.Last().Acr(), "mfa")
		want(t, "records of it", len(a.Records("mfa.ok")), 1)
		recorded(t, a.World, "mfa.ok", storage.Event{Outcome: "ok", Reason: "totp", ClientID: a.RP2.Client, PersonID: a.U1.ID})
	})
}
