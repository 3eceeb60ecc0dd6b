package op

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
)

func TestB01_Fault12_ACodeUsedTwiceEndsWhatItGave(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		code := b.code("scope", "openid offline_access")
		got := h.redeem(code)
		// What is no second use by the owner ends nothing: another client, another address, another verifier.
		bad(t, h.token("rp2", codeForm(code)), 400, "invalid_grant")
		bad(t, h.token("rp1", codeForm(code, "redirect_uri", "https://rp.example/second?x=1")), 400, "invalid_grant")
		bad(t, h.token("rp1", codeForm(code, "code_verifier", strings.Repeat("v", 43))), 400, "invalid_grant")
		if h.userinfo(got.Access).Code != 200 {
			t.Error("a stranger ended the owner's tokens")
		}
		time.Sleep(40 * time.Second) // thirty seconds later, too
		w := h.token("rp1", codeForm(code))
		bad(t, w, 400, "invalid_grant")
		h.audited(w, "token.revoked", "fail", "code_replay", "rp1")
		bad(t, h.userinfo(got.Access), 401, "invalid_token")
		bad(t, h.token("rp1", refreshForm(got.Refresh)), 400, "invalid_grant")
		bad(t, h.token("rp1", codeForm(code)), 400, "invalid_grant") // a third time there is nothing left to end
		if n := strings.Count(strings.Join(h.events(), "\n"), "code_replay"); n != 1 {
			t.Errorf("%d records", n)
		}
		// Opaque tokens, and what refreshing gave since; long after the code's own minute, because it was used.
		opaque := h.signIn("anna", pwd, totp("anna"))
		code = opaque.code("scope", "openid billing offline_access")
		got = h.redeem(code)
		next := good(t, h.token("rp1", refreshForm(got.Refresh)))
		time.Sleep(5 * time.Minute)
		w = h.token("rp1", codeForm(code))
		bad(t, w, 400, "invalid_grant")
		h.audited(w, "token.revoked", "fail", "code_replay", "rp1")
		for _, token := range []string{got.Access, next.Access, got.Refresh, next.Refresh} {
			if said := h.introspect("rp1", token); said != nil {
				t.Errorf("still active: %v", said)
			}
		}
		bad(t, h.token("rp1", refreshForm(next.Refresh)), 400, "invalid_grant")
		if h.redeem(opaque.code()).Access == "" {
			t.Error("the session itself stays")
		}
	})
}

func TestB02_ACodeBelongsToItsClientAndRedirectURI(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		code := h.signIn("anna", pwd).code()
		bad(t, h.token("rp2", codeForm(code)), 400, "invalid_grant")
		bad(t, h.token("rp2", codeForm(code, "redirect_uri", "https://rp2.example/cb")), 400, "invalid_grant")
		bad(t, h.token("rp3", codeForm(code)), 400, "invalid_grant") // public: whoever finds a code has no client of its own to use it with
		bad(t, h.token("old", codeForm(code, "code_verifier", "")), 400, "invalid_grant")
		for _, uri := range []string{"https://rp.example/second?x=1", "", callback + "/", "https://rp.example/CB", callback + "?", callback + "#", " " + callback, "https://evil.example/cb"} {
			bad(t, h.token("rp1", codeForm(code, "redirect_uri", uri)), 400, "invalid_grant")
		}
		bad(t, h.token("rp1", codeForm(strings.ToUpper(code))), 400, "invalid_grant")
		bad(t, h.token("rp1", codeForm(code+"x")), 400, "invalid_grant")
		bad(t, h.token("rp1", codeForm(strings.Repeat("c", 60000))), 400, "invalid_grant")
		bad(t, h.token("rp1", refreshForm(code)), 400, "invalid_grant") // a code is no refresh token
		bad(t, h.token("rp1", codeForm("sog_ac_nothing")), 400, "invalid_grant")
		bad(t, h.token("rp1", codeForm("")), 400, "invalid_request")
		h.redeem(code) // the owner still has it
	})
}

