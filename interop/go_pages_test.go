package interop

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/oauth2"
)

// page answers with what is written as JSON, with an address to go to (leave), or with a status alone (int).
type page func(*http.Request) (any, error)

type leave string

// listen serves the pages of a panel, one request at a time except the resource's, which a page asks itself.
func listen(p *program, pages map[string]page, one *sync.Mutex) {
	mux := http.NewServeMux()
	for path, answerTo := range pages {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if path != "/resource" {
				one.Lock()
				defer one.Unlock()
			}
			said, err := answerTo(r)
			var refused *oauth2.RetrieveError
			if errors.As(err, &refused) {
				err = errors.New(refused.ErrorCode)
			}
			if err != nil {
				said = answer{Failed: err.Error()}
			}
			switch said := said.(type) {
			case leave:
				http.Redirect(w, r, string(said), http.StatusFound)
				return
			case int:
				w.WriteHeader(said)
				return
			case challenge:
				w.Header().Set("WWW-Authenticate", string(said))
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			_ = json.NewEncoder(w).Encode(said) // whoever hung up does not read it
		})
	}
	p.listen(mux)
}

// challenge is the answer to a token that is too weak (RFC 9470 §3).
type challenge string

var wanted = regexp.MustCompile(`error="insufficient_user_authentication".* acr_values="([^"]*)"`)

func (g *goPanel) resource(r *http.Request) (any, error) {
	token, err := g.access.Verify(g.ctx, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	if err != nil {
		return http.StatusUnauthorized, nil
	}
	var said answer
	if err := token.Claims(&said.Claims); err != nil {
		return nil, err
	}
	if said.Claims["acr"] != "mfa" {
		return challenge(`Bearer error="insufficient_user_authentication", error_description="A second step is needed.", acr_values="mfa"`), nil
	}
	return said, nil
}
