package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/web"
)

// serve is "soglia serve".
type serve struct {
	File string `arg:"" optional:"" default:"soglia.yaml" help:"Configuration to obey (${default})."`
}

// drain is how long a stopping server finishes what it began (security.md: ≤ 25 s).
const drain = 25 * time.Second

// Run serves until the first SIGINT or SIGTERM.
func (c *serve) Run(ctx context.Context, s *streams) error {
	cfg, db, err := open(ctx, c.File)
	if err != nil {
		return err
	}
	defer db.Close()
	log := slog.New(slog.NewJSONHandler(s.err, nil))
	srv, err := server.New(ctx, server.Options{Config: cfg, Store: db, Log: log})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return err
	}
	front := web.Server(cfg.Listen, srv.Handler())
	log.Info("serving", "issuer", cfg.Issuer, "listen", listener.Addr().String())

	beside, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	worked := make(chan error, 1)
	go func() { worked <- srv.Run(beside) }()
	served := make(chan error, 1)
	go func() { served <- front.Serve(listener) }()

	select {
	case err = <-served: // the listener broke
	case <-ctx.Done():
		log.Info("stopping")
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
		defer cancel()
		err = front.Shutdown(end)
		<-served
	}
	stop()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, <-worked)
}

// open reads the configuration and opens its database.
func open(ctx context.Context, file string) (*config.Config, *sql.Store, error) {
	cfg, err := config.Load(file, config.Options{})
	if err != nil {
		if config.IsMistakes(err) {
			err = wrong{err}
		}
		return nil, nil, err
	}
	var options []sql.Option
	if cfg.Storage.Pool > 0 {
		options = append(options, sql.WithPool(cfg.Storage.Pool))
	}
	if cfg.Storage.Pooler == "transaction" {
		options = append(options, sql.WithTransactionPooler())
	}
	db, err := sql.Open(ctx, cfg.Storage.URL, options...)
	if err != nil {
		return nil, nil, fmt.Errorf("storage: %w", err)
	}
	return cfg, db, nil
}
