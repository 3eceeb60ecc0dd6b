package servertest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/soglia-sso/soglia/server/servertest"
)

// W02: reading changes nothing. Every link of every page, and every GET of the table, twice and with a session.
func TestW02GETsChangeNothing(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		got := w.SignedIn(b, w.RP1, w.U2)
		seen := map[string]bool{}
		var queue []string
		add := func(address string) {
			u, err := url.Parse(address)
			if err != nil || u.Host != servertest.SSO || seen[address] || len(seen) > 200 {
				return
			}
			for _, acts := range []string{"/authorize", "/login/", "/callback/", "/account/sign-in"} { // begin, continue or end a sign-in
				if strings.HasPrefix(u.Path, acts) {
					return
				}
			}
			seen[address] = true
			queue = append(queue, address)
		}
		for _, row := range w.Server.Routes() {
			for _, m := range row.Methods {
				if m == http.MethodGet {
					add("https://" + servertest.SSO + strings.NewReplacer("{$}", "").Replace(row.Pattern))
				}
			}
		}
		add("https://" + servertest.SSO + "/support?lang=it")
		before := w.Dump()
		for len(queue) > 0 {
			address := queue[0]
			queue = queue[1:]
			for range 2 {
				page := b.Tab("crawl").Do(http.MethodGet, address, nil)
				for _, l := range page.Links() {
					add(l)
				}
			}
		}
		if len(seen) < 8 {
			t.Errorf("only %d addresses were found", len(seen))
		}
		if diff := cmp.Diff(before, w.Dump()); diff != "" {
			t.Errorf("a GET changed the database:\n%s", diff)
		}
		b.Open(w.RP1.Login("prompt", "none"))
		want(t, "still signed in", w.RP1.Last().IDToken.Subject, got.IDToken.Subject)
	})
}
