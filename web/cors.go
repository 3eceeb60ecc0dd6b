package web

import (
	"net/http"
	"slices"
	"strings"
)

// CORS (Fetch §3.3) for what scripts of panels call. Who may read an answer is decided here, once, before anything can
// refuse the request: a script is shown neither status nor body of an answer without that header, so whoever forgot it in
// one refusal would turn "sign in again" and "wait a minute" into "network error". Only origins that a client registered,
// and never with credentials: our cookies are no business of a script.

var varyOrigin = []string{"Origin"}

// corsHeaders lets scripts of registered origins read the answer, whatever it will be.
func (s *Site) corsHeaders(h http.Header, r *http.Request, to Audience) {
	if len(s.origins) == 0 {
		return
	}
	origin := r.Header.Get("Origin")
	if origin != "" || to == Public { // an answer that is never stored needs no Vary when no origin was sent
		h["Vary"] = varyOrigin
	}
	if s.origins[origin] {
		h["Access-Control-Allow-Origin"] = []string{origin}
		h["Access-Control-Expose-Headers"] = exposed
	}
}

// exposed are the headers that tell a script what to do next.
var exposed = []string{"Retry-After, WWW-Authenticate"}

// Unshare takes an answer away from scripts again, for a handler that has learned whose it is.
func Unshare(w http.ResponseWriter) {
	w.Header().Del("Access-Control-Allow-Origin")
	w.Header().Del("Access-Control-Expose-Headers")
}

// Preflights adds the rows that answer OPTIONS, one for each pattern with a row that is [Route.CORS].
func Preflights(routes []Route) []Route {
	methods := map[string][]string{}
	var order []*Route
	for i, row := range routes {
		if !row.CORS {
			continue
		}
		if methods[row.Pattern] == nil {
			order = append(order, &routes[i])
		}
		methods[row.Pattern] = append(methods[row.Pattern], row.Methods...)
	}
	out := slices.Clone(routes)
	for _, row := range order {
		out = append(out, Route{
			Methods: []string{http.MethodOptions}, Pattern: row.Pattern, Audience: row.Audience, CORS: true,
			Handler: preflight(strings.Join(methods[row.Pattern], ", ")),
		})
	}
	return out
}

// preflight answers OPTIONS. No client is known yet, so any registered origin may ask.
func preflight(methods string) Handler {
	return func(w http.ResponseWriter, _ *http.Request) error {
		h := w.Header()
		h.Add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers")
		if h.Get("Access-Control-Allow-Origin") != "" {
			h.Set("Access-Control-Allow-Methods", methods)
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
			h.Set("Access-Control-Max-Age", "600")
		}
		h.Set("Allow", methods+", OPTIONS")
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}
