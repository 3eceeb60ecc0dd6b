package gatewaytest

import (
	"net"
	"net/http"
	"time"
)

// reset breaks the connection off, as a gateway does that dies with the message in its hands. It does not return.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			tcp.SetLinger(0) // a reset, not a polite end
		}
		conn.Close()
	}
	panic(http.ErrAbortHandler)
}

// drip sends the answer a byte a second, so that no pause is long and the whole takes minutes.
func drip(w http.ResponseWriter, c *call) {
	for name, values := range c.header {
		w.Header()[name] = values
	}
	w.WriteHeader(c.status)
	flush := http.NewResponseController(w)
	for len(c.out) < 60 { // spaces before JSON mean nothing
		c.out = append([]byte("          "), c.out...)
	}
	for _, b := range c.out {
		if _, err := w.Write([]byte{b}); err != nil || flush.Flush() != nil {
			return
		}
		select {
		case <-c.r.Context().Done():
			panic(http.ErrAbortHandler)
		case <-time.After(time.Second):
		}
	}
}
