// Package demo is `soglia dev`: the product in one process, to be understood within a minute. Three origins (the sign-in
// server, a panel, a social provider), seeded people, an outbox one can read, throw-away keys.
//
// It owns the demo's panel, people and /dev/ pages. It leaves everything that matters to server: the sign-in server and
// the social provider are two ordinary instances of it, and the panel is an ordinary relying party that shares no code
// with them.
//
// Easy to get wrong: leaking into earnest use. It listens on loopback only, keeps its database in a temporary folder that
// goes with it, dials nothing but itself, and accepts no configuration but its own.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// Options are the choices of `soglia dev`.
type Options struct {
	Bind   string       // loopback address; "" = 127.0.0.1
	Port   int          // of the sign-in server; panel and social provider take the next two. 0 = any free ports
	ByIP   bool         // 127.0.0.1 instead of *.localhost names
	Client string       // redirect URI of a panel of the visitor's own; "" = none
	Out    io.Writer    // where to print; nil = nowhere
	Log    *slog.Logger // nil = only what is refused to panels is told, on Out

	// Ready is told once everything answers; tests read addresses and people from it.
	Ready func(Running)

	tune func(*config.File) // tests: lifetimes of seconds
}

// Running is a demo that answers.
type Running struct {
	SSO, Panel, Social string // origins
	Customers, Friends []*Someone
	Memory             *notify.Memory
}

// Run serves the demo until ctx ends. Everything it made is gone afterwards.
func Run(ctx context.Context, o Options) (err error) {
	if o.Bind == "" {
		o.Bind = "127.0.0.1"
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Log == nil {
		o.Log = slog.New(refusals{out: o.Out})
	}
	at, err := listen(o.Bind, o.Port, o.ByIP)
	if err != nil {
		return err
	}
	defer at.close()
	dir, err := os.MkdirTemp("", "soglia-dev-")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer os.RemoveAll(dir)

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	h := &runningDemo{Options: o, at: at, keys: newKeys(), dir: dir}
	defer func() { err = errors.Join(err, h.close()) }()
	if err := h.build(ctx); err != nil {
		return err
	}
	return h.serve(ctx)
}

// runningDemo is the three programs while they run.
type runningDemo struct {
	Options
	at      *origins
	keys    keys
	dir     string
	config  *config.Config
	stores  []*sql.Store
	dev     *dev
	servers []*server.Server // sign-in server, social provider
	panel   *panel
}

// build makes databases, people and programs; nothing is served yet.
func (h *runningDemo) build(ctx context.Context) error {
	c, err := ssoConfig(h.at, h.keys, filepath.Join(h.dir, "sso.db"), h.Client, h.tune)
	if err != nil {
		return err
	}
	h.config = c
	pages, err := templates.New(server.Brand(c))
	if err != nil {
		return err
	}
	h.dev = &dev{out: h.Out, memory: new(notify.Memory), receipts: newReceipts(), pages: pages, origins: h.at, customers: customers(), friends: friends(), off: c.SwitchedOff}
	if err := h.add(ctx, c, h.dev.customers, "sso", h.dev.memory, h.dev.routes()); err != nil {
		return err
	}
	h.dev.receipts.note = h.stores[0].NoteReceipt
	social, err := socialConfig(h.at, h.keys, filepath.Join(h.dir, "social.db"))
	if err != nil {
		return err
	}
	if err := h.add(ctx, social, h.dev.friends, "social", new(notify.Memory), nil); err != nil {
		return err
	}
	if err := imported(ctx, h.stores[0], h.stores[1], h.dev.friends, len(h.dev.customers)); err != nil {
		return err
	}
	h.panel = newPanel(h.at.Panel.URL, h.at.SSO.URL, "panel_session", h.keys.clients, loopback(h.Bind))
	return nil
}

// add makes one instance of our server with its own database and people. The name tells its cookies apart when all three
// programs share a host (--hosts ip): ports of one host share cookies.
func (h *runningDemo) add(ctx context.Context, c *config.Config, people []*Someone, name string, memory *notify.Memory, extra []web.Route) error {
	db, err := sql.Open(ctx, c.Storage.URL, sql.WithDev(), sql.WithLogger(h.Log))
	if err != nil {
		return err
	}
	h.stores = append(h.stores, db)
	if err := seed(ctx, db, c, people); err != nil {
		return err
	}
	s, err := server.New(ctx, server.Options{
		Config: c, Store: db, Log: h.Log.With("server", name), Memory: memory,
		Transport: loopback(h.Bind), CookiePrefix: name, Extra: extra,
	})
	if err != nil {
		return err
	}
	h.servers = append(h.servers, s)
	return nil
}

// serve answers on all three origins until ctx ends or one of them fails.
func (h *runningDemo) serve(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	h.dev.ctx = ctx
	var wg sync.WaitGroup
	work := func(f func() error) {
		wg.Go(func() {
			if err := f(); err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, context.Canceled) {
				stop(err)
			}
		})
	}
	var listening []*http.Server
	for _, each := range []struct {
		at      origin
		handler http.Handler
	}{{h.at.SSO, h.servers[0].Handler()}, {h.at.Panel, h.panel.Handler()}, {h.at.Social, h.servers[1].Handler()}} {
		s := web.Server(each.at.listener.Addr().String(), each.handler)
		listening = append(listening, s)
		work(func() error { return s.Serve(each.at.listener) })
	}
	for _, s := range h.servers {
		work(func() error { return s.Run(ctx) })
	}
	wg.Go(h.dev.tell)
	wg.Go(func() { h.dev.receipts.play(ctx, h.dev.memory) })
	h.announce()
	if h.Ready != nil {
		h.Ready(Running{h.at.SSO.URL, h.at.Panel.URL, h.at.Social.URL, h.dev.customers, h.dev.friends, h.dev.memory})
	}
	<-ctx.Done()
	// Nothing here is worth more than a moment's waiting: the outbox page keeps a connection open for ever.
	soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	for _, s := range listening {
		if s.Shutdown(soon) != nil {
			s.Close()
		}
	}
	wg.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

func (h *runningDemo) close() error {
	var errs []error
	for _, s := range h.stores {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
