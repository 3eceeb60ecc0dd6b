package notify

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/soglia-sso/soglia/config"
)

// sink is a mail server that keeps what it is given.
type sink struct {
	mu       sync.Mutex
	mails    []mailed
	password string // demanded when set
	refuse   error  // of recipients
}

type mailed struct {
	from string
	to   []string
	data string
}

func (s *sink) NewSession(*smtp.Conn) (smtp.Session, error) { return &sinkSession{sink: s}, nil }

type sinkSession struct {
	sink *sink
	now  mailed
	in   bool
}

func (s *sinkSession) Reset()        { s.now = mailed{} }
func (s *sinkSession) Logout() error { return nil }
func (s *sinkSession) Mail(from string, _ *smtp.MailOptions) error {
	if s.sink.password != "" && !s.in {
		return smtp.ErrAuthRequired
	}
	s.now.from = from
	return nil
}

func (s *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.now.to = append(s.now.to, to)
	return s.sink.refuse
}

func (s *sinkSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.now.data = string(b)
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	s.sink.mails = append(s.sink.mails, s.now)
	return err
}

func (s *sinkSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *sinkSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "soglia" || password != s.sink.password {
			return smtp.ErrAuthFailed
		}
		s.in = true
		return nil
	}), nil
}

// serve starts the sink; with a certificate it offers STARTTLS, or speaks TLS from the first byte.
func (s *sink) serve(t *testing.T, cert *tls.Certificate, implicit bool) string {
	t.Helper()
	srv := smtp.NewServer(s)
	srv.Domain = "localhost"
	srv.EnableSMTPUTF8 = true
	srv.ErrorLog = discard{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if cert != nil {
		srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*cert}}
		if implicit {
			l = tls.NewListener(l, srv.TLSConfig)
		}
	}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return addr
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

// certificate is for 127.0.0.1, with the pool that trusts it.
func certificate(t *testing.T) (*tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sink"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func openAt(t *testing.T, url string, roots *x509.CertPool) Driver {
	t.Helper()
	d, err := openSMTP(&smtpSettings{URL: config.Secret(url), From: "Example <no-reply@example.it>"}, Reach{})
	if err != nil {
		t.Fatal(err)
	}
	d.(*smtpDriver).tls.RootCAs = roots
	return d
}

var letter = Delivery{
	ID: "m1", Channel: "email", Kind: "code", To: "u@example.it", Subject: "123456 è il codice", Text: "Codice: 123456\n.\nperché",
	HTML: "<p>Codice: <b>123456</b></p>", Created: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
}

func TestMailAsItArrives(t *testing.T) {
	s := new(sink)
	d := openAt(t, "smtp://"+s.serve(t, nil, false), nil)
	if err := d.Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	if len(s.mails) != 1 || s.mails[0].from != "no-reply@example.it" || !slices.Equal(s.mails[0].to, []string{"u@example.it"}) {
		t.Fatalf("envelope %+v", s.mails)
	}
	m, err := netmail.ReadMessage(strings.NewReader(s.mails[0].data))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"From": `"Example" <no-reply@example.it>`, "To": "<u@example.it>", "Auto-Submitted": "auto-generated",
		"Message-Id": "<m1@example.it>", "Date": "Sun, 01 Mar 2026 12:00:00 +0000",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil || got != letter.Subject {
		t.Errorf("Subject: %q, %v", got, err)
	}
	for name := range m.Header {
		if name == "User-Agent" || name == "X-Mailer" || name == "Bcc" || name == "Cc" {
			t.Errorf("header %s: %v", name, m.Header[name])
		}
	}
	kind, args, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, args["boundary"])
	for _, want := range []struct{ kind, text string }{
		{"text/plain", strings.ReplaceAll(letter.Text, "\n", "\r\n")}, {"text/html", letter.HTML},
	} {
		p, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(quotedprintable.NewReader(p))
		if !strings.HasPrefix(p.Header.Get("Content-Type"), want.kind) || strings.TrimRight(string(body), "\r\n") != want.text {
			t.Errorf("%s: %q", p.Header.Get("Content-Type"), body)
		}
	}
}

