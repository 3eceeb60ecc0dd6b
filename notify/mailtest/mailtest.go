// Package mailtest is a mail server in a test, on a real socket.
//
// It owns the manners of the servers we hand mail to, the good ones and those that refuse. It leaves what a mail must look
// like to the tests.
package mailtest

import (
	"crypto/tls"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Server is a mail server that keeps what it is given. The zero value takes everything, without TLS, with SMTPUTF8.
type Server struct {
	Host     string           // where it listens; "" = 127.0.0.1
	Cert     *tls.Certificate // it offers STARTTLS, or
	Implicit bool             // speaks TLS from the first byte
	Password string           // of the user soglia, demanded when set
	ASCII    bool             // it is without SMTPUTF8 and takes no other address
	Refuse   error            // of every recipient; see [Refusal]

	mu    sync.Mutex
	mails []Mail
}

// Mail is what came, as it came.
type Mail struct {
	Hello string // the name in EHLO
	From  string
	UTF8  bool // MAIL FROM had SMTPUTF8
	To    []string
	Data  string
}

// Refusal is an answer such as "550 5.1.1 no".
func Refusal(code int, enhanced ...int) error {
	e := &smtp.SMTPError{Code: code, Message: "no"}
	copy(e.EnhancedCode[:], enhanced)
	return e
}

// SetRefuse changes the answer to every recipient while the server runs.
func (s *Server) SetRefuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Refuse = err
}

// Mails are those that it took, oldest first.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Start serves until the test ends, and returns host:port. A host this machine lacks skips the test.
func (s *Server) Start(t testing.TB) string {
	t.Helper()
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: s, conn: c}, nil
	}))
	srv.Domain = "localhost"
	srv.EnableSMTPUTF8 = !s.ASCII
	srv.ErrorLog = discard{}
	l := listen(t, s.Host)
	addr := l.Addr().String()
	if s.Cert != nil {
		srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*s.Cert}}
		if s.Implicit {
			l = tls.NewListener(l, srv.TLSConfig)
		}
	}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return addr
}

// Silent is a server that takes connections and says nothing.
func Silent(t testing.TB) string {
	t.Helper()
	l := listen(t, "")
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
		}
	}()
	return l.Addr().String()
}

func listen(t testing.TB, host string) net.Listener {
	t.Helper()
	if host == "" {
		host = "127.0.0.1"
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Skipf("this machine has no %s: %v", host, err)
	}
	return l
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

type session struct {
	server *Server
	conn   *smtp.Conn
	now    Mail
	in     bool
}

func (s *session) Reset()        { s.now = Mail{} }
func (s *session) Logout() error { return nil }

// strange is the answer to an address beyond ASCII without SMTPUTF8 (RFC 6531 §3.5).
func (s *session) strange(address string) error {
	if s.now.UTF8 || !strings.ContainsFunc(address, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return nil
	}
	return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 6, 7}, Message: "non-ASCII address"}
}

func (s *session) Mail(from string, o *smtp.MailOptions) error {
	if s.server.Password != "" && !s.in {
		return smtp.ErrAuthRequired
	}
	s.now = Mail{Hello: s.conn.Hostname(), From: from, UTF8: o.UTF8}
	return s.strange(from)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.now.To = append(s.now.To, to)
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.Refuse != nil {
		return s.server.Refuse
	}
	return s.strange(to)
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.now.Data = string(b)
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.mails = append(s.server.mails, s.now)
	return err
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "soglia" || password != s.server.Password {
			return smtp.ErrAuthFailed
		}
		s.in = true
		return nil
	}), nil
}
