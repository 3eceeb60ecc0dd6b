package servertest_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// C09: sub is the account's own, the same at every panel, which discovery says; it is made of nothing that another person
// could come to have.
func TestC09SubIsTheAccountsOwnAtEveryPanel(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		var d struct {
			Types []string `json:"subject_types_supported"`
		}
		w.Browser("program").Open(origin + "/.well-known/openid-configuration").JSON(&d)
		want(t, "subject types", fmt.Sprint(d.Types), "[public]")
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP2.Login())
		b.Open(w.RP3.Login())
		sub := w.RP1.Last().IDToken.Subject
		for _, rp := range []*servertest.RP{w.RP1, w.RP2, w.RP3} {
			want(t, rp.Client+": ID token", rp.Last().IDToken.Subject, sub)
			want(t, rp.Client+": userinfo", rp.Last().UserInfo["sub"], any(sub))
			want(t, rp.Client+": sub is not the name", strings.Contains(strings.ToLower(sub), w.U2.Username), false)
		}
		want(t, "sub is no address", strings.Contains(sub, "@"), false)
		if sids := map[any]bool{w.RP1.Last().Claims["sid"]: true, w.RP2.Last().Claims["sid"]: true, w.RP3.Last().Claims["sid"]: true}; len(sids) != 3 {
			t.Errorf("sid is told apart by panel: %v", sids)
		}
		again := w.Browser("another")
		w.SignedIn(again, w.RP1, w.U2)
		want(t, "the same from another browser", w.RP1.Last().IDToken.Subject, sub)
		for _, e := range w.Records("token.issued") {
			want(t, "the audit's subject", e.PersonID, sub)
		}
	})
}

// C09: whoever comes after with the same name, address and customer number is somebody else: nothing that was signed,
// granted or remembered for the first opens anything of the second.
func TestC09ASuccessorWithTheSameNameAndAddressIsAnotherPerson(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		api := newBackend(t, w, "crm")
		document := func(username string, disabled bool) string {
			return fmt.Sprintf(`{"username":%q,"customer_number":"K-1","locale":"en","name":"Anna","emails":["anna@neri.test"],"disabled":%v}`, username, disabled)
		}
		made := api.call("PUT", "/api/people/C-1", document("anna", false))
		want(t, "made", made.status, 201)
		setPassword(w.Browser("anna"), link(t, w, "anna@neri.test"), newPassword)
		first := w.Browser("anna")
		anna := &servertest.Person{Username: "anna", Password: newPassword, Email: "anna@neri.test"}
		old := w.SignedIn(first, w.RP1, anna, "scope", "openid offline_access")
		sub := old.IDToken.Subject

		// Her account is closed and gives its name back; the number at the operator's stays hers.
		want(t, "closed", api.call("PUT", "/api/people/C-1", document("anna-closed", true)).status, 200)
		if got := api.call("POST", "/api/people", `{"external_id":"C-1","username":"anna","emails":["anna@neri.test"]}`); got.status != http.StatusConflict {
			t.Errorf("an external id is given twice: %d", got.status)
		}
		time.Sleep(time.Minute)
		next := api.call("PUT", "/api/people/C-2", document("anna", false))
		want(t, "made again", next.status, 201)
		if next.ID == made.ID {
			t.Fatal("the successor is the first")
		}
		const other = "dodici onde sulla riva"
		setPassword(w.Browser("second"), link(t, w, "anna@neri.test"), other)
		second := w.Browser("second")
		heir := &servertest.Person{Username: "anna", Password: other, Email: "anna@neri.test"}
		now := w.SignedIn(second, w.RP1, heir)
		if now.IDToken.Subject == sub || now.IDToken.Subject == "" {
			t.Errorf("sub %q is handed on", now.IDToken.Subject)
		}
		want(t, "the successor's sub is its own account", now.IDToken.Subject, next.ID)

		second.Open(w.RP1.Login("id_token_hint", old.RawIDToken(), "prompt", "none"))
		want(t, "the first one's ID token as a hint", w.RP1.Last().Error, "login_required")
		second.Open(w.RP1.Login("claims", `{"id_token":{"sub":{"value":"`+sub+`"}}}`, "prompt", "none"))
		want(t, "the first one's sub asked for", w.RP1.Last().Error, "login_required")
		first.Open(w.RP1.Login("prompt", "none"))
		want(t, "the first one's session", w.RP1.Last().Error, "login_required")
		want(t, "the first one's access token", w.RP1.UserInfoStatus(old.Token.AccessToken), 401)
		if _, err := w.RP1.Refresh(old.Token.RefreshToken); err == nil {
			t.Error("the first one's refresh token")
		}
		guess := w.Browser("guess").Open(w.RP1.Login())
		guess.FillID("username", "anna").FillID("password", newPassword).Submit("login-submit").WantStatus(422)
		change(t, w, next.ID, func(p *storage.Person) { p.CustomerNumber = "K-2" })
		second.Open(w.RP1.Login())
		want(t, "a change of number leaves sub", w.RP1.Last().IDToken.Subject, now.IDToken.Subject)
	}, servertest.With(crm))
}