func TestB04_Fault02_TheVerifierIsDemandedOfEveryone(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		code := b.code()
		for _, c := range [][2]string{{"rp1", callback}, {"rp2", "https://rp2.example/cb"}, {"rp3", "http://127.0.0.1/cb"}} { // confidential ones too
			to := []string{"client_id", c[0], "redirect_uri", c[1]}
			refusedWith(t, b.authorize(append(to, "code_challenge", "", "code_challenge_method", "")...), "invalid_request")
			refusedWith(t, b.authorize(append(to, "code_challenge", "")...), "invalid_request")
			refusedWith(t, b.authorize(append(to, "code_challenge", verifier[:43], "code_challenge_method", "plain")...), "invalid_request")
		}
		for _, v := range []string{"", "wrong-verifier-of-enough-characters-to-be-one-012", challengeOf(verifier), verifier + " ", strings.Repeat("a", 200),
			verifier[:42], verifier[:len(verifier)-1], strings.ToUpper(verifier), verifier + "=", verifier + "è"} {
			bad(t, h.token("rp1", codeForm(code, "code_verifier", v)), 400, "invalid_grant")
		}
		h.redeem(code)
		old := b.code("client_id", "old", "redirect_uri", "https://old.example/cb", "code_challenge", "", "code_challenge_method", "")
		bad(t, h.token("old", codeForm(old, "redirect_uri", "https://old.example/cb")), 400, "invalid_grant") // verifier without challenge
		good(t, h.token("old", codeForm(old, "redirect_uri", "https://old.example/cb", "code_verifier", "")))
		public := b.code("client_id", "rp3", "redirect_uri", "http://127.0.0.1:5000/cb")
		bad(t, h.token("rp3", codeForm(public, "redirect_uri", "http://127.0.0.1:5000/cb", "code_verifier", "")), 400, "invalid_grant")
		bad(t, h.token("rp3", codeForm(public, "redirect_uri", "http://127.0.0.1:5001/cb")), 400, "invalid_grant")
		good(t, h.token("rp3", codeForm(public, "redirect_uri", "http://127.0.0.1:5000/cb")))
	})
}

func TestB06_ACodeLastsAMinuteAndALateOneEndsNothing(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		first := h.redeem(b.code())
		code := b.code()
		time.Sleep(61 * time.Second)
		bad(t, h.token("rp1", codeForm(code)), 400, "invalid_grant")
		if h.userinfo(first.Access).Code != 200 || slices.Contains(h.events(), "token.revoked code_replay") {
			t.Error("a late code ended something")
		}
	})
}

func TestB06_TheLifeOfACodeIsInTheConfiguration(t *testing.T) {
	inBubble(t, func(c *config.Config) { c.Lifetimes.Code = 2 * time.Second }, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		early, late := b.code(), b.code()
		time.Sleep(1900 * time.Millisecond)
		h.redeem(early)
		time.Sleep(100 * time.Millisecond) // to the microsecond
		bad(t, h.token("rp1", codeForm(late)), 400, "invalid_grant")
	})
}

