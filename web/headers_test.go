package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
)

func TestW06EveryAnswerHasItsHeaders(t *testing.T) {
	flood := func(o *Options) { o.Flood = Flood{PerSecond: 0.001, Burst: 1} }
	for name, c := range map[string]struct {
		status int
		resp   func() *http.Response
	}{
		"page":      {200, func() *http.Response { return open(t).ask("GET", "/page", "") }},
		"redirect":  {302, func() *http.Response { return open(t).ask("GET", "/authorize", "") }},
		"api":       {200, func() *http.Response { return open(t).ask("POST", "/token", "a=b") }},
		"public":    {200, func() *http.Response { return open(t).ask("GET", "/jwks", "") }},
		"not found": {404, func() *http.Response { return open(t).ask("GET", "/nowhere", "") }},
		"Q31 the cookies of many sister sites": {200, func() *http.Response {
			return open(t).ask("GET", "/page", "", "Cookie: "+strings.Repeat("_ga_WEBMAIL="+strings.Repeat("x", 100)+"; ", 150))
		}},
		"unclean path": {404, func() *http.Response { return open(t).ask("GET", "/a/../page", "") }},
		"method":       {405, func() *http.Response { return open(t).ask("PUT", "/page", "") }},
		"cross-site":   {403, func() *http.Response { return open(t).ask("POST", "/page", "a=b", "Sec-Fetch-Site: cross-site") }},
		"wrong host":   {421, func() *http.Response { return open(t).ask("GET", "/page", "", "Host: evil.example") }},
		"too many cookies": {431, func() *http.Response {
			return open(t).ask("GET", "/page", "", "Cookie: "+strings.Repeat("a=b; ", 5000))
		}},
		"broken page": {500, func() *http.Response { return open(t).ask("GET", "/broken", "") }},
		"broken api":  {500, func() *http.Response { return open(t).ask("GET", "/api/broken", "") }},
		"flood": {429, func() *http.Response {
			h := open(t, flood)
			h.ask("GET", "/page", "")
			return h.ask("GET", "/page", "")
		}},
	} {
		resp := c.resp()
		if resp.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", name, resp.StatusCode, c.status)
		}
		for header, want := range map[string]string{
			"Strict-Transport-Security": "max-age=63072000",
			"X-Content-Type-Options":    "nosniff",
			"Referrer-Policy":           "same-origin",
			"Content-Security-Policy":   "default-src 'none'",
		} {
			if got := resp.Header.Get(header); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s = %q", name, header, got)
			}
		}
		framed := resp.Header.Get("X-Frame-Options") == "DENY" && strings.HasPrefix(resp.Header.Get("Permissions-Policy"), "camera=()") &&
			resp.Header.Get("Cross-Origin-Resource-Policy") == "same-origin"
		if program := name == "public" || strings.Contains(name, "api"); framed == program {
			t.Errorf("%s: a page's headers: %v", name, framed)
		}
		if apart := resp.Header.Get("Cross-Origin-Opener-Policy") == "same-origin"; apart == (name == "public") {
			t.Errorf("%s: an opener policy: %v", name, apart)
		}
		cache := resp.Header.Get("Cache-Control")
		if want := map[bool]string{true: "public, max-age=300", false: "no-store"}[name == "public"]; cache != want {
			t.Errorf("%s: Cache-Control = %q, want %q", name, cache, want)
		}
	}
	dev := open(t, func(o *Options) { o.Dev, o.Issuer = true, "http://sso.localhost:8480" })
	if resp := dev.ask("GET", "/page", "", "Host: sso.localhost:8480"); resp.Header.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS in dev would lock localhost out of plain http")
	}
}

