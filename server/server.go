// Package server wires everything together: one configuration, one database, the packages on the floors below, and the
// table of routes that is all this server answers to.
//
// It owns the order in which things are made and the workers that run beside the requests. It leaves flags, files and
// signals to cmd/soglia and every rule to the packages it wires.
//
// Easy to get wrong: a route that is served but not in the table. Everything reachable is a row, because the tests that
// refuse, cross sites and look at headers walk the table.
package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soglia-sso/soglia/account"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/contact"
	"github.com/soglia-sso/soglia/federation"
	"github.com/soglia-sso/soglia/login"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/op"
	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/people"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/tokens"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// Options are what a server is made of.
type Options struct {
	Config       *config.Config // the first one; Reload puts another in force
	Store        storage.Store
	Log          *slog.Logger
	Memory       *notify.Memory    // dev and tests: where the outbox driver puts messages
	Transport    http.RoundTripper // back channels, to social providers above all; nil = a dialer that refuses private addresses
	CookiePrefix string            // tells programs apart that share a host
	Extra        []web.Route       // dev's own pages
	Flood        web.Flood         // per client address, for pages; zero = default
	LogWriter    *LogWriter        // where Log writes, for the metric of dropped lines; nil = elsewhere
}

// Server is one instance. Any number of them share a database.
type Server struct {
	Options
	current   atomic.Pointer[wiring]
	hasher    *user.Hasher
	metrics   *metrics
	reloading sync.Mutex
	reloaded  chan struct{} // Run changes over
	stopping  atomic.Bool
}

// New makes an instance ready to serve: keys exist afterwards, nothing listens and no worker runs yet.
func New(ctx context.Context, o Options) (*Server, error) {
	o.Log = cmp.Or(o.Log, slog.Default())
	s := &Server{Options: o, reloaded: make(chan struct{}, 1)}
	s.metrics = newMetrics(s)
	s.Store = newCountingStore(o.Store, s.metrics.countEvent)
	// A hash takes a processor for as long as a hundred refreshes: one processor stays free for those until the queue is long.
	s.hasher = user.NewHasher(max(1, runtime.GOMAXPROCS(0)-1), 1, func() user.Cost {
		p := s.config().Password
		return user.Cost{Memory: p.Memory, Iterations: p.Iterations}
	})
	first, err := s.wire(o.Config)
	if err != nil {
		return nil, err
	}
	s.current.Store(first)
	s.metrics.configLoaded()
	return s, nil
}

// wire makes what serves a configuration. Nothing of it runs or answers yet.
func (s *Server) wire(c *config.Config) (*wiring, error) {
	o := s.Options
	o.Config = c
	w := &wiring{config: c}
	cfg := func() *config.Config { return c }
	box, err := secret.NewBox(o.Config.MasterKey)
	if err != nil {
		return nil, err
	}
	o.Store = notify.NewEvents(c.Webhook, box).Around(o.Store)
	pages, err := templates.New(Brand(o.Config))
	if err != nil {
		return nil, fmt.Errorf("server: pages: %w", err)
	}
	site, err := web.NewSite(web.Options{
		Issuer: o.Config.Issuer, InnerHosts: o.Config.InnerHosts, Dev: o.Config.Dev, TrustedProxies: o.Config.TrustedProxies,
		Pages: pages, Box: box, Log: o.Log, CookiePrefix: o.CookiePrefix,
		Flood: o.Flood, Origins: origins(o.Config), Context: trail, Observe: s.metrics.request,
	})
	if err != nil {
		return nil, err
	}
	out := outbound.New(outbound.Options{Transport: o.Transport, Loopback: c.Dev})
	providers, err := newProviders(o.Config, box, out)
	if err != nil {
		return nil, err
	}
	w.keys = tokens.New(o.Store, box, cfg)
	if err := w.keys.Ensure(context.Background()); err != nil {
		return nil, err
	}
	var hooks []web.Route
	if w.worker, hooks, err = newWorker(o, box, w.keys, out); err != nil {
		return nil, err
	}
	w.worker.Delivered = s.metrics.delivered(w)
	say := newMessages(box, pages, cfg, w.worker.Wake)
	if w.op, err = op.New(op.Options{Config: cfg, Store: o.Store, Box: box, Tokens: w.keys, Site: site, Log: o.Log, Fetch: out.Document, Notice: say.noticed(o.Store)}); err != nil {
		return nil, err
	}
	factors := mfa.New(box, cfg, say.code)
	factors.Alarm = say.alarm
	second := step.Options{Config: cfg, Store: o.Store, Site: site, Text: pages, Factors: factors, Notice: say.notice, Paused: say.paused, Failing: w.worker.Failing,
		AddPhone: contact.AddPhone, Origin: contact.Origin, NumberAdded: say.numberAdded}
	passwords := user.NewSignIn(o.Store, box, s.hasher, cfg)
	in := login.New(login.Options{
		Options: second, Box: box, Log: o.Log, Passwords: passwords,
		Providers: func() *federation.Providers { return providers },
		Hasher:    s.hasher,
		Resets:    say.resets,
		SendLink:  say.passwordLink,
	})
	w.routes = append(w.routes, w.op.Routes()...)
	w.routes = append(w.routes, in.Routes()...)
	w.routes = append(w.routes, account.New(account.Options{
		Options: second, Box: box, Revertible: say.revertible, Passwords: passwords, Requests: request.New(o.Store, box, o.Log), Resets: say.resets, SignedOut: w.op.SignedOut,
	}).Routes()...)
	w.routes = append(w.routes, people.New(people.Options{
		Config: cfg, Store: o.Store, Caller: w.op.Service, Invite: say.invite, Notice: say.notice,
	}).Routes()...)
	w.routes = append(w.routes, hooks...)
	w.routes = append(w.routes, static(pages)...)
	w.routes = append(w.routes, o.Extra...)
	w.handler = site.Mux(w.routes)
	return w, nil
}

