package cases

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/web"
)

// A script learns nothing of an answer that it may not read, not even its status: its panel then says "network error" where
// it should ask people to sign in again, or wait. So whatever is answered where scripts call, and whoever refuses it, a
// registered origin may read it, and no other.
func TestQ28EveryAnswerToARegisteredOriginCanBeRead(t *testing.T) {
	const app, evil = "https://app.example.test", "https://attacker.test"
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		p := &prober{t: t, w: w}
		patterns := called(t, p, w)
		big := "a=" + strings.Repeat("x", 70<<10)
		basic := "Basic cHVibGljOng=" // public:x, whose secret it cannot be
		seen := map[int]bool{}
		for _, pattern := range patterns {
			probes := []probe{{method: "POST", body: "a=b&a=c"}, {method: "POST", body: "%zz"}, {method: "POST", body: big}, {method: "POST", body: "{}", header: head("Content-Type", "application/json")}}
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
				probes = append(probes,
					probe{method: method}, probe{method: method, header: head("Authorization", "Bearer stale")}, probe{method: method, header: head("Authorization", basic)},
					probe{method: method, header: head("Cookie", strings.Repeat("a=b; ", 5000))},
					probe{method: method, target: "?access_token=x&client_secret=x"},
				)
			}
			for range 25 { // until the limit of wrong secrets is over
				probes = append(probes, probe{method: "POST", body: "grant_type=refresh_token", header: head("Authorization", basic, "X-Forwarded-For", "203.0.113.5")})
			}
			for _, q := range probes {
				q.target = pattern + q.target
				ask := func(origin string) *answer {
					q := q
					if q.header = q.header.Clone(); q.header == nil {
						q.header = http.Header{}
					}
					if origin != "" {
						q.header.Set("Origin", origin)
					}
					if q.method == "OPTIONS" {
						q.header.Set("Access-Control-Request-Method", "POST")
					}
					return p.send(q)
				}
				a := ask(app)
				seen[a.status] = true
				if got := a.header.Get("Access-Control-Allow-Origin"); got != app || a.header.Get("Access-Control-Allow-Credentials") != "" {
					t.Errorf("%s: %d may be read by %q", a, a.status, got)
				}
				if !slices.ContainsFunc(a.header.Values("Vary"), func(v string) bool { return strings.Contains(v, "Origin") }) {
					t.Errorf("%s: %d does not vary by origin", a, a.status)
				}
				for _, origin := range []string{evil, "null", ""} {
					if got := ask(origin).header.Values("Access-Control-Allow-Origin"); len(got) > 0 {
						t.Errorf("%s from %q may be read by %q", a, origin, got)
					}
				}
			}
		}
		for _, status := range []int{200, 204, 400, 401, 405, 413, 429, 431} {
			if !seen[status] {
				t.Errorf("no answer %d was tried", status)
			}
		}
	}, servertest.With(throughProxy), servertest.With(func(f *config.File) {
		f.Clients[2].Origins = []string{app} // public
	}))
}

// called are the patterns that scripts may call: those that answer a preflight. What the metadata names for them is among
// them, and so is the metadata at both its addresses.
func called(t *testing.T, p *prober, w *servertest.World) (patterns []string) {
	walk(w, func(row web.Route, method string) {
		if method == http.MethodOptions {
			patterns = append(patterns, row.Pattern)
		}
	})
	var meta map[string]any
	if err := json.Unmarshal([]byte(p.send(probe{method: "GET", target: "/.well-known/openid-configuration"}).body), &meta); err != nil {
		t.Fatal(err)
	}
	want := []string{"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"}
	for _, name := range []string{"token_endpoint", "userinfo_endpoint", "revocation_endpoint", "jwks_uri"} {
		address, _ := meta[name].(string)
		want = append(want, strings.TrimPrefix(address, here))
	}
	for _, pattern := range want {
		if !slices.Contains(patterns, pattern) {
			t.Errorf("%s answers no preflight", pattern)
			patterns = append(patterns, pattern)
		}
	}
	return patterns
}
