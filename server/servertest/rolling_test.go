package servertest_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/servertest"
)

// While a new YAML reaches one instance after the other, those that have it not yet know nothing of a new client, or of its
// offline_access. They refuse what they do not know, and end nothing: that is for what was taken away.
func TestAGrantOfANewerYAMLIsNotEndedByAnInstanceThatHasTheOldOne(t *testing.T) {
	for name, before := range map[string]func(*config.File){
		"a new client": func(f *config.File) {
			f.Clients = slices.DeleteFunc(slices.Clone(f.Clients), func(c config.FileClient) bool { return c.ID == "panel2" })
		},
		"offline_access": func(f *config.File) {
			for i := range f.Clients {
				if c := &f.Clients[i]; c.ID == "panel2" {
					c.Scopes = slices.DeleteFunc(slices.Clone(c.Scopes), func(s string) bool { return s == "offline_access" })
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				fresh, stale := w.Server, w.Second()
				at := fresh
				w.Route(func(*http.Request) *server.Server { return at })
				w.Reload(before, fresh, stale)
				time.Sleep(time.Minute)
				load(t, w, fresh)
				w.SignedIn(w.Browser("dora"), w.RP2, w.U2, "scope", "openid offline_access")
				got := w.RP2.Last().Token

				at = stale
				want(t, "userinfo at the old one", w.RP2.UserInfoStatus(got.AccessToken), 401)
				if _, err := w.RP2.Refresh(got.RefreshToken); err == nil {
					t.Error("refreshed at the old one")
				}
				load(t, w, stale)
				want(t, "userinfo once it has the new YAML", w.RP2.UserInfoStatus(got.AccessToken), 200)
				if _, err := w.RP2.Refresh(got.RefreshToken); err != nil {
					t.Error(err)
				}

				// And what is taken away ends, for good.
				time.Sleep(time.Minute)
				w.Reload(before, fresh)
				at = fresh
				want(t, "taken away", w.RP2.UserInfoStatus(got.AccessToken), 401)
				at = stale
				want(t, "for good", w.RP2.UserInfoStatus(got.AccessToken), 401)
			}, servertest.OnPostgres())
		})
	}
}

// load puts the world's own configuration in force.
func load(t *testing.T, w *servertest.World, s *server.Server) {
	t.Helper()
	if err := s.Reload(w.Config); err != nil {
		t.Fatal(err)
	}
}
