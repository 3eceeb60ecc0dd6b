package servertest

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Listen puts the whole net behind one TLS socket on loopback, for a real browser that is told to find every name there,
// and returns its address. Such a world is made outside a bubble, in real time.
func (n *Net) Listen(t testing.TB) string {
	s := httptest.NewUnstartedServer(http.HandlerFunc(n.arrive))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // a browser tries addresses of its own
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// arrive answers what came over the socket.
func (n *Net) arrive(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	h := n.hosts[r.Host]
	n.seen = append(n.seen, Exchange{Method: r.Method, URL: "https://" + r.Host + r.URL.RequestURI()})
	n.mu.Unlock()
	if h == nil {
		http.NotFound(w, r)
		return
	}
	h.ServeHTTP(w, r)
}
