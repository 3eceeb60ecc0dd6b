// Package servertest is a whole world in a test: one or two servers on a database, a social provider that is a third
// instance of the same server, relying parties on an independent library, and browsers that keep cookies and fill forms
// by label. No sockets, no waiting: everything runs inside a testing/synctest bubble, where two hours pass at once.
//
// It owns the fakes' manners. It leaves what is right to the tests, except what must be true of every answer, which the
// browser checks by itself (no 5xx, no 307 after a POST, form-action, __Host- cookies).
//
// Easy to get wrong: the bubble. [New] must be called inside it ([Run] does), because the database's pool has goroutines
// and the clock is the bubble's. The one exception is a world for a real browser ([Net.Listen]), which has no bubble.
package servertest

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

// The hosts of every test. Panel and social provider are same-site with the server, as sub-domains of a hosting provider
// are; the second panel and the attacker are not.
const (
	SSO    = "sso.example.test"
	Panel  = "panel.example.test"
	Panel2 = "dns.partner.test"
	Social = "social.example.test"
	Evil   = "attacker.test"
)

// World is a test's servers, people and relying parties.
type World struct {
	T      testing.TB
	Net    *Net
	Server *server.Server
	Store  *sql.Store
	Config *config.Config
	Memory *notify.Memory
	Logs   *Logs
	Social *server.Server // the social provider

	U1, U2, V *Person // password and app; password and e-mail; the victim (password and e-mail)
	Carla     *Person // at the social provider, address verified there
	Dario     *Person // at the social provider, address not verified there
	RP1, RP2  *RP     // confidential: knows levels (on_unmet: drop); a panel that knows nothing of acr (step_up)
	RP3       *RP     // public

	url     string
	options options
	tables  []dumped
}

// Run runs a test in a world of its own, inside a bubble.
func Run(t *testing.T, f func(*testing.T, *World), opts ...Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, New(t, opts...)) })
}

// New builds a world. Call it inside a bubble, or in real time for a real browser.
func New(t testing.TB, opts ...Option) *World {
	t.Helper()
	w := &World{T: t, Net: NewNet(), Memory: new(notify.Memory), Logs: new(Logs)}
	for _, o := range opts {
		o(&w.options)
	}
	if w.options.postgres {
		w.url = storagetest.Postgres(t)
	} else {
		w.url = storagetest.SQLite(t)
	}
	w.Config = w.parse(ssoYAML, w.url, w.options.change)
	w.Store = w.open(w.url)
	for _, fake := range w.options.fakes {
		fake(w)
	}
	w.seed()
	w.Server = w.instance(w.Store)
	w.Net.Handle(SSO, w.Server.Handler())
	w.addSocial()
	issuer := "https://" + SSO
	w.RP1 = w.Net.NewRP(t, issuer, "panel", clientSecret, "https://"+Panel+"/cb", "openid", "profile", "email", "billing", "dns", "payments", "authcode", "mailboxes")
	w.RP2 = w.Net.NewRP(t, issuer, "panel2", clientSecret, "https://"+Panel2+"/cb", "openid", "email")
	w.RP3 = w.Net.NewRP(t, issuer, "public", "", "https://app.example.test/cb", "openid")
	return w
}

// open opens a database for the length of the test.
func (w *World) open(url string, opts ...sql.Option) *sql.Store {
	w.T.Helper()
	opts = append([]sql.Option{sql.WithOffset(0), sql.WithDev(), sql.WithoutMigration(), sql.WithLogger(slog.New(w.Logs))}, opts...)
	if w.options.pool > 0 {
		opts = append(opts, sql.WithPool(w.options.pool))
	}
	db, err := sql.Open(context.Background(), url, opts...)
	if err != nil {
		w.T.Fatal(err)
	}
	w.T.Cleanup(func() {
		if err := db.Close(); err != nil {
			w.T.Error(err)
		}
	})
	return db
}

// instance makes one server on a database.
func (w *World) instance(db storage.Store) *server.Server {
	w.T.Helper()
	s, err := server.New(context.Background(), server.Options{
		Config: w.Config, Store: db, Log: slog.New(w.Logs), Memory: w.Memory, Transport: w.Net,
	})
	if err != nil {
		w.T.Fatal(err)
	}
	return s
}

// Second makes another instance on the same database; it answers nobody until [World.Route]. On PostgreSQL it has a pool of
// its own. SQLite serves one process, whose writers stand in one line: two lines before one file starve each other on a
// slow machine, which is no fault that anybody could meet.
func (w *World) Second() *server.Server {
	w.T.Helper()
	if !w.options.postgres {
		return w.instance(w.Store)
	}
	return w.instance(w.open(w.url))
}

// Route makes every request to the server go to the instance that pick returns, as a load balancer would.
func (w *World) Route(pick func(*http.Request) *server.Server) {
	w.Net.Handle(SSO, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { pick(r).Handler().ServeHTTP(rw, r) }))
}

// addSocial puts the social provider into the world: the same program, its own database, keys, people and brand.
func (w *World) addSocial() {
	w.T.Helper()
	url := storagetest.SQLite(w.T)
	c := w.parse(socialYAML, url, nil)
	db := w.open(url)
	w.Carla = w.create(db, c, &Person{Username: "carla", Password: "undici ombrelli gialli", Email: "carla@posta.test", Verified: true})
	w.Dario = w.create(db, c, &Person{Username: "dario", Password: "sette ponti di pietra", Email: "dario@posta.test"})
	s, err := server.New(context.Background(), server.Options{
		Config: c, Store: db, Log: slog.New(w.Logs), Memory: new(notify.Memory), Transport: w.Net, CookiePrefix: "social",
	})
	if err != nil {
		w.T.Fatal(err)
	}
	w.Social = s
	w.Net.Handle(Social, s.Handler())
}

// Browser is a new browser without cookies, reading English.
func (w *World) Browser(name string) *Browser { return w.Net.NewBrowser(w.T, name) }
