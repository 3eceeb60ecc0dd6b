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
	known := &readiness{ask: s.Ready}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { line(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if s.stopping.Load() || !known.now(r.Context()) {
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

// readiness asks one question at a time, for everybody: who comes while it is under way waits for its answer, and puts none of
// their own behind it. A database that hangs is asked for seconds, and a queue of those would keep the load balancer waiting
// long after it is back.
type readiness struct {
	ask func(context.Context) error

	mu     sync.Mutex
	good   bool
	until  time.Time     // so long the last answer serves
	asking chan struct{} // closed with the answer; nil = nothing is under way
}

// now reports whether the server is ready. Who hangs up leaves the answer to the others.
func (k *readiness) now(ctx context.Context) bool {
	answered := k.answer(ctx)
	if answered != nil {
		select {
		case <-answered:
		case <-ctx.Done():
			return false
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.good
}

// answer is closed when there is one; nil = the last one still serves.
func (k *readiness) answer(ctx context.Context) <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.asking != nil:
		return k.asking
	case time.Now().Before(k.until):
		return nil
	}
	answered := make(chan struct{})
	k.asking = answered
	go func() {
		good := k.ask(context.WithoutCancel(ctx)) == nil
		k.mu.Lock()
		k.good, k.until, k.asking = good, time.Now().Add(knownFor), nil
		k.mu.Unlock()
		close(answered)
	}()
	return answered
}
