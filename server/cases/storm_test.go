package cases

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/web"
)

// storms are the headers from which peers looked up names, kept state or took a policy. Each has %d in it, which makes
// every value another one.
var storms = map[string][]string{
	"X-Forwarded-For": {"198.18.0.1, host-%d.attacker.test", "%d.%d.%d.%d", "[::1]:%d, 127.0.0.1", "unknown, _hidden%d", strings.Repeat("10.0.0.1, ", 900) + "%d", "203.0.113.%d:99999999"},
	"Forwarded":       {`for="[2001:db8::%d]";host=attacker.test`, "for=host-%d.attacker.test;by=_x"},
	"X-Real-Ip":       {"host-%d.attacker.test", "127.0.0.1"}, "True-Client-Ip": {"10.1.2.%d"}, "Cf-Connecting-Ip": {"10.1.2.%d"}, "X-Client-Ip": {"::%d"}, "X-Cluster-Client-Ip": {"10.%d"},
	"User-Agent":      {"bot-%d <script>alert(1)</script>", strings.Repeat("Mozilla/5.0 (", 500) + "%d", "() { :;}; ping %d"},
	"Accept-Language": {"xx-%d", strings.Repeat("it;q=0.%d,", 50) + "en", "../../etc/passwd%d"},
	"Referer":         {"https://attacker.test/%d"}, "X-Request-Id": {"r-%d"}, "Traceparent": {"00-%032d-0000000000000001-01"}, "X-Real-Host": {"h%d.test"},
	"Cookie": {"x%d=1", "__Host-soglia_session=stranger%d; __Host-soglia_browser=stranger%d"},
}

// L12: none of them is looked up, none is remembered.
func TestL12AStormOfHeadersLeavesNothingBehind(t *testing.T) {
	names := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = names })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		t.Error("a name was looked up")
		return nil, errors.New("no names here")
	}}
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora").Open(w.RP1.Login())
		p := &prober{t: t, w: w}
		paths := []string{"/support", "/login/" + requestOf(b), "/account", "/jwks", "/nowhere", "/userinfo"}
		for _, path := range paths { // what there is to be counted, is
			p.send(probe{"GET", path, "", nil})
		}
		before, series := kept(w), seriesOf(w)
		n := 0
		for name, values := range storms {
			for _, value := range values {
				for range 30 {
					n++
					h := head("X-Forwarded-For", "198.18.0.9") // one address, as far as it may be believed
					h[http.CanonicalHeaderKey(name)] = []string{strings.ReplaceAll(strings.ReplaceAll(value, "%032d", fmt.Sprintf("%032d", n)), "%d", fmt.Sprint(n))}
					a := p.send(probe{"GET", paths[n%len(paths)], "", h})
					for _, m := range a.manners(audienceOf(paths[n%len(paths)])) {
						t.Errorf("%s %s: %s lacks %s", name, a, a.says(), m)
					}
				}
			}
		}
		for table, rows := range kept(w) {
			if rows != before[table] {
				t.Errorf("%s grew:\n%s", table, rows)
			}
		}
		for name := range seriesOf(w) {
			if !series[name] && !strings.Contains(name, `code="429"`) && !strings.Contains(name, `code="431"`) {
				t.Errorf("a number of its own: %s", name)
			}
		}
		if strings.Contains(w.Logs.String(), "alert(1)") || strings.Contains(w.Logs.String(), "attacker.test") {
			t.Error("the log keeps what the headers say")
		}
	})
}

// An address that cannot be believed is no way round the limit of floods, whatever is written before it.
func TestL12AForgedAddressIsNoNewcomer(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		p := &prober{t: t, w: w}
		seen := map[int]int{}
		for i := range 1000 {
			h := head("X-Forwarded-For", fmt.Sprintf("203.0.113.%d, 10.9.%d.%d", i&255, i>>8, i&255), "Forwarded", fmt.Sprintf("for=10.8.%d.%d", i>>8, i&255))
			seen[p.send(probe{"GET", "/support", "", h}).status]++
		}
		want(t, "answers", fmt.Sprint(seen), "map[200:200 429:800]")
	}) // without throughProxy: nobody is trusted
}

// The page of the last access shows the true address: the rightmost hop that is no proxy of ours, and the browser's name
// as text.
func TestL12TheLastAccessShowsTheTrueAddress(t *testing.T) {
	const agent = `Mozilla/5.0 (<script>alert(1)</script>) "onload=x Firefox/140.0`
	for name, c := range map[string]struct{ forwarded, want string }{
		"what the proxy saw":          {"203.0.113.44", "203.0.113.44"},
		"what the client wrote first": {"8.8.8.8, 127.0.0.1, 203.0.113.44", "203.0.113.44"},
		"through a second proxy":      {"8.8.8.8, 203.0.113.44, 198.51.100.9", "203.0.113.44"},
		"markup":                      {"<script>alert(1)</script>, 203.0.113.44", "203.0.113.44"},
		"garbage nearest":             {"203.0.113.44, <script>alert(1)</script>", "198.51.100.9"},
		"an IPv6 address, mapped":     {"::ffff:203.0.113.44", "203.0.113.44"},
		"an IPv6 address":             {"2001:db8::7", "2001:db8::7"},
	} {
		servertest.Run(t, func(t *testing.T, w *servertest.World) {
			b := w.Browser("dora")
			b.IP, b.UserAgent = "198.51.100.9", agent
			inner := w.Server.Handler()
			w.Net.Handle(servertest.SSO, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				r.Header.Set("X-Forwarded-For", c.forwarded)
				inner.ServeHTTP(rw, r)
			}))
			w.SignedIn(b, w.RP1, w.U2)
			time.Sleep(time.Minute)
			again := w.Browser("again")
			again.IP = "198.51.100.9"
			w.SignedIn(again, w.RP1, w.U2)
			for _, page := range []string{"/account", "/account/sessions"} {
				again.Open(here + page).WantText(c.want)
				if body := string(again.Body()); strings.Contains(body, "<script>alert") || strings.Contains(body, "onload=x") || strings.Contains(body, "8.8.8.8") {
					t.Errorf("%s, %s:\n%s", name, page, body)
				}
			}
			for _, e := range w.Records("authn.ok") {
				want(t, name+": the audit's address", e.IP, c.want)
			}
		}, servertest.With(throughProxy))
	}
}

// seriesOf are the names and labels of everything that is counted.
func seriesOf(w *servertest.World) map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(scrape(w)) {
		if name, _, ok := strings.Cut(line, "} "); ok && !strings.HasPrefix(line, "#") {
			out[name] = true
		}
	}
	return out
}

func audienceOf(path string) web.Audience {
	switch path {
	case "/jwks":
		return web.Public
	case "/userinfo":
		return web.API
	}
	return web.Page
}