// B13: a code that waits while its owner sets another password is worth nothing, whoever holds it.
func TestB13ACodeDiesWithThePasswordOfBefore(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		forgot(w.Browser("at home"), w.V.Username)
		mailed := link(t, w, w.V.Email)
		b.Do("GET", w.RP1.Authorize(url.Values{"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}}), nil) // RFC 7636 appendix B
		to, err := url.Parse(b.Header().Get("Location"))
		if err != nil || to.Query().Get("code") == "" {
			t.Fatalf("no code: %v %d", err, b.Status())
		}
		setPassword(w.Browser("at home"), mailed, newPassword)
		issued := len(w.Records("token.issued"))
		_, err = w.RP1.OAuth().Exchange(oidc.ClientContext(t.Context(), &http.Client{Transport: w.Net}), to.Query().Get("code"),
			oauth2.VerifierOption("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))
		if refused := (*oauth2.RetrieveError)(nil); !errors.As(err, &refused) || refused.ErrorCode != "invalid_grant" {
			t.Errorf("the code: %v", err)
		}
		want(t, "tokens issued since", len(w.Records("token.issued")), issued)
		if used := w.Records("pw.reset.used"); len(used) != 1 || used[0].PersonID != w.V.ID {
			t.Errorf("%d records of the reset", len(used))
		}
	})
}

// N02: documents for the people API are bounded and shallow work, whatever is in them.
func TestN02DocumentsOfTheOperatorAreBounded(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		api := newBackend(t, w, "crm")
		for name, c := range map[string]struct {
			body   string
			status int
		}{
			"20 000 deep":          {`{"name":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}", 400},
			"20 000 deep, open":    {strings.Repeat(`{"a":`, 10_000), 400},
			"5 000 deep":           {`{"name":` + strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000) + "}", 422},
			"20 MB":                {`{"name":"` + strings.Repeat("a", 20<<20) + `"}`, 413},
			"5 000 members":        {"{" + strings.Repeat(`"x":1,`, 5_000) + `"y":2}`, 422},
			"5 000 addresses":      {`{"username":"anna","emails":[` + strings.Repeat(`"a@b.test",`, 5_000) + `"c@d.test"]}`, 422},
			"a name of 60 kB":      {`{"username":"anna","name":"` + strings.Repeat("é", 30_000) + `"}`, 422},
			"a number of 60 kB":    {`{"username":` + strings.Repeat("9", 60_000) + "}", 422},
			"a list":               {"[]", 400},
			"another member twice": {`{"username":"anna","username":{}}`, 422},
		} {
			before := len(w.Records("person.created"))
			if got := api.call("PUT", "/api/people/C-9", c.body); got.status != c.status {
				t.Errorf("%s: %d, want %d", name, got.status, c.status)
			}
			want(t, name+": people made", len(w.Records("person.created")), before)
		}
	}, servertest.With(crm))
}
