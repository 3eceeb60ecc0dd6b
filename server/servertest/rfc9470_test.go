package servertest_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/stepup"
)

// dnsAPI is a panel's own API, protected by package stepup.
type dnsAPI struct {
	t       *testing.T
	w       *servertest.World
	handler http.Handler
}

func newDNSAPI(t *testing.T, w *servertest.World, how stepup.Tokens) *dnsAPI {
	t.Helper()
	sso, err := stepup.New(origin, how, stepup.HTTPClient(&http.Client{Transport: w.Net}))
	if err != nil {
		t.Fatal(err)
	}
	zones := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(stepup.FromContext(r.Context()).Subject))
	})
	return &dnsAPI{t, w, sso.Handler(stepup.Require("mfa", stepup.MaxAge(10*time.Minute), stepup.Scope("dns"))(zones))}
}

func (a *dnsAPI) get(token string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, "/zones", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	rec := httptest.NewRecorder()
	a.handler.ServeHTTP(rec, r)
	return rec.Result()
}

// opens wants the zones of a person.
func (a *dnsAPI) opens(what, token string, p *servertest.Person) {
	a.t.Helper()
	res := a.get(token)
	body := new(strings.Builder)
	if err := res.Write(body); err != nil || res.StatusCode != 200 || !strings.HasSuffix(body.String(), p.ID) {
		a.t.Errorf("%s: %v %s", what, err, body)
	}
}

// refuses wants an error, and returns its challenge.
func (a *dnsAPI) refuses(what, token string, status int, code string) *stepup.Challenge {
	a.t.Helper()
	res := a.get(token)
	c, err := stepup.ParseChallenge(res.Header)
	if err != nil {
		a.t.Fatalf("%s: %d, %v %v", what, res.StatusCode, err, res.Header)
	}
	if res.StatusCode != status || c.Error != code {
		a.t.Errorf("%s: %d %s, want %d %s", what, res.StatusCode, c.Error, status, code)
	}
	return c
}

// next is the panel's sign-in with what a challenge wants.
func next(t *testing.T, rp *servertest.RP, c *stepup.Challenge) string {
	t.Helper()
	conf := rp.OAuth()
	u, err := url.Parse(conf.AuthCodeURL("x", c.AuthCodeOptions("openid")...))
	if err != nil {
		t.Fatal(err)
	}
	var params []string
	for _, name := range []string{"acr_values", "max_age", "scope"} {
		params = append(params, name, u.Query().Get(name))
	}
	return rp.Login(params...)
}

// withAPI adds a resource server that looks at the panel's tokens, and no others.
func withAPI(accessToken string) func(*config.File) {
	return func(f *config.File) {
		c := f.Clients[0]
		f.Clients[0].AccessToken = accessToken
		f.Clients = append(f.Clients, config.FileClient{
			ID: "dns-api", Secret: c.Secret, Grants: []string{"client_credentials"}, Introspect: config.Introspect{Clients: []string{"panel"}},
			PKCE: c.PKCE, AcrValues: c.AcrValues,
		})
	}
}

