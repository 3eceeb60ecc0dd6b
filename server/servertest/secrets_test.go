package servertest_test

import (
	"encoding/base32"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// Accept 8: whoever gets a dump of the database, or the logs, has nothing to sign in with.
func TestNoPasswordCodeSecretOrTokenIsInTheDatabaseOrTheLogs(t *testing.T) {
	for name, opts := range map[string][]servertest.Option{"sqlite": nil, "postgres": {servertest.OnPostgres()}} {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				found := busyDay(t, w)
				dump, logs := w.Dump()+w.File(), w.Logs.String()
				if len(dump) < 10_000 || !strings.Contains(dump, w.U1.Username) {
					t.Fatalf("the dump has %d bytes and is no dump", len(dump))
				}
				if !strings.Contains(logs, `"msg":"request"`) {
					t.Fatal("the logs hold no request")
				}
				for what, values := range found {
					if len(values) == 0 {
						t.Errorf("no %s was seen in the whole run", what)
					}
					for _, v := range values {
						for place, content := range map[string]string{"database": dump, "logs": logs} {
							if holds(content, v) {
								t.Errorf("%s: a %s is in the %s", name, what, place)
							}
						}
					}
				}
			}, opts...)
		})
	}
}

// busyDay lets people do everything there is, and returns every secret that crossed the wire, by kind.
func busyDay(t *testing.T, w *servertest.World) map[string][]string {
	t.Helper()
	b := w.Browser("dora")
	w.SignedIn(b, w.RP1, w.U2, "scope", "openid profile email offline_access", "prompt", "consent")
	b.Open(w.RP1.Login("acr_values", "mfa", "scope", "openid dns")).WantStep("otp")
	codes := []string{w.Code(w.U2.Email)}
	key := enrol(t, w, b, w.U2)
	u := w.Browser("ugo")
	u.Open(w.RP1.Login()).FillID("username", w.U1.Username).FillID("password", "almost a lantern on the pier").Submit("login-submit").WantStatus(422)
	u.SignIn(w.U1).GiveCode("000 000").WantStatus(422)
	codes = append(codes, w.U1.AppCode())
	u.GiveCode(w.U1.AppCode())
	time.Sleep(time.Minute)
	viaSocial(w.Browser("carla").Open(w.RP2.Login()), w.Carla).WantStep("otp")
	w.SignedIn(w.Browser("app"), w.RP3, w.V)

	found := map[string][]string{
		"password":      {w.U1.Password, w.U2.Password, w.V.Password, "almost a lantern on the pier"},
		"client secret": {w.RP1.Secret},
		"master key":    {string(w.Config.MasterKey)},
		"app key":       {key, w.U1.Key},
		"code":          append(codes, w.Code(w.Carla.Email)),
	}
	for _, k := range []string{key, w.U1.Key} {
		raw, err := base32.StdEncoding.DecodeString(k)
		if err != nil {
			t.Fatal(err)
		}
		found["app key"] = append(found["app key"], string(raw))
	}
	got := w.RP1.Last()
	for _, rp := range []*servertest.RP{w.RP1, w.RP3} {
		r := rp.Last()
		found["ID token"] = append(found["ID token"], r.RawIDToken())
		found["access token"] = append(found["access token"], r.Token.AccessToken)
		if r.Token.RefreshToken != "" {
			found["refresh token"] = append(found["refresh token"], r.Token.RefreshToken)
		}
		found["PKCE verifier"] = append(found["PKCE verifier"], r.Verifier)
	}
	if next, err := w.RP1.Refresh(got.Token.RefreshToken); err != nil {
		t.Error(err)
	} else {
		found["refresh token"] = append(found["refresh token"], next.Token.RefreshToken)
	}
	for _, x := range w.Net.Seen() {
		for _, c := range x.Header.Values("Set-Cookie") {
			_, value, _ := strings.Cut(c, "=")
			if value, _, _ = strings.Cut(value, ";"); len(value) > 20 {
				found["cookie"] = append(found["cookie"], value)
			}
		}
		if to, err := url.Parse(x.Header.Get("Location")); err == nil && to.Query().Get("code") != "" {
			found["authorization code"] = append(found["authorization code"], to.Query().Get("code"))
		}
	}
	return found
}

// holds reports whether a secret stands in content. Six digits are looked for as a word: they occur by chance inside
// numbers and hexadecimal.
func holds(content, secret string) bool {
	if len(secret) > 8 {
		return strings.Contains(content, secret)
	}
	return regexp.MustCompile(`(^|[^0-9A-Za-z])` + regexp.QuoteMeta(secret) + `($|[^0-9A-Za-z])`).MatchString(content)
}

// The sibling that fails: what the grep would say if a secret were there.
func TestGrepFindsWhatItLooksFor(t *testing.T) {
	for _, c := range []struct {
		content, secret string
		want            bool
	}{
		{`{"code":"123456"}`, "123456", true}, {"1234567", "123456", false}, {"ab123456cd", "123456", false},
		{"xx una lanterna sul molo xx", "una lanterna sul molo", true}, {"", "una lanterna sul molo", false},
	} {
		want(t, c.content, holds(c.content, c.secret), c.want)
	}
}
