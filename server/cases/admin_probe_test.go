package cases

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/servertest"
)

// askAdmin asks the admin listener, as curl on the machine would. reloads counts the reloads; nil = nobody counts.
func askAdmin(w *servertest.World, reloads *int, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://localhost/", strings.NewReader(""))
	r.URL.Path = path
	r.RequestURI = path
	for name, values := range head(header...) {
		r.Header[name] = values
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	rec := httptest.NewRecorder()
	w.Server.Admin(func(context.Context, *server.Operator) server.Verdict {
		if reloads != nil {
			*reloads++
		}
		return server.Verdict{OK: true}
	}).ServeHTTP(rec, r)
	return rec
}

// scrape reads /metrics.
func scrape(w *servertest.World) string {
	w.T.Helper()
	rec := askAdmin(w, nil, http.MethodGet, "/metrics")
	if rec.Code != http.StatusOK {
		w.T.Fatalf("/metrics: %d", rec.Code)
	}
	return rec.Body.String()
}