func TestW05NoCookieWhereNoneBelongs(t *testing.T) {
	h := open(t)
	resp := h.ask("GET", "/jwks", "", "Cookie: __Host-soglia_session="+strings.Repeat("a", 43))
	if got := resp.Header["Set-Cookie"]; got != nil {
		t.Errorf("JWKS sets %q", got)
	}
	if body := text(resp); body != "{}" {
		t.Errorf("JWKS sees the cookie: %s", body)
	}
	if !strings.Contains(h.log.String(), "stray_cookie") {
		t.Error("the log does not tell of the mistake")
	}
	if got := h.ask("POST", "/authorize", "a=b").Header["Set-Cookie"]; got != nil {
		t.Errorf("a cross-site POST was given %q", got)
	}
	cookie := h.ask("GET", "/authorize", "").Header.Get("Set-Cookie")
	for _, part := range []string{"__Host-soglia_browser=", "; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax", "; Max-Age=34560000"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("%q lacks %q", cookie, part)
		}
	}
	if len(cookie) > 4096 || strings.Contains(cookie, "Domain") {
		t.Errorf("cookie %q", cookie)
	}
}

func TestG04OnlyTheIssuersHostIsServed(t *testing.T) {
	for name, c := range map[string]struct {
		target string
		header []string
		want   int
	}{
		"right":                    {"/page", nil, 200},
		"default port":             {"/page", []string{"Host: sso.example.it:443"}, 200},
		"capitals":                 {"/page", []string{"Host: SSO.Example.IT"}, 200},
		"evil":                     {"/page", []string{"Host: evil.example"}, 421},
		"suffix":                   {"/page", []string{"Host: sso.example.it.evil.example"}, 421},
		"other port":               {"/page", []string{"Host: sso.example.it:8443"}, 421},
		"trailing dot":             {"/page", []string{"Host: sso.example.it."}, 421},
		"none":                     {"/page", []string{"Host: "}, 421},
		"forwarded host is noise":  {"/page", []string{"X-Forwarded-Host: evil.example", "Forwarded: host=evil.example", "X-Forwarded-Proto: http"}, 200},
		"absolute form, right":     {"https://sso.example.it/page", nil, 200},
		"absolute form, evil":      {"https://evil.example/page", nil, 421},
		"absolute form, evil Host": {"https://sso.example.it/page", []string{"Host: evil.example"}, 421},
	} {
		resp := open(t).ask("GET", c.target, "", c.header...)
		if resp.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", name, resp.StatusCode, c.want)
		}
		if strings.Contains(text(resp), "evil") || strings.Contains(fmt.Sprint(resp.Header), "evil") {
			t.Errorf("%s: the host came back", name)
		}
	}
}

func TestW09OtherMethodsAre405WithAllow(t *testing.T) {
	for _, c := range []struct{ method, target, allow string }{
		{"TRACE", "/page", "GET, HEAD, POST"},
		{"PUT", "/page", "GET, HEAD, POST"},
		{"DELETE", "/token", "POST"},
		{"HEAD", "/token", "POST"},
		{"GET", "/token", "POST"},
		{"OPTIONS", "/token", "POST"},
		{"PATCH", "/jwks", "GET, HEAD"},
		{"BREW", "/jwks", "GET, HEAD"},
	} {
		h := open(t)
		resp := h.ask(c.method, c.target, "")
		if resp.StatusCode != 405 || resp.Header.Get("Allow") != c.allow || h.calls != 0 {
			t.Errorf("%s %s: %d, Allow %q", c.method, c.target, resp.StatusCode, resp.Header.Get("Allow"))
		}
	}
	if resp := open(t).ask("HEAD", "/page", ""); resp.StatusCode != 200 {
		t.Errorf("HEAD where GET is: %d", resp.StatusCode)
	}
	h := open(t)
	h.ask("GET", "/page", "", "X-HTTP-Method-Override: POST", "X-HTTP-Method: POST", "X-Method-Override: POST")
	h.ask("GET", "/page?_method=POST", "")
	if h.calls != 0 {
		t.Error("a header or field changed the method")
	}
}

