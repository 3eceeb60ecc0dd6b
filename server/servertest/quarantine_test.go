package servertest_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/web"
)

// What a browser in quarantine may be shown: verifying, enrolling, connecting, leaving, help, and that it is not signed in.
var quarantined = []string{
	"otp", "contact", "connect", "enrol", "enrol_totp", "leave", "logout", "logged_out", "support", "help", "error", "login", "home",
	"forgot", "password_set", "account_door", // for whoever is not signed in, whatever the cookies
}

// Accept 4 (K01): over all routes and methods, whatever the path is filled with, a quarantine cookie opens no session, no
// code comes out, and no page of somebody who is signed in is shown.
func TestK01AQuarantineReachesVerificationAndNothingElse(t *testing.T) {
	for provider, button := range map[string]string{"google": "Continue with Google", "facebook": "Continue with Facebook"} {
		at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, _ *servertest.Facebook) {
			b := w.Browser("quarantined")
			b.Faults = true // some rows are for programs
			b.Open(w.RP1.Login("scope", "openid profile email")).Click(button)
			waiting := b.URL()
			id := strings.Split(waiting.Path, "/")[2]
			sub := person(t, w, provider, map[string]string{"google": "107", "facebook": "1220"}[provider]).ID
			filled := url.Values{
				"username": {"dora"}, "password": {"not her password"}, "otp": {"000000"}, "code": {"000000"}, "email": {""},
				"way": {"email:x"}, "method": {"totp"}, "ticket": {"x"}, "answer": {"allow"}, "scope": {"openid"}, "id": {id}, "then": {"enrol"},
				"client": {"panel"}, "session": {"x"}, "factor": {"x"}, "label": {"x"}, "action": {"remove"},
			}
			tried := 0
			for _, route := range w.Server.Routes() {
				path := strings.TrimSuffix(route.Pattern, "{$}")
				path = strings.NewReplacer("{id}", id, "{provider}", provider, "{path...}", "x", "{file}", "x").Replace(path)
				if i := strings.IndexByte(path, '{'); i >= 0 {
					path = path[:i] + "x"
				}
				if path == "/authorize" || strings.HasSuffix(path, "/cancel") || strings.HasSuffix(path, "/skip") {
					continue // these answer the panel: below
				}
				for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodPatch} {
					tried++
					time.Sleep(time.Second)  // below every limit: a 429 would hide what is behind it
					b.Open(waiting.String()) // the page a form would be sent from
					form := filled
					if method == http.MethodGet || method == http.MethodHead {
						form = nil
					}
					b.Do(method, "https://"+servertest.SSO+path, form)
					what := method + " " + path
					if b.Status() == http.StatusTooManyRequests {
						t.Errorf("%s: too many requests", what)
					}
					if route.Audience == web.Page && b.Status() == http.StatusOK && method != http.MethodHead && !slices.Contains(quarantined, b.Step()) {
						t.Errorf("%s: page %q\n%s", what, b.Step(), b.Text())
					}
					if route.Needs == web.SignedIn && b.Status() == http.StatusOK && method != http.MethodHead && b.Step() != "otp" {
						t.Errorf("%s: open without a session, step %q", what, b.Step())
					}
					if l := b.Header().Get("Location"); strings.Contains(l, "code=") {
						t.Errorf("%s: a code came out", what)
					}
					for _, c := range b.Header()["Set-Cookie"] {
						if strings.Contains(c, "session=") && !strings.Contains(c, "Max-Age=0") {
							t.Errorf("%s: a session cookie", what)
						}
					}
				}
			}
			if tried < 100 {
				t.Errorf("only %d requests: the table was not walked", tried)
			}
			want(t, "codes and tokens", len(w.Records("token.issued")), 0)
			want(t, "sessions", len(w.Records("session.new")), 0)
			want(t, "factors", len(w.Records("factor.added")), 0)
			if p, err := w.Store.Person(t.Context(), sub); err != nil || !p.Identities[0].ProvedAt.IsZero() || len(p.Factors) > 0 {
				t.Errorf("%+v, %v", p, err)
			}
			// Silently, and by any other panel: nothing.
			for _, rp := range []*servertest.RP{w.RP1, w.RP2, w.RP3} {
				before := rp.Answers()
				if b.Open(rp.Login("prompt", "none")); rp.Answers() == before {
					t.Fatalf("%s: %d\n%s", b.URL(), b.Status(), b.Text())
				}
				want(t, "prompt=none", rp.Last().Error, "login_required")
			}
			answers := w.RP1.Answers()
			b.Open(waiting.String())
			if b.Has("cancel") {
				b.Submit("cancel")
				want(t, "answers after cancel", w.RP1.Answers(), answers+1)
				want(t, "cancel", w.RP1.Last().Error, "access_denied")
			}
		})
	}
}
