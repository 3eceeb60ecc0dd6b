package servertest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// Net is the whole internet of a test: handlers by host, called directly. There are no sockets, because a loopback
// http.Server hangs inside a synctest bubble; URLs are https, so that Secure cookies work.
//
// It is the RoundTripper of the browser, of the relying parties and of the servers' own back channels alike.
type Net struct {
	mu    sync.Mutex
	hosts map[string]http.Handler
	down  map[string]Fault
	seen  []Exchange
}

// Fault is how a host misbehaves.
type Fault struct {
	Err    error         // connection refused and the like; nil = none
	Status int           // answer with this status instead of the handler's; 0 = none
	Delay  time.Duration // before anything is answered
}

// Exchange is one request and its answer, for assertions and for the transcript.
type Exchange struct {
	Method, URL string
	Status      int
	Header      http.Header
}

// ErrNoHost is what dialling an unknown host gives.
var ErrNoHost = errors.New("servertest: no such host")

// NewNet returns an empty internet.
func NewNet() *Net { return &Net{hosts: map[string]http.Handler{}, down: map[string]Fault{}} }

// Handle puts h at https://host.
func (n *Net) Handle(host string, h http.Handler) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts[host] = h
}

// Break makes a host misbehave until Mend.
func (n *Net) Break(host string, f Fault) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down[host] = f
}

// Mend ends what Break began.
func (n *Net) Mend(host string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.down, host)
}

// Seen returns every exchange so far.
func (n *Net) Seen() []Exchange {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]Exchange(nil), n.seen...)
}

// RoundTrip implements http.RoundTripper for back channels: the caller's address is that of a program in the data
// centre, never that of a person.
func (n *Net) RoundTrip(r *http.Request) (*http.Response, error) {
	return n.do(r, "198.51.100.9:443")
}

// do calls the handler of r's host as if r had arrived there from remote.
func (n *Net) do(r *http.Request, remote string) (*http.Response, error) {
	n.mu.Lock()
	h, fault := n.hosts[r.URL.Host], n.down[r.URL.Host]
	n.mu.Unlock()
	if fault.Delay > 0 {
		select {
		case <-time.After(fault.Delay):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	switch {
	case fault.Err != nil:
		return nil, fault.Err
	case h == nil || r.URL.Scheme != "https":
		return nil, fmt.Errorf("%w: %s", ErrNoHost, r.URL.Redacted())
	case fault.Status != 0:
		h = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(fault.Status) })
	}
	res, err := answer(h, r, remote)
	if err != nil {
		return nil, err
	}
	if r.Method == http.MethodHead {
		res.Body = http.NoBody
	}
	n.mu.Lock()
	n.seen = append(n.seen, Exchange{r.Method, r.URL.String(), res.StatusCode, res.Header.Clone()})
	n.mu.Unlock()
	return res, nil
}

// answer asks h. One that is a transport itself (notify/gatewaytest) is asked as such, because no recorder can hang,
// break off or answer slowly.
func answer(h http.Handler, r *http.Request, remote string) (*http.Response, error) {
	if direct, ok := h.(http.RoundTripper); ok {
		return direct.RoundTrip(r)
	}
	in, err := arriving(r, remote)
	if err != nil {
		return nil, err
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, in)
	res := rec.Result()
	res.Request = r
	return res, nil
}

// arriving turns an outgoing request into the one a server would read from the wire.
func arriving(r *http.Request, remote string) (*http.Request, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	in := r.Clone(r.Context())
	in.Body = io.NopCloser(bytes.NewReader(body))
	in.ContentLength = int64(len(body))
	in.RequestURI = r.URL.RequestURI()
	in.URL.Scheme, in.URL.Host, in.URL.User = "", "", nil
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	in.RemoteAddr = remote
	in.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: r.URL.Hostname()}
	return in, nil
}
