package interop

import (
	"crypto/tls"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"
)

// front is the web server before a program that speaks plain HTTP: it has the certificate of the panel's address.
func (p *program) front(behind string) {
	p.t.Helper()
	to, err := url.Parse(behind)
	if err != nil {
		p.t.Fatal(err)
	}
	p.listen(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.URL.Path, r.Out.URL.RawPath = r.In.URL.Path, r.In.URL.RawPath // as it came: nginx makes nothing prettier either
		r.Out.Host = r.In.Host
		r.SetXForwarded()
	}})
}

// listen answers at the panel's address, by TLS.
func (p *program) listen(h http.Handler) {
	p.t.Helper()
	cert, err := tls.LoadX509KeyPair(p.file("cert.pem"), p.file("key.pem"))
	if err != nil {
		p.t.Fatal(err)
	}
	l, err := tls.Listen("tcp", address(p.port), &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		p.t.Fatal(err)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go s.Serve(l) //nolint:errcheck // it ends with the test
	p.t.Cleanup(func() { s.Close() })
}

// awaits asks an address until something answers there, whatever it says.
func (p *program) awaits(at string) {
	p.t.Helper()
	client := p.browser().client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	until(p.t, func() bool {
		resp, err := client.Get(at)
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode < 500
	}, func() string { return "nothing answers at " + at })
}