func TestW11ErrorsTellNothingButTheReference(t *testing.T) {
	for _, target := range []string{"/nowhere", "/broken", "/api/broken", "/token"} {
		h := open(t)
		resp := h.ask("GET", target, "")
		body, ref := text(resp), resp.Header.Get("X-Request-Id")
		for _, leak := range []string{"/srv", "pq:", "goroutine", ".go:", "index out", "go1.", "soglia/"} {
			if strings.Contains(body, leak) {
				t.Errorf("%s tells %q: %s", target, leak, body)
			}
		}
		if !aReference.MatchString(ref) || !strings.Contains(h.log.String(), ref) {
			t.Errorf("%s: reference %q is not in the log", target, ref)
		}
		if page := strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html"); page && !strings.Contains(body, "ref="+ref) {
			t.Errorf("%s: the page lacks its reference", target)
		}
		if strings.Count(h.log.String(), "\n") != 1 {
			t.Errorf("%s: %d log lines", target, strings.Count(h.log.String(), "\n"))
		}
	}
	h := open(t)
	h.ask("GET", "/broken", "")
	if !strings.Contains(h.log.String(), "relation") || !strings.Contains(h.log.String(), `"level":"ERROR"`) {
		t.Errorf("the cause is not in the log: %s", h.log.String())
	}
}

func TestErrorsInTheFormTheirAudienceReads(t *testing.T) {
	failures = map[string]error{
		"away":    fmt.Errorf("reading person: %w", storage.ErrAway),
		"slow":    context.DeadlineExceeded,
		"client":  &Error{Status: 401, Code: "invalid_client", Message: "unknown client or wrong \"secret\"\n", Header: http.Header{"WWW-Authenticate": {`Basic realm="soglia"`}}},
		"wrapped": fmt.Errorf("token: %w", &Error{Status: 400, Code: "invalid_grant", Message: "invalid_grant", Cause: errors.New("code used")}),
		"limit":   &Error{Status: 429, Code: "too_many_requests", RetryAfter: 7},
	}
	for how, c := range map[string]struct {
		status           int
		body, page       string
		header, contains string
	}{
		"away":    {503, `{"error":"temporarily_unavailable","error_description":"The service is briefly unavailable. Try again later."}`, "code=temporarily_unavailable text=unavailable", "Retry-After", "5"},
		"slow":    {503, `{"error":"temporarily_unavailable","error_description":"The service is briefly unavailable. Try again later."}`, "code=temporarily_unavailable", "Retry-After", "5"},
		"client":  {401, `{"error":"invalid_client","error_description":"unknown client or wrong secret"}`, "text=invalid_client", "Www-Authenticate", "Basic"},
		"wrapped": {400, `{"error":"invalid_grant"}`, "text=invalid_grant", "", ""},
		"limit":   {429, `{"error":"too_many_requests","error_description":"Too many requests. Try again later."}`, "text=too_many", "Retry-After", "7"},
	} {
		resp := open(t).ask("GET", "/fails/"+how, "")
		if body := text(resp); resp.StatusCode != c.status || body != c.body || resp.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s", how, resp.StatusCode, body)
		}
		if c.header != "" && !strings.Contains(resp.Header.Get(c.header), c.contains) {
			t.Errorf("%s: %s = %q", how, c.header, resp.Header.Get(c.header))
		}
		if body := text(open(t).ask("GET", "/page/fails/"+how, "", "Accept-Language: en")); !strings.Contains(body, c.page) || !strings.Contains(body, "lang=en") {
			t.Errorf("%s: page %s", how, body)
		}
		again := text(open(t).ask("GET", "/page/fails/"+how+"?x=1", ""))
		if offers := strings.Contains(again, "retry=/page/fails/"+how+"?x=1"); offers != (c.header == "Retry-After") {
			t.Errorf("%s: a page that can be tried again offers it: %v", how, offers)
		}
	}
}

