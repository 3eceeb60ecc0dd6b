package cases

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/web"
)

const here = "https://" + servertest.SSO

// throughProxy lets a [prober] choose the address each request comes from, so that a flood limit hides no answer.
func throughProxy(f *config.File) { f.TrustedProxies = []string{"198.51.100.9/32"} }

// prober sends what no browser would: any method, path, body and header. The server must trust [throughProxy].
type prober struct {
	t testing.TB
	w *servertest.World
	n int
}

// probe is one request. The target is a path with its query, escaped as it is to be sent.
type probe struct {
	method, target string
	body           string // a form, unless the header says otherwise; "" on a POST is an empty form
	header         http.Header
}

func (p *prober) send(q probe) *answer {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), q.method, here+"/", strings.NewReader(q.body))
	if err != nil {
		p.t.Fatal(err)
	}
	if r.URL, err = target(q.target); err != nil {
		p.t.Fatalf("%s: %v", q.target, err)
	}
	p.n++
	r.Header.Set("X-Forwarded-For", "100."+strconv.Itoa(64+p.n>>16)+"."+strconv.Itoa(p.n>>8&255)+"."+strconv.Itoa(p.n&255))
	if q.method != http.MethodGet && q.method != http.MethodHead {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range q.header {
		r.Header[name] = values
	}
	res, err := p.w.Net.RoundTrip(r)
	if err != nil {
		p.t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return &answer{probe: q, status: res.StatusCode, header: res.Header, body: string(body), cookies: res.Cookies()}
}

// target parses a request target as net/http does for a line from the wire.
func target(s string) (*url.URL, error) {
	u, err := url.ParseRequestURI(s)
	if err == nil {
		u.Scheme, u.Host = "https", servertest.SSO
	}
	return u, err
}

// cookies are a browser's, as a header.
func cookies(b *servertest.Browser) string {
	var all []string
	for _, c := range b.Cookies(servertest.SSO) {
		all = append(all, c.Name+"="+c.Value)
	}
	return strings.Join(all, "; ")
}

// head is a header of pairs; pairs with an empty value are left out.
func head(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			h.Add(pairs[i], pairs[i+1])
		}
	}
	return h
}

// ofOurs is missing where an answer is a fault of ours.
const ofOurs = "an answer that is no fault of ours"

// answer is what came back.
type answer struct {
	probe
	status  int
	header  http.Header
	body    string
	cookies []*http.Cookie
}

var (
	errorCode = regexp.MustCompile(`id="error-code">([^<]*)<`)
	dataStep  = regexp.MustCompile(`<main data-step="([^"]*)"`)
)

// says sums the answer up: the status, and the error's code, the page's step or the path a redirect leads to.
func (a *answer) says() string {
	what := ""
	switch kind := a.header.Get("Content-Type"); {
	case a.status/100 == 3:
		if u, err := url.Parse(a.header.Get("Location")); err == nil {
			u.RawQuery = ""
			what = u.String()
		}
	case strings.Contains(kind, "json"):
		var e struct{ Error string }
		if json.Unmarshal([]byte(a.body), &e) == nil {
			what = e.Error
		}
	default:
		for _, find := range []*regexp.Regexp{errorCode, dataStep} {
			if m := find.FindStringSubmatch(a.body); m != nil {
				what = html.UnescapeString(m[1])
				break
			}
		}
	}
	return strings.TrimSpace(strconv.Itoa(a.status) + " " + what)
}

func (a *answer) String() string {
	long := func(s string) string { return s[:min(len(s), 160)] }
	return a.method + " " + long(a.target) + " " + long(a.probe.body)
}

// manners are what every answer of the public listener has, whatever it answers (W03, W05, W06, W11). It returns what is
// missing.
func (a *answer) manners(to web.Audience) (missing []string) {
	miss := func(ok bool, what string) {
		if !ok {
			missing = append(missing, what)
		}
	}
	h := a.header
	miss(a.status < 500, ofOurs)
	for name, want := range map[string]string{
		"Strict-Transport-Security": "max-age=63072000", "X-Content-Type-Options": "nosniff",
	} {
		miss(len(h[name]) == 1 && h.Get(name) == want, name)
	}
	if to != web.Public && !strings.HasPrefix(a.target, "/jwks") {
		miss(h.Get("Cross-Origin-Opener-Policy") == "same-origin", "Cross-Origin-Opener-Policy")
	}
	if strings.HasPrefix(h.Get("Content-Type"), "text/html") {
		miss(h.Get("X-Frame-Options") == "DENY" && strings.HasPrefix(h.Get("Permissions-Policy"), "camera=(), "), "the headers of a document")
	}
	miss(h.Get("Referrer-Policy") == "same-origin" || h.Get("Referrer-Policy") == "no-referrer", "Referrer-Policy")
	miss(len(h.Get("X-Request-Id")) == len("7F3K-92QD") || to == web.Public && a.status < 400, "X-Request-Id")
	csp := h.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action "} {
		miss(len(h["Content-Security-Policy"]) == 1 && strings.Contains(csp, part), "CSP "+part)
	}
	miss(!strings.Contains(csp, "unsafe") && !strings.Contains(csp, "*"), "a strict CSP")
	if to != web.Public || a.status >= 400 {
		miss(h.Get("Cache-Control") == "no-store", "no-store")
	}
	for _, c := range a.cookies {
		miss(to == web.Page || to == web.Entry, "no cookie for programs and files")
		miss(strings.HasPrefix(c.Name, "__Host-") && c.Secure && c.HttpOnly && c.Path == "/" && c.Domain == "" && c.SameSite == http.SameSiteLaxMode, "the flags of "+c.Name)
		miss(len(c.Raw) <= 4096, "a cookie of less than 4096 bytes")
	}
	for _, leak := range []string{"goroutine ", ".go:", "runtime error", "SELECT ", "sqlite", "pgx/", "SQLSTATE", "/srv/", "/work/", "/tmp/", "go1.", "strconv", "invalid character", "unexpected EOF"} {
		miss(!strings.Contains(a.body, leak), "silence about "+leak)
	}
	miss(h.Get("Server") == "" && h.Get("X-Powered-By") == "", "silence about the server")
	return missing
}
