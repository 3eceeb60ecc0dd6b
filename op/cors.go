package op

import (
	"net/http"
	"slices"
)

// CORS (Fetch §3.3), for the endpoints that single-page panels call: token, userinfo, discovery, JWKS. Only origins
// that a client registered, never with credentials: our cookies are no business of a script. Written here because it is
// per client, and known only after the client is.

// allowOrigin lets the client's own origins read the answer.
func allowOrigin(w http.ResponseWriter, r *http.Request, client *panel) {
	origin := r.Header.Get("Origin")
	if origin != "" && slices.Contains(client.Origins, origin) {
		expose(w, origin)
	}
}

// allowAnyClient lets every registered origin read what is public anyway.
func (v *view) allowAnyClient(w http.ResponseWriter, r *http.Request) {
	if len(v.origins) == 0 {
		return
	}
	w.Header()["Vary"] = varyOrigin
	if origin := r.Header.Get("Origin"); origin != "" && v.origins[origin] {
		expose(w, origin)
	}
}

var varyOrigin = []string{"Origin"}

func expose(w http.ResponseWriter, origin string) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "WWW-Authenticate")
}

// preflight answers OPTIONS. No client is known yet, so any registered origin may ask; the answer itself is readable
// only to the client's own.
func (p *Provider) preflight(methods string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		h := w.Header()
		h.Add("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
		if origin := r.Header.Get("Origin"); p.view().origins[origin] {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Allow-Methods", methods)
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
			h.Set("Access-Control-Max-Age", "600")
		}
		h.Set("Allow", methods+", OPTIONS")
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}