func TestB07_Fault07_Fault08_ClientAuthentication(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		form := codeForm("x")
		body := func(change ...string) func(*http.Request) {
			return func(r *http.Request) {
				q := codeForm("x", change...)
				*r = *httptest.NewRequest(http.MethodPost, issuer+"/token", strings.NewReader(q.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
		}
		auth := func(user, pass string) func(*http.Request) {
			return func(r *http.Request) { r.SetBasicAuth(user, pass) }
		}
		for name, c := range map[string]struct {
			w      *httptest.ResponseRecorder
			status int
			code   string
		}{
			"wrong secret":               {h.token("rp1", form, auth("rp1", "wrong")), 401, "invalid_client"},
			"unknown client":             {h.token("rp1", form, auth("nobody", "wrong")), 401, "invalid_client"},
			"empty secret":               {h.token("rp1", form, auth("rp1", "")), 401, "invalid_client"},
			"no client at all":           {h.token("rp1", form, body()), 401, "invalid_client"},
			"basic client by post":       {h.token("rp1", form, body("client_id", "rp1", "client_secret", "rp1-secret")), 401, "invalid_client"},
			"post client by basic":       {h.token("rp1", form, auth("rp2", "rp2-secret")), 401, "invalid_client"},
			"confidential client alone":  {h.token("rp1", form, body("client_id", "rp1")), 401, "invalid_client"},
			"public client with secret":  {h.token("rp1", form, body("client_id", "rp3", "client_secret", "x")), 401, "invalid_client"},
			"both methods":               {h.token("rp1", codeForm("x", "client_id", "rp1", "client_secret", "rp1-secret")), 400, "invalid_request"},
			"another client in the body": {h.token("rp1", codeForm("x", "client_id", "rp2")), 401, "invalid_client"},
			"an assertion":               {h.token("rp1", form, body("client_assertion", "a.b.c", "client_assertion_type", "x")), 401, "invalid_client"},
			"a bearer token":             {h.token("rp1", form, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }), 401, "invalid_client"},
			"garbage in Basic":           {h.token("rp1", form, func(r *http.Request) { r.Header.Set("Authorization", "Basic %%%") }), 401, "invalid_client"},
			"Basic without a colon":      {h.token("rp1", form, func(r *http.Request) { r.Header.Set("Authorization", "Basic cnAx") }), 401, "invalid_client"},
			"Basic without anything":     {h.token("rp1", form, func(r *http.Request) { r.Header.Set("Authorization", "Basic") }), 401, "invalid_client"},
			"Basic of 10 kB":             {h.token("rp1", form, auth("rp1", strings.Repeat("x", 10000))), 401, "invalid_client"},
			"id in other case":           {h.token("rp1", form, auth("RP1", "rp1-secret")), 401, "invalid_client"},
			"secret in other case":       {h.token("rp1", form, auth("rp1", "RP1-SECRET")), 401, "invalid_client"},
			"secret of another client":   {h.token("rp1", form, auth("rp1", "old-secret")), 401, "invalid_client"},
			"the hash of the secret":     {h.token("rp1", form, auth("rp1", string(secret.Hash("rp1-secret")))), 401, "invalid_client"},
			"public client by Basic":     {h.token("rp1", form, auth("rp3", "")), 401, "invalid_client"},
			"two headers":                {h.token("rp1", form, func(r *http.Request) { r.Header.Add("Authorization", "Basic eDp5") }), 400, "invalid_request"},
			"secret in the query":        {h.token("rp1", form, func(r *http.Request) { r.URL.RawQuery = "client_secret=rp1-secret&client_id=rp1" }), 400, "invalid_request"},
			"one of them in the query":   {h.token("rp1", form, func(r *http.Request) { r.URL.RawQuery = "grant_type=authorization_code" }), 400, "invalid_request"},
			"multipart":                  {h.token("rp1", form, func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data; boundary=x") }), 400, "invalid_request"},
			"text":                       {h.token("rp1", form, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }), 400, "invalid_request"},
			"two content types":          {h.token("rp1", form, func(r *http.Request) { r.Header.Add("Content-Type", "application/json") }), 400, "invalid_request"},
			"JSON":                       {h.token("rp1", form, func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }), 400, "invalid_request"},
			"no content type":            {h.token("rp1", form, func(r *http.Request) { r.Header.Del("Content-Type") }), 400, "invalid_request"},
			"a parameter twice":          {h.token("rp1", url.Values{"grant_type": {"authorization_code", "refresh_token"}}), 400, "invalid_request"},
			"GET":                        {h.token("rp1", form, func(r *http.Request) { r.Method = http.MethodGet }), 405, "method_not_allowed"},
			"HEAD":                       {h.token("rp1", form, func(r *http.Request) { r.Method = http.MethodHead }), 405, ""},
			"the right one":              {h.token("rp1", form), 400, "invalid_grant"},
			"same client_id in the body": {h.token("rp1", codeForm("x", "client_id", "rp1")), 400, "invalid_grant"},
		} {
			if c.code == "" {
				if c.w.Code != c.status {
					t.Errorf("%s: %d", name, c.w.Code)
				}
				continue
			}
			bad(t, c.w, c.status, c.code)
			h.refusalAudited(name, c.w, c.status)
			if challenge := c.w.Header().Get("WWW-Authenticate"); c.status == 401 && name != "no client at all" && !strings.Contains(name, "post") &&
				!strings.Contains(name, "alone") && name != "public client with secret" && name != "an assertion" && !strings.HasPrefix(challenge, "Basic") {
				t.Errorf("%s: WWW-Authenticate %q", name, challenge)
			}
		}
		for _, path := range []string{"/introspect", "/revoke"} { // the same door
			secretInQuery := func(r *http.Request) { r.URL.RawQuery = "client_id=rp1&client_secret=rp1-secret" }
			bad(t, h.at(path, "rp1", url.Values{"token": {"x"}}, secretInQuery), 400, "invalid_request")
			bad(t, h.at(path, "rp1", url.Values{"token": {"x"}}, func(r *http.Request) { r.Method = http.MethodGet }), 405, "method_not_allowed")
			w := h.at(path, "rp1", url.Values{"token": {"x"}, "client_id": {"rp2"}})
			bad(t, w, 401, "invalid_client")
			h.audited(w, "client.auth.fail", "fail", "misplaced_secret", "rp1")
		}
		if log := h.log.String(); strings.Contains(log, "-secret") {
			t.Error("a secret is in the log")
		}
	})
}

