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
	"github.com/soglia-sso/soglia/web"
)

// house is everything that was made from one configuration. A reload builds another beside it and changes over at once:
// a request meets the old one or the new one, never half of each. Requests under way end in the one they began in.
type house struct {
	config  *config.Config
	routes  []web.Route
	handler http.Handler
	worker  *notify.Worker
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
	if fixed := fixed(s.config(), next); len(fixed) > 0 {
		return fmt.Errorf("a change of %s %w", strings.Join(fixed, ", "), ErrRestart)
	}
	h, err := s.build(next)
	if err != nil {
		return err
	}
	s.current.Store(h)
	s.metrics.loaded()
	select {
	case s.replaced <- struct{}{}:
	default: // Run has not noticed the one before; it will find this one
	}
	return nil
}

// fixed lists what differs and was used up at start: sockets, the database, and what everything stored belongs to.
func fixed(old, next *config.Config) (keys []string) {
	for _, each := range []struct {
		key  string
		same bool
	}{
		{"issuer", old.Issuer == next.Issuer},
		{"listen", old.Listen == next.Listen},
		{"admin", old.Admin == next.Admin},
		{"storage", old.Storage == next.Storage},
		{"secrets.master_key", string(old.MasterKey) == string(next.MasterKey)},
	} {
		if !each.same {
			keys = append(keys, each.key)
		}
	}
	return keys
}

// inhabit lets the workers of the house in force work, and moves when there is a new one. Tries under way end in the old
// one before the new one begins.
func (s *Server) inhabit(ctx context.Context) {
	for ctx.Err() == nil {
		h := s.current.Load()
		here, leave := context.WithCancel(ctx)
		var wg sync.WaitGroup
		wg.Go(func() { h.worker.Run(here) }) // ends with its context, and only with it
		wg.Go(func() { h.op.Run(here) })
		select {
		case <-ctx.Done():
		case <-s.replaced:
		}
		leave()
		wg.Wait()
		if s.current.Load() != h {
			s.metrics.left(h.worker)
		}
	}
}
