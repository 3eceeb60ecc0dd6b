package cases

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// W02: with an own factor and a fresh second step every page of the account is open; reading them all, with GET and HEAD,
// twice, and every link on them, changes nothing. Nor does it for whoever is not signed in.
func TestW02ReadingTheAccountChangesNothing(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("ugo")
		w.SignedIn(b, w.RP1, w.U1)
		person, err := w.Store.Person(t.Context(), w.U1.ID)
		if err != nil {
			t.Fatal(err)
		}
		before, audited := kept(w), len(okOf(w.Records("")))
		for _, reader := range []*servertest.Browser{b, w.Browser("nobody")} {
			seen, steps := map[string]bool{}, map[string]bool{}
			queue := []string{here + "/account", here + "/account/factors/" + person.Factors[0].ID + "/remove"}
			for _, row := range w.Server.Routes() {
				if !row.Acts && (len(row.Methods) > 1 || row.Methods[0] == http.MethodGet) {
					queue = append(queue, here+filled(row.Pattern, "x"))
				}
			}
			for len(queue) > 0 {
				address := queue[0]
				queue = queue[1:]
				u, err := url.Parse(address)
				if err != nil || u.Host != servertest.SSO || seen[address] || u.Query().Has("ref") || strings.HasPrefix(u.Path, "/authorize") || strings.HasPrefix(u.Path, "/login/") || strings.HasPrefix(u.Path, "/callback/") {
					continue // these begin, continue or end a sign-in; and each page of an error has a reference of its own
				}
				seen[address] = true
				for range 2 {
					tab := reader.Tab("reads")
					tab.Do(http.MethodHead, address, nil)
					tab.Do(http.MethodGet, address, nil)
					steps[tab.Step()] = true
					queue = append(queue, tab.Links()...)
				}
			}
			if len(seen) < 30 || reader == b && !steps["account_remove"] {
				t.Errorf("only %d addresses: %v", len(seen), steps)
			}
		}
		if diff := cmp.Diff(before, kept(w)); diff != "" {
			t.Errorf("a GET changed the database:\n%s", diff)
		}
		want(t, "acts recorded", len(okOf(w.Records(""))), audited)
	})
}

// okOf are the records of what was done; a page that is refused may be recorded too.
func okOf(all []*storage.Event) (ok []*storage.Event) {
	for _, e := range all {
		if e.Outcome == "ok" {
			ok = append(ok, e)
		}
	}
	return ok
}
