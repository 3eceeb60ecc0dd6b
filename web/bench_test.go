package web

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// wire is a ResponseWriter that throws everything away. Each answer has headers of its own, as net/http makes them.
type wire struct{ header http.Header }

func (w *wire) Header() http.Header         { return w.header }
func (w *wire) Write(b []byte) (int, error) { return len(b), nil }
func (w *wire) WriteHeader(int)             {}

var kept = struct{ length, kind, cache []string }{[]string{"2"}, []string{"application/json"}, []string{"public, max-age=300"}}

// benched is a site with one document and one route of programs, behind a proxy, with a log that is written nowhere.
func benched(b *testing.B) http.Handler {
	s, err := NewSite(Options{
		Issuer: "https://sso.example.it", Pages: plainPages{}, Log: slog.New(slog.NewJSONHandler(io.Discard, nil)),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Observe:        func(string, string, int, time.Duration) {},
	})
	if err != nil {
		b.Fatal(err)
	}
	body := []byte("{}")
	return s.Mux([]Route{
		{Methods: []string{"GET"}, Pattern: "/jwks", Audience: Public, Document: true, Handler: func(w http.ResponseWriter, r *http.Request) error {
			h := w.Header()
			h["Cache-Control"], h["Content-Type"], h["Content-Length"] = kept.cache, kept.kind, kept.length
			_, err := w.Write(body)
			return err
		}},
		{Methods: []string{"POST"}, Pattern: "/token", Audience: API, Handler: func(w http.ResponseWriter, r *http.Request) error {
			h := w.Header()
			h["Content-Type"], h["Content-Length"] = kept.kind, kept.length
			_, err := w.Write(body)
			return err
		}},
	})
}

func request(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host, r.RemoteAddr = "sso.example.it", "127.0.0.1:40000"
	r.Header = http.Header{
		"User-Agent": {"Go-http-client/1.1"}, "Accept-Encoding": {"gzip"}, "X-Forwarded-For": {"203.0.113.7"},
	}
	if body != "" {
		r.Header["Content-Type"] = []string{"application/x-www-form-urlencoded"}
		r.Header["Authorization"] = []string{"Basic cGFuZWw6c2VjcmV0"}
	}
	return r
}

func bench(b *testing.B, r *http.Request) {
	front := benched(b)
	b.ReportAllocs()
	for b.Loop() {
		front.ServeHTTP(&wire{header: http.Header{}}, r.WithContext(r.Context()))
	}
}

// BenchmarkDocument is what stands around a document; the copy of the request is the benchmark's own.
func BenchmarkDocument(b *testing.B) { bench(b, request("GET", "/jwks", "")) }

// BenchmarkProgram is what stands around the handler of a program's call, its log line included.
func BenchmarkProgram(b *testing.B) { bench(b, request("POST", "/token", "grant_type=x")) }

// BenchmarkLogLine is the line alone.
func BenchmarkLogLine(b *testing.B) {
	f := benched(b).(*handler)
	v := &requestInfo{site: f.site, route: &Route{Pattern: "/token", Audience: API}}
	r := v.begin(request("POST", "/token", "a=b"))
	a := &response{status: http.StatusOK}
	b.ReportAllocs()
	begin := time.Now()
	for b.Loop() {
		f.site.record(r, v, a, nil, begin, begin.Add(2345*time.Microsecond))
	}
}

// BenchmarkForm is the body of a refresh.
func BenchmarkForm(b *testing.B) {
	const body = "grant_type=refresh_token&client_id=panel&scope=openid+profile&refresh_token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	b.ReportAllocs()
	for b.Loop() {
		r := &http.Request{Header: http.Header{"Content-Type": {plainForm}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
		if _, err := Form(nil, r); err != nil {
			b.Fatal(err)
		}
	}
}