func TestF11OneMessageOneRecipientWhateverStandsInIt(t *testing.T) {
	nasty := "x\r\nBcc: evil@example.org\r\n\r\n<script>\r\n.\r\nMAIL FROM:<a@b>"
	for name, c := range map[string]struct {
		change func(*Delivery)
		sent   bool
	}{
		"subject":                   {func(d *Delivery) { d.Subject = nasty }, true},
		"subject, bare LF":          {func(d *Delivery) { d.Subject = "x\nBcc: evil@example.org" }, true},
		"subject, other separators": {func(d *Delivery) { d.Subject = "x\u2028Bcc: evil@example.org\u0085y\x00\x0b" }, true},
		"subject of 2 kB":           {func(d *Delivery) { d.Subject = strings.Repeat("à", 2048) }, true},
		"subject, broken UTF-8":     {func(d *Delivery) { d.Subject = "a\xff\xfeb" }, true},
		"text":                      {func(d *Delivery) { d.Text = nasty }, true},
		"HTML":                      {func(d *Delivery) { d.HTML = nasty }, true},
		"recipient, CRLF":           {func(d *Delivery) { d.To = "u@example.it\r\nBcc: evil@example.org" }, false},
		"recipient, command":        {func(d *Delivery) { d.To = "u@example.it>\r\nRCPT TO:<evil@example.org" }, false},
		"recipient, two":            {func(d *Delivery) { d.To = "u@example.it, evil@example.org" }, false},
		"recipient, semicolon":      {func(d *Delivery) { d.To = "u@example.it;evil@example.org" }, false},
		"recipient, display name":   {func(d *Delivery) { d.To = "evil@example.org <u@example.it>" }, false},
		"recipient, group":          {func(d *Delivery) { d.To = "g: u@example.it, evil@example.org;" }, false},
		"recipient, comment":        {func(d *Delivery) { d.To = "u@example.it (evil@example.org)" }, false},
		"recipient, space":          {func(d *Delivery) { d.To = " u@example.it" }, false},
		"recipient, none":           {func(d *Delivery) { d.To = "nobody" }, false},
		"recipient, 2 kB":           {func(d *Delivery) { d.To = strings.Repeat("u", 2048) + "@example.it" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := new(sink)
			driver := openAt(t, "smtp://"+s.serve(t, nil, false), nil)
			d := letter
			c.change(&d)
			err := driver.Send(t.Context(), d)
			if !c.sent {
				if !errors.Is(err, ErrRefused) || len(s.mails) != 0 {
					t.Errorf("%d mails, %v", len(s.mails), err)
				}
				return
			}
			if err != nil || len(s.mails) != 1 || !slices.Equal(s.mails[0].to, []string{"u@example.it"}) {
				t.Fatalf("mails %+v, %v", s.mails, err)
			}
			m, err := netmail.ReadMessage(strings.NewReader(s.mails[0].data))
			if err != nil {
				t.Fatal(err)
			}
			if m.Header.Get("Bcc") != "" || m.Header.Get("To") != "<u@example.it>" || m.Header.Get("Auto-Submitted") == "" {
				t.Errorf("headers %v", m.Header)
			}
		})
	}
}

