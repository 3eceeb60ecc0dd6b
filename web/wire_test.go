package web

import (
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkWire is a request on an open connection, with what net/http does to it and, always the same, what the client
// here costs; cpu-ns/op is the one to read. The floor is a handler alone, with the headers and time-outs nobody goes without.
func BenchmarkWire(b *testing.B) {
	const host = " HTTP/1.1\r\nHost: sso.example.it\r\nUser-Agent: Go-http-client/1.1\r\nX-Forwarded-For: 203.0.113.7\r\nAccept-Encoding: gzip\r\n"
	ours := Server("", benched(b))
	floor := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = kept.kind
		io.WriteString(w, "{}")
	})}
	for _, c := range []struct {
		name string
		srv  *http.Server
		send string
	}{
		{"floor", floor, "GET /jwks" + host + "\r\n"},
		{"document", ours, "GET /jwks" + host + "\r\n"},
		{"program", ours, "POST /token" + host + "Content-Type: application/x-www-form-urlencoded\r\nAuthorization: Basic cGFuZWw6c2VjcmV0\r\nContent-Length: 12\r\n\r\ngrant_type=x"},
	} {
		b.Run(c.name, func(b *testing.B) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			go c.srv.Serve(l)
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			answer := make([]byte, 4096)
			before := spent()
			for b.Loop() {
				io.WriteString(conn, c.send)
				n, err := conn.Read(answer)
				if err != nil || !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 200 OK\r\n") {
					b.Fatalf("%v: %s", err, answer[:n])
				}
			}
			b.ReportMetric(float64(spent()-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// spent is the processor time of this process.
func spent() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