// refusalAudited wants one record client.auth.fail of a 401 and none of a request that tried to prove nothing.
func (h *house) refusalAudited(name string, w *httptest.ResponseRecorder, status int) {
	h.t.Helper()
	if status != http.StatusUnauthorized {
		return
	}
	rows, err := h.store.Events(context.Background(), "", time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC), 1000)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, e := range rows {
		if e.RequestID == w.Header().Get("X-Request-Id") {
			if e.Name != "client.auth.fail" || e.Outcome != "fail" || e.Reason == "" || e.IP == "" || e.UserAgent == "" || e.ClientID != "" && e.ClientID != e.Actor {
				h.t.Errorf("%s: %+v", name, e)
			}
			return
		}
	}
	h.t.Errorf("%s: no record", name)
}

func TestBasicCredentialsAreFormDecoded(t *testing.T) {
	c, ok := basic("basic " + "YSUzQWI6YyUyQmQrZQ==") // a%3Ab:c%2Bd+e
	if !ok || c.id != "a:b" || c.secret != "c+d e" {
		t.Errorf("%+v %v", c, ok)
	}
}

// from lets a request come from another address.
func from(remote string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr = remote }
}

// B10: how long it takes says nothing: one hash and one comparison are made, of an unknown client too.
func TestB10_AnUnknownClientCostsTheSameComparison(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		v := h.op.view()
		cost := func(id string) float64 {
			return testing.AllocsPerRun(100, func() { v.check(credentials{id: id, secret: "wrong", method: "client_secret_basic"}, nil) })
		}
		if known, unknown := cost("rp1"), cost("nobody"); known != unknown {
			t.Errorf("%v and %v allocations", known, unknown)
		}
		if _, err := v.check(credentials{id: "nobody", secret: string(make([]byte, 32)), method: "client_secret_basic"}, nil); err != errUnknownClient {
			t.Errorf("what an unknown client is compared with lets somebody in: %v", err)
		}
	})
}