func TestPasswordAndCodesTravelOverTLSOnly(t *testing.T) {
	cert, roots := certificate(t)
	for name, c := range map[string]struct {
		scheme, user, query string
		cert                *tls.Certificate
		roots               *x509.CertPool
		sent                bool
	}{
		"STARTTLS with a password":           {"smtp", "soglia:pw@", "", cert, roots, true},
		"implicit TLS with a password":       {"smtps", "soglia:pw@", "", cert, roots, true},
		"wrong password":                     {"smtps", "soglia:no@", "", cert, roots, false},
		"a certificate nobody vouches for":   {"smtp", "soglia:pw@", "", cert, x509.NewCertPool(), false},
		"the same, implicit":                 {"smtps", "soglia:pw@", "", cert, x509.NewCertPool(), false},
		"no STARTTLS, password":              {"smtp", "soglia:pw@", "", nil, nil, false},
		"no STARTTLS, optional, password":    {"smtp", "soglia:pw@", "?starttls=optional", nil, nil, false},
		"no STARTTLS, optional, no password": {"smtp", "", "?starttls=optional", nil, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := new(sink)
			if c.user != "" {
				s.password = "pw"
			}
			addr := s.serve(t, c.cert, c.scheme == "smtps")
			err := openAt(t, c.scheme+"://"+c.user+addr+c.query, c.roots).Send(t.Context(), letter)
			if (err == nil) != c.sent || (len(s.mails) == 1) != c.sent {
				t.Errorf("%d mails, %v", len(s.mails), err)
			}
			if err != nil && strings.Contains(err.Error(), "pw") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

func TestServerThatRefusesTheRecipient(t *testing.T) {
	for code, good := range map[int]bool{550: true, 450: false, 421: false} {
		s := &sink{refuse: &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "no"}}
		err := openAt(t, "smtp://"+s.serve(t, nil, false), nil).Send(t.Context(), letter)
		if err == nil || errors.Is(err, ErrRefused) != good {
			t.Errorf("%d: %v", code, err)
		}
	}
}

// script is a server that says its lines one after the other, each after reading one, whatever that was. After DATA it
// reads to the final dot. Then it closes.
func script(t *testing.T, lines ...string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		read := make([]byte, 64<<10)
		for i, line := range lines {
			if i > 0 {
				n, err := conn.Read(read)
				for body := i > 1 && strings.HasPrefix(lines[i-1], "354"); body && err == nil && !strings.HasSuffix(string(read[:n]), "\r\n.\r\n"); {
					var more int
					more, err = conn.Read(read[n:])
					n += more
				}
				if err != nil {
					return
				}
			}
			io.WriteString(conn, line+"\r\n")
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			tcp.SetLinger(0) // reset rather than close
		}
	}()
	return l.Addr().String()
}

func TestR08MailServerThatBreaksOff(t *testing.T) {
	accepted := []string{"220 hi", "250 hi", "250 ok", "250 from", "250 to", "354 go", "250 taken"}
	for name, c := range map[string]struct {
		lines []string
		sent  bool
	}{
		"reset after it took the mail": {accepted, true},
		"error after it took the mail": {append(slices.Clone(accepted), "500 what", "500 what"), true},
		"reset before its yes":         {accepted[:6], false},
		"refuses the content for now":  {append(slices.Clone(accepted[:6]), "451 later"), false},
		"says 554 at once":             {[]string{"554 go away"}, false},
		"resets at once":               {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := openAt(t, "smtp://"+script(t, c.lines...), nil).Send(t.Context(), letter)
			if (err == nil) != c.sent || errors.Is(err, ErrRefused) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestR08MailServerThatHangsIsLeftWhenTheTimeIsOver(t *testing.T) {
	for name, lines := range map[string][]string{
		"says nothing":   {""},
		"after greeting": {"220 hi"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			accepted := make(chan net.Conn, 1)
			go func() {
				conn, err := l.Accept()
				if err == nil {
					if lines[0] != "" {
						io.WriteString(conn, lines[0]+"\r\n")
					}
					accepted <- conn
				}
			}()
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error)
			driver := openAt(t, "smtp://"+l.Addr().String(), nil)
			go func() { ended <- driver.Send(ctx, letter) }()
			conn := <-accepted
			defer conn.Close()
			cancel()
			if err := <-ended; err == nil {
				t.Error("a server that said nothing took the mail")
			}
			conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
				t.Error("the connection was left open")
			}
		})
	}
}

func TestOpenRefusesWhatItCannotUseWithoutTellingPasswords(t *testing.T) {
	for name, s := range map[string]*smtpSettings{
		"no URL":          {From: "a@example.it"},
		"http":            {URL: "http://user:hush@mail", From: "a@example.it"},
		"no host":         {URL: "smtp://user:hush@:25", From: "a@example.it"},
		"port":            {URL: "smtp://user:hush@mail:99999", From: "a@example.it"},
		"broken":          {URL: "smtp://user:hu%zzsh@mail", From: "a@example.it"},
		"no sender":       {URL: "smtp://user:hush@mail"},
		"starttls=maybe":  {URL: "smtp://user:hush@mail?starttls=maybe", From: "a@example.it"},
		"two senders":     {URL: "smtp://mail", From: "a@example.it, b@example.it"},
		"sender and CRLF": {URL: "smtp://mail", From: "a@example.it\r\nBcc: b@example.it"},
	} {
		if _, err := openSMTP(s, Reach{}); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAGatewayIsOpenedByItsName(t *testing.T) {
	email := func(driver string, s config.Settings) config.Channels {
		return config.Channels{"email": {{Driver: driver, Settings: s}}}
	}
	if _, err := Open(email("pigeon", nil), Reach{}); err == nil {
		t.Error("a driver nobody wrote was opened")
	}
	if _, err := Open(config.Channels{"sms": {{Driver: "smtp", Settings: new(smtpSettings)}}}, Reach{}); err == nil {
		t.Error("text messages leave by mail")
	}
	if _, err := Open(email("outbox", new(outboxSettings)), Reach{}); err == nil {
		t.Error("messages are kept for nobody")
	}
	memory := new(Memory)
	if d, err := Open(email("outbox", new(outboxSettings)), Reach{Memory: memory}); err != nil || d["email"] != memory {
		t.Errorf("outbox: %v", err)
	}
}

func TestR08DeadlineOfAMailCannotBeMovedByDrippingBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), sendTime)
		defer cancel()
		ours, theirs := net.Pipe()
		conn := bound(ctx, ours)
		go func() {
			for {
				if _, err := theirs.Write([]byte("2")); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		begin, b := time.Now(), make([]byte, 1)
		for {
			conn.SetDeadline(time.Now().Add(sendTime)) // as the library does before each command
			if _, err := conn.Read(b); err != nil {
				break
			}
		}
		if took := time.Since(begin); took > sendTime {
			t.Errorf("it lasted %s", took)
		}
		theirs.Close()
		time.Sleep(2 * time.Second) // for the dripping to end
	})
}
