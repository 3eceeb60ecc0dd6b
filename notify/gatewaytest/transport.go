package gatewaytest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"syscall"
)

// RoundTrip calls the fake as if r had arrived there, with no socket: in a synctest bubble a real one blocks. What a
// socket does to a client happens here too: the end of the client's time ends the request on both sides, and the body
// comes as it is written.
func (g *gateway) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" || len(g.hosts) > 0 && !slices.Contains(g.hosts, r.URL.Host) {
		return nil, fmt.Errorf("gatewaytest: %s lives at https://%v, not at %s", g.driver, g.hosts, r.URL.Redacted())
	}
	var sent []byte
	if r.Body != nil {
		var err error
		sent, err = io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithCancel(r.Context())
	in := r.Clone(ctx)
	in.Body, in.ContentLength = io.NopCloser(bytes.NewReader(sent)), int64(len(sent))
	in.RequestURI, in.RemoteAddr = r.URL.RequestURI(), "192.0.2.1:1"
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	w := newPipe()
	go func() {
		defer cancel()
		defer func() {
			var err error
			if v := recover(); v == http.ErrAbortHandler {
				err = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
			} else if v != nil {
				panic(v)
			}
			if late := r.Context().Err(); late != nil { // the client's end came first
				err = late
			}
			w.end(err)
		}()
		g.ServeHTTP(w, in)
	}()
	select {
	case <-w.begun:
	case <-r.Context().Done():
		cancel()
		return nil, r.Context().Err()
	}
	if w.broken != nil {
		return nil, w.broken
	}
	stop := context.AfterFunc(r.Context(), func() { w.out.CloseWithError(context.Cause(r.Context())) })
	return &http.Response{
		Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: w.header.Clone(), ContentLength: -1,
		Body: body{w.in, func() { stop(); cancel() }}, Request: r,
	}, nil
}

// body tells the other side that nobody reads any more.
type body struct {
	*io.PipeReader
	left func()
}

func (b body) Close() error {
	b.left()
	return b.PipeReader.Close()
}

// pipe is a ResponseWriter whose answer is read while it is written.
type pipe struct {
	header http.Header
	status int
	broken error         // the connection broke before an answer
	begun  chan struct{} // closed when there is a status, or none will come
	once   sync.Once
	in     *io.PipeReader
	out    *io.PipeWriter
}

func newPipe() *pipe {
	p := &pipe{header: http.Header{}, begun: make(chan struct{})}
	p.in, p.out = io.Pipe()
	return p
}

func (p *pipe) Header() http.Header { return p.header }

func (p *pipe) WriteHeader(status int) {
	p.once.Do(func() {
		p.status = status
		close(p.begun)
	})
}

func (p *pipe) Write(b []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	return p.out.Write(b)
}

// Flush has nothing to do: what is written is read at once.
func (p *pipe) Flush() {}

func (p *pipe) end(err error) {
	p.once.Do(func() {
		if p.status, p.broken = http.StatusOK, err; err == nil {
			p.broken = io.ErrUnexpectedEOF
		}
		close(p.begun)
	})
	if err == nil {
		p.out.Close()
		return
	}
	p.out.CloseWithError(err)
}
