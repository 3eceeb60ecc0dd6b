package server

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// readyTime bounds the questions behind /readyz: whoever asks has a time-out of its own.
const readyTime = 3 * time.Second

// Stopping turns readiness off, so that a load balancer sends no more while what it sent is finished.
func (s *Server) Stopping() { s.stopping.Store(true) }

// Ready says whether this instance should be sent requests: it is not stopping, the database answers and has all
// migrations, and there are keys to sign with. The error is for operators.
func (s *Server) Ready(ctx context.Context) error {
	if s.stopping.Load() {
		return errStopping
	}
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	if err := s.Store.Ready(ctx); err != nil {
		return err
	}
	return s.current.Load().keys.Ready()
}

// troubles are the channels whose gateway takes nothing now, for operators. A server without mail still signs people in, and
// all instances have the same mail server: none of them is less ready than another.
func (s *Server) troubles() (lines []string) {
	wiring := s.current.Load()
	all := wiring.worker.Troubles()
	for _, channel := range slices.Sorted(maps.Keys(all)) {
		t := all[channel]
		lines = append(lines, fmt.Sprintf("%s: %s has taken nothing since %s: %s", channel, wiring.driver(channel), t.Since.UTC().Format(time.RFC3339), t.Cause))
	}
	return lines
}

type stopping struct{}

func (stopping) Error() string { return "stopping" }

var errStopping error = stopping{}

// Verdict is the answer to POST /reload.
type Verdict struct {
	OK   bool   `json:"ok"`
	Text string `json:"text"` // what `soglia check` would say, or why a restart is needed
}

// Reloader reads the configuration again and puts it in force; by is who wants it, nil = nobody said.
type Reloader func(ctx context.Context, by *Operator) Verdict

// Admin answers on the admin listener, which is a unix socket or a loopback address and never the public port
// (ASVS 13.4.5). It asks for no password: who reaches the socket could read the configuration too.
func (s *Server) Admin(reload Reloader) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { line(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.Ready(r.Context()); err != nil {
			line(w, http.StatusServiceUnavailable, "not ready: "+err.Error())
			return
		}
		line(w, http.StatusOK, strings.Join(append([]string{"ready"}, s.troubles()...), "\n"))
	})
	mux.Handle("GET /metrics", s.metrics.handler())
	mux.HandleFunc("POST /reload", func(w http.ResponseWriter, r *http.Request) {
		v := reload(r.Context(), operatorOf(r))
		w.Header().Set("Content-Type", "application/json")
		if !v.OK {
			w.WriteHeader(http.StatusUnprocessableEntity)
		}
		json.NewEncoder(w).Encode(v) // the only error is that the reader went away
	})
	return notFromPages(mux)
}

// notFromPages keeps web pages that a browser on this machine happens to show away from the admin listener: other
// origins, and names that were bent to point here (DNS rebinding).
func notFromPages(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "" || !local(r.Host) {
			line(w, http.StatusForbidden, "not for browsers")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func local(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if host == "" || host == "localhost" || host == "admin" { // "admin": our own commands through the socket
		return true
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && a.IsLoopback()
}

func line(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	w.Write([]byte(text + "\n"))
}