func TestB11_EveryAnswerIsJSONAndNotStored(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		ok := h.token("rp1", codeForm(h.signIn("anna", pwd).code()))
		got := good(t, ok)
		ask := url.Values{"token": {got.Access}}
		method := func(m string) func(*http.Request) { return func(r *http.Request) { r.Method = m } }
		oauth := h.redeem(h.signIn("anna", pwd).code("scope", "email"))
		for name, w := range map[string]*httptest.ResponseRecorder{
			"tokens": ok, "a bad code": h.token("rp1", codeForm("x")), "userinfo": h.userinfo(got.Access), "a bad token": h.userinfo("x"), "no scope": h.userinfo(oauth.Access),
			"active": h.at("/introspect", "rp1", ask), "inactive": h.at("/introspect", "rp2", ask), "no client": h.at("/introspect", "rp1", ask, func(r *http.Request) { r.Header.Del("Authorization") }),
			"revoked": h.at("/revoke", "rp1", url.Values{"token": {"x"}}), "GET": h.token("rp1", codeForm("x"), method("GET")), "TRACE": h.at("/introspect", "rp1", ask, method("TRACE")),
			"JSON": h.token("rp1", codeForm("x"), func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }), "too large": h.token("rp1", codeForm(strings.Repeat("c", 1<<20))),
			"too many":     h.token("rp1", codeForm("x"), func(r *http.Request) { r.Header.Set("Cookie", strings.Repeat("a=b;", 5000)) }),
			"foreign host": h.token("rp1", codeForm("x"), func(r *http.Request) { r.Host = "evil.example" }), "401": h.token("rp1", codeForm("x"), func(r *http.Request) { r.SetBasicAuth("rp1", "x") }),
		} {
			if len(w.Result().Cookies()) > 0 || w.Header().Get("X-Frame-Options")+w.Header().Get("Content-Security-Policy") == "" {
				t.Errorf("%s: %v", name, w.Header())
			}
			if w.Header().Get("Cache-Control") != "no-store" || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %d %v", name, w.Code, w.Header())
			}
		}
	})
}

func TestB12_Fault15_OtherGrantTypesAreUnsupportedAndAbsentFromDiscovery(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		for _, grant := range []string{"password", "implicit", "urn:ietf:params:oauth:grant-type:device_code",
			"urn:ietf:params:oauth:grant-type:token-exchange", "urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:ietf:params:oauth:grant-type:saml2-bearer",
			"urn:openid:params:grant-type:ciba", "urn:ietf:params:oauth:grant-type:uma-ticket", "device_code", "Password", "AUTHORIZATION_CODE", "authorization_code ", "refresh_token client_credentials", "x"} {
			for _, client := range []string{"rp1", "rp2", "rp3"} {
				bad(t, h.token(client, url.Values{"grant_type": {grant}, "username": {"anna-name"}, "password": {"b"}, "scope": {"openid"}, "assertion": {"a.b.c"}, "subject_token": {"x"}}), 400, "unsupported_grant_type")
			}
		}
		for _, client := range []string{"rp1", "rp2", "rp3", "old", "strong"} {
			bad(t, h.token(client, url.Values{"grant_type": {"client_credentials"}, "scope": {"openid"}}), 400, "unauthorized_client")
		}
		for _, e := range h.events() {
			if strings.HasPrefix(e, "token.issued") || strings.HasPrefix(e, "authn.") {
				t.Errorf("somebody got in: %s", e)
			}
		}
		bad(t, h.token("rp1", url.Values{}), 400, "invalid_request")
		bad(t, h.token("old", refreshForm("x")), 400, "unauthorized_client")
		bad(t, h.token("rp1", url.Values{"grant_type": {"client_credentials"}}), 400, "unauthorized_client") // never by default
		var d map[string]any
		if err := json.Unmarshal(h.browser().get("/.well-known/openid-configuration").Body.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(d["grant_types_supported"]); got != "[authorization_code refresh_token client_credentials]" {
			t.Error(got)
		}
	})
}