func TestHalfAnAnswerIsCutOff(t *testing.T) {
	s := open(t).Site
	h := s.Mux([]Route{{Methods: []string{"GET"}, Pattern: "/half", Audience: Public, Handler: func(w http.ResponseWriter, r *http.Request) error {
		io.WriteString(w, "half")
		panic("then nothing")
	}}})
	defer func() {
		if v := recover(); v != http.ErrAbortHandler {
			t.Errorf("recovered %v, want http.ErrAbortHandler", v)
		}
	}()
	r := httptest.NewRequest("GET", "/half", nil)
	r.Host = "sso.example.it"
	h.ServeHTTP(httptest.NewRecorder(), r)
}

func TestMuxRefusesTwoRowsForOneMethod(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("two rows for GET /a were accepted")
		}
	}()
	none := func(http.ResponseWriter, *http.Request) error { return nil }
	open(t).Mux([]Route{
		{Methods: []string{"GET"}, Pattern: "/a", Handler: none},
		{Methods: []string{"POST", "GET"}, Pattern: "/a", Handler: none},
	})
}

// These need the wire, because net/http decides before any handler.
func TestOnTheWire(t *testing.T) {
	h := open(t)
	srv := httptest.NewUnstartedServer(h)
	srv.Config = Server("", h)
	srv.Start()
	defer srv.Close()
	const post = "POST /token HTTP/1.1\r\nHost: sso.example.it\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	body := "a=b"
	for name, c := range map[string]struct {
		send  string
		want  int
		close bool
	}{
		"G04 two Host headers":                      {"GET /page HTTP/1.1\r\nHost: sso.example.it\r\nHost: evil.example\r\n\r\n", 400, true},
		"G04 absolute-form for another host":        {"GET https://evil.example/page HTTP/1.1\r\nHost: sso.example.it\r\n\r\n", 421, false},
		"N02 a header of 1 MB":                      {"GET /page HTTP/1.1\r\nHost: sso.example.it\r\nX-A: " + strings.Repeat("a", 1<<20) + "\r\n\r\n", 431, true},
		"N02 5 000 cookies":                         {"GET /page HTTP/1.1\r\nHost: sso.example.it\r\nCookie: " + strings.Repeat("a=b; ", 5000) + "c=d\r\n\r\n", 431, false},
		"N02 6 000 headers":                         {"GET /page HTTP/1.1\r\nHost: sso.example.it\r\n" + strings.Repeat("X: y\r\n", 6000) + "\r\n", 431, true},
		"N02 20 MB announced":                       {post + "Content-Length: 20971520\r\n\r\n", 413, true},
		"N02 100 000 parameters":                    {post + "Content-Length: 400000\r\n\r\n" + strings.Repeat("a=b&", 100000), 413, true},
		"N02 chunks without end":                    {post + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("2000\r\n"+strings.Repeat("a", 8192)+"\r\n", 100), 413, true},
		"N02 a compressed body":                     {post + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08", 415, false},
		"both Content-Length and Transfer-Encoding": {"POST /token HTTP/1.1\r\nHost: sso.example.it\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n" + body + "\r\n0\r\n\r\n", 200, true},
		"OPTIONS *":                                 {"OPTIONS * HTTP/1.1\r\nHost: sso.example.it\r\n\r\n", 404, false},
	} {
		conn, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		go io.WriteString(conn, c.send)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		conn.Close()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if resp.StatusCode != c.want || resp.Close != c.close {
			t.Errorf("%s: %d, close %v", name, resp.StatusCode, resp.Close)
		}
	}
}

func TestOurErrorsHaveTheirTexts(t *testing.T) {
	set, err := templates.New(templates.Brand{Name: "Example", DefaultLang: "it", Offered: []string{"it", "en"}})
	if err != nil {
		t.Fatal(err)
	}
	for code, e := range ours {
		if !set.Has(e.text) {
			t.Errorf("%s: no text %q", code, e.text)
		}
		if got := textID(&Error{Code: code}); got != e.text {
			t.Errorf("%s has the text %q", code, got)
		}
	}
}