// Handler answers everything this instance answers on its public listener.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.current.Load().handler.ServeHTTP(w, r) })
}

// Routes is the table the handler in force was built from.
func (s *Server) Routes() []web.Route { return s.current.Load().routes }

// Drain hands over every message that is due now.
func (s *Server) Drain(ctx context.Context) error { return s.current.Load().worker.Drain(ctx) }

// sweepEvery is how often one instance removes what is past keeping.
const sweepEvery = 5 * time.Minute

// Run works beside the requests until ctx ends: the outbox, the keys, the sweeper.
func (s *Server) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	var err error
	wg.Go(func() { s.runWorkers(ctx) })
	wg.Go(func() { err = s.sweep(ctx) })
	wg.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return err
}

// sweep removes what is past keeping, in small batches, on the one instance that holds the lease.
func (s *Server) sweep(ctx context.Context) error {
	holder := secret.NewID()
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return s.Store.Release(context.WithoutCancel(ctx), "sweep", holder)
		case <-tick.C:
		}
		now := s.Store.Now()
		mine, err := s.Store.Lease(ctx, "sweep", holder, now, 2*sweepEvery)
		for n := 1; err == nil && mine && n > 0 && ctx.Err() == nil; {
			begin := time.Now()
			if n, err = s.endOverdue(ctx, now, 200); err == nil && n == 0 {
				n, err = s.Store.Sweep(ctx, now, 200)
			}
			select { // rest as long as it took, so that requests have the database in between
			case <-ctx.Done():
			case <-time.After(time.Since(begin)):
			}
		}
		if err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "sweep", "error", err)
		}
	}
}

// endOverdue ends up to n sessions whose limit is over, each in a transaction of its own, and says how many there were.
func (s *Server) endOverdue(ctx context.Context, now time.Time, n int) (int, error) {
	over, err := s.Store.OverdueSessions(ctx, now, n)
	if err != nil {
		return 0, err
	}
	for _, one := range over {
		ev := audit.From(ctx).Event(audit.SessionEnd, audit.OK, "")
		ev.At = now
		err := s.Store.Tx(ctx, func(db storage.Records) error { return session.EndOverdue(ctx, db, one, ev) })
		if err != nil {
			return 0, err
		}
	}
	return len(over), nil
}

// trail gives audit what it must know of a request.
func trail(ctx context.Context, from netip.Addr, userAgent, requestID string) context.Context {
	return audit.With(ctx, audit.Trail{IP: from, UserAgent: userAgent, RequestID: requestID})
}

// origins are those of all clients.
func origins(c *config.Config) (all []string) {
	for _, client := range c.Clients {
		all = append(all, client.Origins...)
	}
	return all
}
