package certification_test

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"sync"
)

// suite is the address at which the panels of a plan live: what the server posts there, and what a browser's frames load.
type suite struct {
	listener net.Listener

	mu    sync.Mutex
	back  []told            // logout tokens, as they came
	front []url.Values      // queries of the frames
	hold  map[string]func() // runs before a logout token that names this sid is answered
}

// told is a request of the back channel.
type told struct {
	method, contentType, token string
	tls                        uint16
}

var theSuite = &suite{hold: map[string]func(){}}

const alias = "/test/a/soglia"

func (s *suite) url() string      { return "https://" + s.listener.Addr().String() }
func (s *suite) callback() string { return s.url() + alias + "/callback" }
func (s *suite) bye() string      { return s.url() + alias + "/post_logout_redirect" }

func (s *suite) listen(pair tls.Certificate) (err error) {
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc(alias+"/backchannel_logout", func(w http.ResponseWriter, r *http.Request) {
		one := told{r.Method, r.Header.Get("Content-Type"), r.PostFormValue("logout_token"), r.TLS.Version}
		s.mu.Lock()
		s.back = append(s.back, one)
		var hold func()
		for sid, f := range s.hold {
			if payload(one.token)["sid"] == sid {
				hold = f
			}
		}
		s.mu.Unlock()
		if hold != nil {
			hold()
		}
	})
	mux.HandleFunc("GET "+alias+"/frontchannel_logout", func(_ http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.front = append(s.front, r.URL.Query())
	})
	server := &http.Server{Handler: mux, ErrorLog: log.New(io.Discard, "", 0), TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}}}
	go server.ServeTLS(s.listener, "", "")
	return nil
}
