package op

import (
	"net/http"
	"slices"

	"github.com/soglia-sso/soglia/web"
)

// narrow takes the answer away from the scripts of other panels. Until the client is known, any origin that somebody
// registered may read what is said (web.Route.CORS); from then on only the client's own.
func narrow(w http.ResponseWriter, r *http.Request, client *client) {
	if origin := r.Header.Get("Origin"); origin != "" && !slices.Contains(client.Origins, origin) {
		web.Unshare(w)
	}
}
