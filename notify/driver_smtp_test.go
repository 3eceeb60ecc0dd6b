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
	"testing"
	"testing/synctest"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify/mailtest"
)

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
	s := new(mailtest.Server)
	d := openAt(t, "smtp://"+s.Start(t), nil)
	if _, err := d.Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	if len(s.Mails()) != 1 || s.Mails()[0].From != "no-reply@example.it" || !slices.Equal(s.Mails()[0].To, []string{"u@example.it"}) {
		t.Fatalf("envelope %+v", s.Mails())
	}
	m, err := netmail.ReadMessage(strings.NewReader(s.Mails()[0].Data))
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

// Q23: an address of another alphabet was checked in one form and sent in another, which servers without SMTPUTF8 refuse for
// good, long after the page said that the code was sent.
func TestQ23AnAddressGoesOutAsItWasChecked(t *testing.T) {
	from := "Bücher <no-reply@bücher.example>"
	for name, c := range map[string]struct {
		server    *mailtest.Server
		to, taken string
		utf8      bool
	}{
		"a domain, to a server of ASCII":      {&mailtest.Server{ASCII: true}, "Mario@Bücher.example", "Mario@xn--bcher-kva.example", false},
		"a domain, to a server of UTF-8":      {&mailtest.Server{}, "Mario@Bücher.example", "Mario@xn--bcher-kva.example", false},
		"a local part, to a server of UTF-8":  {&mailtest.Server{}, "Nicolò@Bücher.example", "Nicolò@xn--bcher-kva.example", true},
		"a local part, to a server of ASCII":  {&mailtest.Server{ASCII: true}, "nicolò@example.it", "", false},
		"plain, to a server of ASCII":         {&mailtest.Server{ASCII: true}, "u@example.it", "u@example.it", false},
		"as A-labels, to a server of ASCII":   {&mailtest.Server{ASCII: true}, "u@xn--bcher-kva.example", "u@xn--bcher-kva.example", false},
		"decomposed, to a server of UTF-8":    {&mailtest.Server{}, "nicolo\u0300@example.it", "nicolò@example.it", true},
		"a machine's own, to a server of its": {&mailtest.Server{ASCII: true}, "root@localhost", "root@localhost", false},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := openSMTP(&smtpSettings{URL: config.Secret("smtp://" + c.server.Start(t)), From: from}, Reach{})
			if err != nil {
				t.Fatal(err)
			}
			letter := letter
			letter.To = c.to
			_, err = d.Send(t.Context(), letter)
			mails := c.server.Mails()
			if c.taken == "" {
				if err == nil || errors.Is(err, ErrRefused) || len(mails) != 0 {
					t.Errorf("given up for good, or sent: %v, %+v", err, mails)
				}
				return
			}
			if err != nil || len(mails) != 1 {
				t.Fatalf("%+v, %v", mails, err)
			}
			got := mails[0]
			if got.From != "no-reply@xn--bcher-kva.example" || got.Hello != "xn--bcher-kva.example" || !slices.Equal(got.To, []string{c.taken}) || got.UTF8 != c.utf8 {
				t.Errorf("envelope %+v", got)
			}
			m, err := netmail.ReadMessage(strings.NewReader(got.Data))
			if err != nil {
				t.Fatal(err)
			}
			if to := m.Header.Get("To"); to != "<"+c.taken+">" {
				t.Errorf("To: %s", to)
			}
			if id := m.Header.Get("Message-Id"); id != "<m1@xn--bcher-kva.example>" {
				t.Errorf("Message-ID: %s", id)
			}
			if sender := m.Header.Get("From"); !strings.HasSuffix(sender, "<no-reply@xn--bcher-kva.example>") {
				t.Errorf("From: %s", sender)
			}
		})
	}
}

// Q24: smtp://[::1]:2526 passed the check and failed at every mail.
func TestQ24AServerIsReachedByItsIPv6Address(t *testing.T) {
	s := &mailtest.Server{Host: "::1"}
	if _, err := openAt(t, "smtp://"+s.Start(t), nil).Send(t.Context(), letter); err != nil || len(s.Mails()) != 1 {
		t.Errorf("%d mails, %v", len(s.Mails()), err)
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
			s := new(mailtest.Server)
			driver := openAt(t, "smtp://"+s.Start(t), nil)
			d := letter
			c.change(&d)
			_, err := driver.Send(t.Context(), d)
			if !c.sent {
				if !errors.Is(err, ErrRefused) || len(s.Mails()) != 0 {
					t.Errorf("%d mails, %v", len(s.Mails()), err)
				}
				return
			}
			if err != nil || len(s.Mails()) != 1 || !slices.Equal(s.Mails()[0].To, []string{"u@example.it"}) {
				t.Fatalf("mails %+v, %v", s.Mails(), err)
			}
			m, err := netmail.ReadMessage(strings.NewReader(s.Mails()[0].Data))
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
			s := &mailtest.Server{Cert: c.cert, Implicit: c.scheme == "smtps"}
			if c.user != "" {
				s.Password = "pw"
			}
			addr := s.Start(t)
			d := openAt(t, c.scheme+"://"+c.user+addr+c.query, c.roots)
			_, asked := d.(asker).known(t.Context())
			if no := errors.Is(asked, ErrNotLetIn); (asked == nil) != c.sent || len(s.Mails()) != 0 || no != (c.cert != nil && !c.sent) {
				t.Errorf("asked: %d mails, %v", len(s.Mails()), asked)
			}
			_, err := d.Send(t.Context(), letter)
			if (err == nil) != c.sent || (len(s.Mails()) == 1) != c.sent {
				t.Errorf("%d mails, %v", len(s.Mails()), err)
			}
			if err != nil && strings.Contains(err.Error(), "pw") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

func TestServerThatRefusesTheRecipient(t *testing.T) {
	for code, good := range map[int]bool{550: true, 450: false, 421: false} {
		s := &mailtest.Server{Refuse: mailtest.Refusal(code, code/100, 1, 1)}
		_, err := openAt(t, "smtp://"+s.Start(t), nil).Send(t.Context(), letter)
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
			_, err := openAt(t, "smtp://"+script(t, c.lines...), nil).Send(t.Context(), letter)
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
			go func() {
				_, err := driver.Send(ctx, letter)
				ended <- err
			}()
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
		return config.Channels{"email": {{Driver: driver, For: []string{"*"}, Settings: s}}}
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
	d, err := Open(email("outbox", new(outboxSettings)), Reach{Memory: memory})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d["email"].Send(t.Context(), Delivery{To: "u@example.it"}); err != nil || len(memory.All()) != 1 {
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
