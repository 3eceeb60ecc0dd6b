package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/web"
)

// serve is "soglia serve".
type serve struct {
	configured
	Linger time.Duration `default:"3s" help:"How long to go on serving after readiness is off, for the load balancer to notice (${default})."`
}

// drain is how long a stopping server finishes what it began, lingering included (docs/security.md R16: ≤ 25 s).
const drain = 25 * time.Second

// Run serves until the first SIGINT or SIGTERM; main lets a second one kill. SIGHUP reads the configuration again.
func (c *serve) Run(ctx context.Context, s *streams) error {
	if os.Getenv("GOGC") == "" {
		// The heap is a few megabytes: three more save every third collection. Beyond that the memory grows faster than the time shrinks.
		debug.SetGCPercent(150)
	}
	cfg, db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	lines := server.NewLogWriter(s.err)
	defer lines.Close(context.WithoutCancel(ctx))
	log := slog.New(slog.NewJSONHandler(lines, nil))
	for _, w := range exposed(cfg) {
		log.Warn("a file of the database is not its owner's alone", "file", w.File, "warning", w.Message, "hint", w.Hint)
	}
	srv, err := server.New(ctx, server.Options{Config: cfg, Store: db.Store, Log: log, LogWriter: lines})
	if err != nil {
		return err
	}
	reload := c.reloader(srv, log)
	front := web.Server(cfg.Listen, srv.Handler())
	if cfg.TLS != nil {
		certificate, err := web.NewCertificate(cfg.TLS.Cert, cfg.TLS.Key, log)
		if err != nil {
			return fmt.Errorf("tls: %w", err)
		}
		front.TLSConfig = certificate.Config()
	}
	public, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return err
	}
	running := []*http.Server{front}
	broken := make(chan error, 3)
	if cfg.Health != "" {
		listener, err := net.Listen("tcp", cfg.Health)
		if err != nil {
			public.Close()
			return fmt.Errorf("health: %w", err)
		}
		health := web.Server(cfg.Health, srv.Health())
		running = append(running, health)
		go func() { broken <- health.Serve(listener) }()
	}
	if cfg.Admin != "" {
		listener, err := listenAdmin(ctx, cfg.Admin)
		if err != nil {
			public.Close()
			return fmt.Errorf("admin: %w", err)
		}
		admin := web.Server(cfg.Admin, srv.Admin(reload))
		running = append(running, admin)
		go func() { broken <- admin.Serve(listener) }()
	}
	go func() { broken <- serveOn(front, public) }()
	srv.RecordConfig(ctx, "start", whoRuns(), nil)
	log.Info("serving", "issuer", cfg.Issuer, "listen", public.Addr().String(), "admin", cfg.Admin)

	beside, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var wg sync.WaitGroup
	var worked error
	wg.Go(func() { worked = srv.Run(beside) })
	wg.Go(func() { onHangup(beside, reload) })

	select {
	case err = <-broken: // a listener broke
		err = errors.Join(err, shutdown(context.WithoutCancel(ctx), running))
	case <-ctx.Done():
		log.Info("stopping")
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
		defer cancel()
		srv.Stopping()
		wait(end, c.Linger)
		err = shutdown(end, running)
	}
	stop()
	wg.Wait()
	return errors.Join(err, worked)
}

// serveOn serves with TLS where the server has a certificate.
func serveOn(s *http.Server, l net.Listener) error {
	if s.TLSConfig != nil {
		return s.ServeTLS(l, "", "")
	}
	return s.Serve(l)
}

// reloader reads the file again; a wrong one changes nothing and is told to whoever asked, and to the log.
func (c *serve) reloader(srv *server.Server, log *slog.Logger) server.Reloader {
	return func(ctx context.Context, by *server.Operator) server.Verdict {
		next, err := c.load()
		if err == nil {
			err = srv.Reload(next)
		}
		srv.RecordConfig(ctx, "reload", by, err)
		if err != nil {
			log.Error("the configuration is not changed", "verdict", err.Error())
			return server.Verdict{Text: err.Error()}
		}
		log.Info("the configuration was read again")
		return server.Verdict{OK: true, Text: c.File + ": in force"}
	}
}

// onHangup reloads at each SIGHUP until ctx ends.
func onHangup(ctx context.Context, reload server.Reloader) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			reload(ctx, nil) // a signal does not say who sent it
		}
	}
}

// wait lets d pass, or less when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// shutdown closes the listeners and waits for what they are answering.
func shutdown(ctx context.Context, running []*http.Server) error {
	var errs []error
	for _, each := range running {
		if err := each.Shutdown(ctx); err != nil {
			errs = append(errs, err, each.Close())
		}
	}
	return errors.Join(errs...)
}
