package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/op"
	"github.com/soglia-sso/soglia/tokens"
	"github.com/soglia-sso/soglia/web"
)

// wiring is everything that was made from one configuration. A reload makes another and swaps the two at once: a request
// meets the old one or the new one, never half of each. Requests under way end in the one they began in.
type wiring struct {
	config  *config.Config
	routes  []web.Route
	handler http.Handler
	worker  *notify.Worker
	keys    *tokens.Keys
	op      *op.Provider
}

// config is the configuration in force.
func (s *Server) config() *config.Config { return s.current.Load().config }

// ErrRestart says that a configuration is right and differs from the one in force in what only a restart can change.
var ErrRestart = errors.New("needs a restart")

// Reload puts a configuration in force: clients, policy, pages, providers, mail, limits. On an error the old one stays,
// whole. What counters in memory remember (floods per address) begins anew.
func (s *Server) Reload(next *config.Config) error {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	if keys := needRestart(s.config(), next); len(keys) > 0 {
		return fmt.Errorf("a change of %s %w", strings.Join(keys, ", "), ErrRestart)
	}
	w, err := s.wire(next)
	if err != nil {
		return err
	}
	s.current.Store(w)
	s.metrics.configLoaded()
	select {
	case s.reloaded <- struct{}{}:
	default: // Run has not noticed the one before; it will find this one
	}
	return nil
}

// needRestart lists what differs and is only read at start: sockets, the database, and what everything stored depends on.
func needRestart(old, next *config.Config) (keys []string) {
	for _, each := range []struct {
		key  string
		same bool
	}{
		{"issuer", old.Issuer == next.Issuer},
		{"listen", old.Listen == next.Listen},
		{"tls", (old.TLS == nil) == (next.TLS == nil) && (old.TLS == nil || *old.TLS == *next.TLS)},
		{"admin", old.Admin == next.Admin},
		{"health", old.Health == next.Health},
		{"storage", old.Storage == next.Storage},
		{"secrets.master_key", string(old.MasterKey) == string(next.MasterKey)},
	} {
		if !each.same {
			keys = append(keys, each.key)
		}
	}
	return keys
}

// runWorkers runs the workers of the configuration in force, and changes over after a reload. Tries under way end in the old
// ones before the new ones begin.
func (s *Server) runWorkers(ctx context.Context) {
	for ctx.Err() == nil {
		w := s.current.Load()
		working, stop := context.WithCancel(ctx)
		var wg sync.WaitGroup
		wg.Go(func() { w.worker.Run(working) }) // its only error is that of the context
		wg.Go(func() { w.keys.Run(working, s.Log) })
		select {
		case <-ctx.Done():
		case <-s.reloaded:
		}
		stop()
		wg.Wait()
		if s.current.Load() != w {
			s.metrics.keepCounts(w.worker)
		}
	}
}
