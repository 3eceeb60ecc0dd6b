package web

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A document is served without number or context; one that goes wrong is a request like any other.
func TestADocumentThatGoesWrongHasANumberAndASender(t *testing.T) {
	begin := func(w http.ResponseWriter) { io.WriteString(w, "half") }
	for name, c := range map[string]struct {
		handler Handler
		method  string
		header  []string
		status  int
		told    bool // the caller learns the number
		aborts  bool
		level   string
	}{
		"refuses": {handler: func(http.ResponseWriter, *http.Request) error {
			return &Error{Status: http.StatusNotFound, Code: "not_found"}
		}, status: 404, told: true, level: "INFO"},
		"fails":  {handler: func(http.ResponseWriter, *http.Request) error { return errors.New("why") }, status: 500, told: true, level: "ERROR"},
		"panics": {handler: func(http.ResponseWriter, *http.Request) error { panic("why") }, status: 500, told: true, level: "ERROR"},
		"fails in the middle": {handler: func(w http.ResponseWriter, _ *http.Request) error {
			begin(w)
			return errors.New("why")
		}, status: 200, level: "ERROR"},
		"panics in the middle": {handler: func(w http.ResponseWriter, _ *http.Request) error {
			begin(w)
			panic("why")
		}, status: 200, aborts: true, level: "ERROR"},
		"sets a cookie": {handler: func(w http.ResponseWriter, _ *http.Request) error {
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
			begin(w)
			return nil
		}, status: 200, level: "WARN"},
		"is served":      {status: 200, level: "DEBUG"},
		"another host":   {header: []string{"Host: other.example"}, status: 421, told: true, level: "INFO"},
		"another method": {method: "DELETE", status: 405, told: true, level: "INFO"},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, func(o *Options) {})
			h.Site.log = slog.New(slog.NewJSONHandler(&h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			if c.handler == nil {
				c.handler = func(w http.ResponseWriter, _ *http.Request) error { begin(w); return nil }
			}
			if c.method == "" {
				c.method = "GET"
			}
			h.Handler = h.Site.Mux([]Route{{Methods: []string{"GET"}, Pattern: "/doc", Audience: Public, Document: true, Handler: c.handler}})
			header := append([]string{"Peer: 192.0.2.1:443", "X-Forwarded-For: 203.0.113.7"}, c.header...)
			var resp *http.Response
			aborted := func() (p any) {
				defer func() { p = recover() }()
				resp = h.ask(c.method, "/doc", "", header...)
				return nil
			}() == http.ErrAbortHandler
			if aborted != c.aborts {
				t.Fatalf("aborted: %v", aborted)
			}
			var line struct {
				Level, Request, IP, Route string
				Status                    int
			}
			if err := json.Unmarshal(h.log.Bytes(), &line); err != nil {
				t.Fatalf("%v: %s", err, h.log.String())
			}
			if line.Level != c.level || !aReference.MatchString(line.Request) || line.IP != "203.0.113.7" || line.Route != "/doc" || line.Status != c.status {
				t.Errorf("log: %s", h.log.String())
			}
			if resp == nil {
				return
			}
			if got := resp.Header.Get("X-Request-Id"); resp.StatusCode != c.status || (got == line.Request) != c.told || len(resp.Cookies()) > 0 {
				t.Errorf("%d, X-Request-Id %q, log %s", resp.StatusCode, got, h.log.String())
			}
			if c.status >= 400 && (resp.Header.Get("Cache-Control") != "no-store" || strings.Contains(text(resp), "why")) {
				t.Error("an error is kept, or says why")
			}
		})
	}
}

// At info, what thousands ask for every second costs no line and no number.
func TestADocumentThatIsServedLeavesNoLine(t *testing.T) {
	h := open(t)
	h.Handler = h.Site.Mux([]Route{{
		Methods: []string{"GET"}, Pattern: "/doc", Audience: Public, Document: true, Handler: func(w http.ResponseWriter, r *http.Request) error {
			if RequestID(r) != "" || r.Header.Get("Cookie") != "" {
				t.Error("a number, or a cookie")
			}
			if r.Method == http.MethodHead {
				return nil
			}
			_, err := io.WriteString(w, "{}")
			return err
		},
	}})
	for _, method := range []string{"GET", "HEAD"} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, "/doc", nil)
		r.Host = "sso.example.it"
		r.Header.Set("Cookie", "a=b")
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK || h.log.Len() > 0 || w.Header().Get("X-Request-Id") != "" {
			t.Errorf("%s: %d, log %q, %v", method, w.Code, h.log.String(), w.Header())
		}
	}
}
