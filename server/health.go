package server

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// knownFor is how long one look at the database answers for: whoever asks from the network asks as often as they like.
const knownFor = time.Second

// Health answers load balancers and orchestrators on a network address: whether this instance lives and should be sent
// requests, in one word. Why not is for the admin listener, and everything else, too.
func (s *Server) Health() http.Handler {
	var mu sync.Mutex
	var asked time.Time
	var ready bool
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { line(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if now := time.Now(); asked.IsZero() || now.Sub(asked) >= knownFor || s.stopping.Load() {
			ready, asked = s.Ready(context.WithoutCancel(r.Context())) == nil, now
		}
		good := ready
		mu.Unlock()
		if !good {
			line(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		line(w, http.StatusOK, "ready")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	})
}