// RFC 9470 from end to end, both sides ours: the API's challenge becomes the authorization request that mends it.
func TestRFC9470FromTheChallengeToTheOpenZones(t *testing.T) {
	for name, c := range map[string]struct {
		form string
		how  func(secret string) stepup.Tokens
		asks bool // the API asks the server about each token
	}{
		"JWT":                       {"jwt", func(string) stepup.Tokens { return stepup.JWT("panel") }, false},
		"JWT that is asked about":   {"jwt", func(s string) stepup.Tokens { return stepup.Introspection("dns-api", s) }, true},
		"opaque":                    {"opaque", func(s string) stepup.Tokens { return stepup.Introspection("dns-api", s) }, true},
		"as the server has it":      {"", func(s string) stepup.Tokens { return stepup.Introspection("dns-api", s) }, true},
		"asked as the panel itself": {"", func(s string) stepup.Tokens { return stepup.Introspection("panel", s) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				api := newDNSAPI(t, w, c.how(w.RP1.Secret))
				b := w.Browser("dora")
				low := w.SignedIn(b, w.RP1, w.U2)
				want(t, "acr at first", low.Acr(), "sfa")

				wish := api.refuses("a password", low.Token.AccessToken, 401, "insufficient_user_authentication")
				b.Open(next(t, w.RP1, wish)).GiveCode(w.Code(w.U2.Email))
				high := w.RP1.Last()
				api.opens("after the second step", high.Token.AccessToken, w.U2)
				api.refuses("the token from before", low.Token.AccessToken, 401, "insufficient_user_authentication")
				api.refuses("a refresh token", high.Token.RefreshToken, 401, "invalid_token")
				api.refuses("an ID token", high.RawIDToken(), 401, "invalid_token")

				time.Sleep(9 * time.Minute)
				fresh, err := w.RP1.Refresh(high.Token.RefreshToken)
				if err != nil {
					t.Fatal(err)
				}
				api.opens("within ten minutes, renewed", fresh.Token.AccessToken, w.U2)
				time.Sleep(90 * time.Second)
				api.refuses("the token whose time is up", high.Token.AccessToken, 401, "invalid_token")
				wish = api.refuses("ten minutes later: renewing makes nothing younger", fresh.Token.AccessToken, 401, "insufficient_user_authentication")
				before := w.RP1.Answers()
				b.Open(next(t, w.RP1, wish))
				for range 3 {
					switch b.Step() {
					case "login":
						b.FillID("password", w.U2.Password).Submit("login-submit")
					case "otp":
						b.GiveCode(w.Code(w.U2.Email))
					}
				}
				want(t, "answers", w.RP1.Answers(), before+1)
				again := w.RP1.Last()
				api.opens("proved anew", again.Token.AccessToken, w.U2)

				revoke(t, w, again.Token.AccessToken)
				if c.asks {
					api.refuses("revoked", again.Token.AccessToken, 401, "invalid_token")
				} else {
					api.opens("revoked, but the JWT does not know", again.Token.AccessToken, w.U2)
				}
			}, servertest.With(withAPI(c.form)))
		})
	}
}

// What another panel was given is no key to this one, whatever it says; and a session that is over opens nothing.
func TestRFC9470AnotherPanelsTokenAndAnEndedSession(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		asks := newDNSAPI(t, w, stepup.Introspection("dns-api", w.RP1.Secret))
		reads := newDNSAPI(t, w, stepup.JWT("panel"))
		b := w.Browser("dora")
		b.Open(w.RP2.Login("scope", "openid dns", "acr_values", "mfa")).SignIn(w.U2).GiveCode(w.Code(w.U2.Email))
		other := w.RP2.Last()
		want(t, "acr at the other panel", other.Acr(), "mfa")
		asks.refuses("the other panel's", other.Token.AccessToken, 401, "invalid_token")
		reads.refuses("the other panel's", other.Token.AccessToken, 401, "invalid_token")

		b.Open(w.RP1.Login("scope", "openid dns", "acr_values", "mfa"))
		own := w.RP1.Last()
		asks.opens("one's own", own.Token.AccessToken, w.U2)
		b.Open(w.RP1.SignOut("id_token_hint", own.RawIDToken()))
		asks.refuses("signed out", own.Token.AccessToken, 401, "invalid_token")
	}, servertest.With(func(f *config.File) {
		withAPI("jwt")(f)
		f.Clients[1].AccessToken = "jwt"
	}))
}

// revoke is the panel's own word that a token is over (RFC 7009).
func revoke(t *testing.T, w *servertest.World, token string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, origin+"/revoke", strings.NewReader(url.Values{"token": {token}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(w.RP1.Client, w.RP1.Secret)
	res, err := w.Net.RoundTrip(r)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("%v %v", res, err)
	}
}
