package cases

import (
	"net/http"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/web"
)

// admin is all that the admin listener answers, by method.
var admin = map[string]string{"/healthz": "GET", "/readyz": "GET", "/metrics": "GET", "/reload": "POST"}

// W12: the two listeners have no path in common, in whatever spelling.
func TestW12TheListenersHaveNoPathInCommon(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		p, by := &prober{t: t, w: w}, newOwner(w)
		for path := range admin {
			for _, spelt := range []string{path, path + "/", "/" + path, path + "?x=1", path + ";x", strings.ToUpper(path), path + "z", "/%2e" + path, "/x/.." + path, path + "%00", path + "%20"} {
				for _, method := range []string{"GET", "POST", "HEAD", "PUT", "TRACE"} {
					a := p.send(probe{method, spelt, "", head("Cookie", by.cookies, "Host", "localhost", "Sec-Fetch-Site", "same-origin")})
					if a.status != 404 {
						t.Errorf("%s: %s", a, a.says())
					}
				}
			}
		}
		for _, path := range []string{
			"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile", "/debug/pprof/cmdline", "/debug/vars", "/debug/requests", "/metrics/", "/health", "/livez",
			"/status", "/version", "/info", "/env", "/config", "/admin", "/admin/", "/audit", "/outbox", "/dev/pages", "/dev/", "/dev/outbox", "/actuator/health", "/soglia.yaml", "/users",
		} {
			if a := p.send(probe{"GET", path, "", nil}); a.says() != "404 not_found" {
				t.Errorf("%s: %s", path, a.says())
			}
		}
		walk(w, func(row web.Route, method string) {
			path := filled(row.Pattern, by.id)
			if rec := askAdmin(w, nil, method, path); rec.Code != http.StatusNotFound {
				t.Errorf("the admin listener answers %s %s: %d", method, path, rec.Code)
			}
		})
	}, servertest.With(throughProxy), servertest.With(peopleAPI))
}

// Whoever may not, or asks wrongly, is refused on the admin listener too, and nothing is reloaded.
func TestTheAdminListenerRefuses(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		reloads, before := 0, kept(w)
		for path, right := range admin {
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
				for name, c := range map[string]struct {
					header []string
					status int
				}{
					"as it is asked":               {nil, 405},
					"with an override":             {[]string{"X-HTTP-Method-Override", right}, 405},
					"by a page of another origin":  {[]string{"Origin", "https://attacker.test"}, 403},
					"by a page without an origin":  {[]string{"Origin", "null"}, 403},
					"by our own page":              {[]string{"Sec-Fetch-Site", "same-origin"}, 403},
					"by a name bent to this place": {[]string{"Host", "attacker.test"}, 403},
					"by the public name":           {[]string{"Host", servertest.SSO}, 403},
					"by an address of the network": {[]string{"Host", "192.0.2.1:9090"}, 403},
					"by a name that begins well":   {[]string{"Host", "localhost.attacker.test"}, 403},
				} {
					if c.status == 405 && (method == right || method == "HEAD" && right == "GET") {
						continue
					}
					rec := askAdmin(w, &reloads, method, path, c.header...)
					if rec.Code != c.status {
						t.Errorf("%s %s %s: %d, want %d", method, path, name, rec.Code, c.status)
					}
					if rec.Header().Get("Cache-Control") != "no-store" || rec.Header().Get("X-Content-Type-Options") != "nosniff" || len(rec.Result().Cookies()) > 0 {
						t.Errorf("%s %s %s: %v", method, path, name, rec.Header())
					}
				}
			}
		}
		for _, path := range []string{"/", "/nowhere", "/metrics/x", "/reload/", "/debug/pprof/", "/x\x00", "/\xff", "/" + strings.Repeat("a", 10<<10)} {
			if rec := askAdmin(w, &reloads, "GET", path); rec.Code != http.StatusNotFound {
				t.Errorf("%q: %d", path[:min(len(path), 20)], rec.Code)
			}
		}
		want(t, "reloads", reloads, 0)
		for table, rows := range kept(w) {
			want(t, table, rows, before[table])
		}
		askAdmin(w, &reloads, "POST", "/reload")
		want(t, "reloads that were meant", reloads, 1)
	})
}