func TestB13_ACodeDiesWithPersonAndSession(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		ctx := t.Context()
		p := h.person("anna")
		for name, c := range map[string]struct {
			scope  string
			happen func(b *browser) error
			after  bool // the browser is still signed in
		}{
			"the session ends":      {"openid", func(b *browser) error { return h.ends(b.session) }, false},
			"the password changes":  {"openid", func(*browser) error { return h.endsAll("anna") }, false},
			"… with offline access": {"openid offline_access", func(*browser) error { return h.endsAll("anna") }, false},
			"it was idle":           {"openid", func(*browser) error { time.Sleep(50 * time.Second); return nil }, false},
			"the person is disabled": {"openid", func(*browser) error {
				p.Disabled = true
				return h.store.UpdatePerson(ctx, p)
			}, false},
			"… with offline access, disabled": {"openid offline_access", func(*browser) error {
				p.Disabled = true
				return h.store.UpdatePerson(ctx, p)
			}, false},
			"nothing": {"openid", func(*browser) error { return nil }, true},
		} {
			h.cfg.Sessions.Idle = time.Hour
			if name == "it was idle" {
				h.cfg.Sessions.Idle = 40 * time.Second
			}
			if p.Disabled {
				p.Disabled = false
				if err := h.store.UpdatePerson(ctx, p); err != nil {
					t.Fatal(err)
				}
			}
			b := h.signIn("anna", pwd)
			code := b.code("scope", c.scope)
			if err := c.happen(b); err != nil {
				t.Fatal(name, err)
			}
			w := h.token("rp1", codeForm(code))
			if c.after {
				good(t, w)
				continue
			}
			bad(t, w, 400, "invalid_grant")
			bad(t, h.token("rp1", codeForm(code)), 400, "invalid_grant")
			if loc := b.authorize().Header().Get("Location"); !strings.HasPrefix(loc, "/login/") {
				t.Errorf("%s: still signed in: %q", name, loc)
			}
		}
		if n := strings.Count(strings.Join(h.events(), "\n"), "token.issued"); n != 1 {
			t.Errorf("tokens were issued %d times, want once", n)
		}
	})
}

func TestC01_TheIDTokenHoldsWhatItMustAndNothingElse(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd, totp("anna"))
		signed := h.op.now()
		time.Sleep(time.Minute)
		nonce := `n"<€>+ /=`
		got := h.redeem(b.code("nonce", nonce))
		id := claims(t, got.ID)
		now := float64(time.Now().Unix())
		for name, want := range map[string]any{
			"iss": issuer, "sub": "anna", "azp": "rp1", "nonce": nonce, "acr": "mfa", "iat": now, "exp": now + 600, "auth_time": float64(signed.Unix()),
		} {
			if id[name] != want {
				t.Errorf("%s is %v, want %v", name, id[name], want)
			}
		}
		if aud := id["aud"].([]any); len(aud) != 1 || aud[0] != "rp1" {
			t.Error(aud)
		}
		if amr := fmt.Sprint(id["amr"]); amr != "[mfa otp pwd]" {
			t.Error(amr)
		}
		half := sha256.Sum256([]byte(got.Access)) // OIDC Core §3.1.3.6: the left half, by the hash of RS256
		if id["at_hash"] != base64.RawURLEncoding.EncodeToString(half[:16]) {
			t.Errorf("at_hash %v", id["at_hash"])
		}
		for name, v := range id { // sub and the rest are no address, and openid alone gives no claim about the person
			if text, ok := v.(string); ok && (strings.Contains(text, "@") || strings.Contains(text, "Rossi") || strings.Contains(text, "anna-name")) {
				t.Errorf("%s is %q", name, text)
			}
		}
		allowed := []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash", "s_hash", "jti", "sid"}
		for name, v := range id {
			if !slices.Contains(allowed, name) || v == nil || v == "" {
				t.Errorf("claim %s: %v", name, v)
			}
		}
		if header := jwtHeader(t, got.ID); header["alg"] != "RS256" || header["typ"] != "JWT" || header["kid"] == "" || header["jwk"] != nil {
			t.Error(header)
		}
		again := claims(t, h.redeem(b.code()).ID)
		if again["sid"] != id["sid"] || again["jti"] == id["jti"] || again["auth_time"] != id["auth_time"] {
			t.Errorf("%v\n%v", id, again)
		}
		other := good(t, h.token("rp2", codeForm(b.code("client_id", "rp2", "redirect_uri", "https://rp2.example/cb"), "redirect_uri", "https://rp2.example/cb")))
		if o := claims(t, other.ID); o["sid"] == id["sid"] || o["sub"] != "anna" || jwtHeader(t, other.ID)["alg"] != "ES256" {
			t.Error("sid differs by panel, sub does not, the algorithm is the client's")
		}
		for _, nonce := range []string{"é\u200b𝄞", `\u0041"`, strings.Repeat("n", 1024), " ", "%00", "<script>"} {
			if got := claims(t, h.redeem(b.code("nonce", nonce)).ID); got["nonce"] != nonce {
				t.Errorf("nonce %.20q came back as %.20q", nonce, got["nonce"])
			}
		}
		if strings.Contains(b.cookies["__Host-soglia_session"], id["sid"].(string)) {
			t.Error("sid from the cookie")
		}
		native := good(t, h.token("rp3", codeForm(b.code("client_id", "rp3", "redirect_uri", "http://127.0.0.1:1/cb", "nonce", ""), "redirect_uri", "http://127.0.0.1:1/cb")))
		if n := claims(t, native.ID); n["nonce"] != nil || jwtHeader(t, native.ID)["alg"] != "EdDSA" {
			t.Error("no nonce, none in the token; EdDSA")
		}
	})
}

func TestFault11_AccessTokensSayHowSureWeAre(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd, totp("anna"))
		got := h.redeem(b.code("scope", "openid email"))
		at, id := claims(t, got.Access), claims(t, got.ID)
		for _, name := range []string{"acr", "auth_time", "sid", "sub", "iss"} {
			if at[name] != id[name] {
				t.Errorf("%s: %v and %v", name, at[name], id[name])
			}
		}
		if at["client_id"] != "rp1" || at["scope"] != "openid email" || at["aud"].([]any)[0] != issuer || at["jti"] == nil {
			t.Error(at)
		}
		if header := jwtHeader(t, got.Access); header["typ"] != "at+jwt" || header["alg"] != "ES256" {
			t.Error(header)
		}
		if opaque := h.redeem(b.code("scope", "openid billing")); !strings.HasPrefix(opaque.Access, "sog_at_") || h.userinfo(opaque.Access).Code != 200 {
			t.Error("a floored scope makes the token opaque")
		}
	})
}

func TestTokensOfALevelThatLapsesEndWithIt(t *testing.T) {
	inBubble(t, func(c *config.Config) { c.Policy.Levels[1].Lasts = 5 * time.Minute }, func(t *testing.T, h *house) {
		h.person("anna")
		got := h.redeem(h.signIn("anna", pwd, totp("anna")).code("acr_values", "mfa"))
		if got.Expires > 300 || claims(t, got.ID)["exp"].(float64) > float64(time.Now().Unix()+300) {
			t.Errorf("%d", got.Expires)
		}
	})
}

func TestCORSIsForRegisteredOriginsWithoutCredentials(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		ask := func(origin, method, path string) http.Header {
			r := httptest.NewRequest(method, issuer+path, nil)
			r.Header.Set("Origin", origin)
			r.Header.Set("Access-Control-Request-Method", "POST")
			return h.send(r).Header()
		}
		for _, path := range []string{"/token", "/userinfo", "/jwks", "/.well-known/openid-configuration"} {
			if got := ask("https://spa.example", "OPTIONS", path).Get("Access-Control-Allow-Origin"); got != "https://spa.example" {
				t.Errorf("%s: %q", path, got)
			}
			if got := ask("https://evil.example", "OPTIONS", path).Get("Access-Control-Allow-Origin"); got != "" {
				t.Errorf("%s: %q", path, got)
			}
		}
		if got := ask("https://spa.example", "GET", "/jwks"); got.Get("Access-Control-Allow-Origin") == "" || got.Get("Access-Control-Allow-Credentials") != "" {
			t.Error(got)
		}
		from := func(client string) string {
			return h.token(client, codeForm("x"), func(r *http.Request) { r.Header.Set("Origin", "https://spa.example") }).Header().Get("Access-Control-Allow-Origin")
		}
		if from("rp1") == "" || from("rp2") != "" {
			t.Error("an origin is its client's alone")
		}
	})
}
