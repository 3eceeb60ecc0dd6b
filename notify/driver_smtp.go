package notify

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/mailaddress"
)

// smtpDriver hands mail to a submission server (RFC 6409): one connection, one message, one recipient.
type smtpDriver struct {
	host     string
	address  string // host and port to dial
	implicit bool   // TLS from the first byte
	tls      *tls.Config
	options  []mail.Option
	name     string // of the sender
	from     mailaddress.Address
}

func init() { kinds["smtp"] = standard(driver(openSMTP, "email")) }

// smtpSettings are those of a mail server.
type smtpSettings struct {
	// smtp://user:password@host:587 (STARTTLS; with ?starttls=optional for a relay on a private network) or smtps://…; an IPv6
	// address in brackets.
	URL config.Secret `yaml:"url" form:"url" required:"yes"`
	// Sender: Name <address>, of a domain of yours.
	From string `yaml:"from" required:"yes"`
}

// Check looks at both addresses.
func (s *smtpSettings) Check(wrong, doubtful config.Report) {
	switch _, from, err := s.sender(); {
	case s.From == "":
	case err != nil:
		wrong("from", `from must be an address such as "Example <no-reply@example.it>"`)
	case nobodys(from.Domain):
		doubtful("from", "mail from @%s is refused by most servers, or taken for spam: write an address of a domain of yours", from.Domain)
	}
	if _, _, err := s.server(); s.URL != "" && err != nil {
		wrong("url", "url %s", err)
	}
}

// nobodys reports a domain that means another machine to each reader (RFC 2606 §2, RFC 6761 §6, RFC 6762 §3, RFC 8375).
func nobodys(domain string) bool {
	last := domain[strings.LastIndexByte(domain, '.')+1:]
	return last == domain || slices.Contains([]string{"localhost", "localdomain", "local", "lan", "home", "arpa", "internal", "invalid"}, last)
}

// sender reads the name and the address that mails come from.
func (s *smtpSettings) sender() (name string, from mailaddress.Address, err error) {
	a, err := netmail.ParseAddress(s.From)
	if err != nil {
		return "", from, err
	}
	from, err = mailaddress.Parse(a.Address)
	return a.Name, from, err
}

// server reads the URL. The error never holds it: it may have a password.
func (s *smtpSettings) server() (u *url.URL, port string, err error) {
	u, err = url.Parse(string(s.URL))
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, "", errors.New("must be smtp://host:587 or smtps://host, an IPv6 address in brackets")
	}
	standard := map[string]string{"smtp": "587", "smtps": "465"}
	for _, problem := range []string{config.WrongServer(u), config.WrongParameters(u, "starttls")} {
		if problem != "" {
			return nil, "", errors.New(problem)
		}
	}
	switch q := u.Query(); {
	case strings.Trim(u.Path, "/") != "" || u.Fragment != "":
		return nil, "", errors.New("has a path, which mail servers do not have")
	case q.Has("starttls") && u.Scheme == "smtps":
		return nil, "", errors.New("has starttls, which is for smtp://: smtps:// is TLS from the first byte")
	case q.Has("starttls") && q.Get("starttls") != "optional":
		return nil, "", errors.New("has a starttls other than optional")
	}
	return u, cmp.Or(u.Port(), standard[u.Scheme]), nil
}

// openSMTP: smtps:// is TLS from the first byte; smtp:// demands STARTTLS, because codes travel on it.
// ?starttls=optional is for a relay on a private network, and what a loopback one gets without a password.
func openSMTP(s *smtpSettings, _ Reach) (Driver, error) {
	u, port, err := s.server()
	if err != nil {
		return nil, fmt.Errorf("url %w", err)
	}
	d := &smtpDriver{host: u.Hostname(), address: net.JoinHostPort(u.Hostname(), port), implicit: u.Scheme == "smtps"}
	if d.name, d.from, err = s.sender(); err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	d.tls = &tls.Config{ServerName: d.host, MinVersion: tls.VersionTLS12}
	d.options = []mail.Option{
		mail.WithTimeout(sendTime), mail.WithHELO(d.from.Domain), mail.WithTLSPolicy(mail.TLSMandatory), mail.WithTLSConfig(d.tls),
	}
	switch {
	case d.implicit:
		d.options = append(d.options, mail.WithSSL())
	case u.Query().Has("starttls"), loopback(d.host) && u.User == nil:
		d.options = append(d.options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		// PLAIN and LOGIN refuse by themselves to go over a connection without TLS.
		d.options = append(d.options, mail.WithUsername(u.User.Username()), mail.WithPassword(password),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin, mail.SMTPAuthCramMD5))
	}
	_, err = mail.NewClient(d.host, d.options...)
	return d, err
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// errASCII: the mailbox has letters beyond ASCII, and the server takes none (RFC 6531 §3.2). It may be given SMTPUTF8 any
// moment, so the message waits for the next try.
var errASCII = errors.New("the address has letters beyond ASCII, and the mail server has no SMTPUTF8")

// Send delivers one message.
func (s *smtpDriver) Send(ctx context.Context, d Delivery) (Taken, error) {
	to, err := recipient(d.To)
	if err != nil {
		return Taken{}, err
	}
	answer, err := s.deliver(ctx, d, to)
	if err == nil {
		return Taken{Answer: oneLine(answer)}, nil
	}
	if about := about(err); about != nil {
		return Taken{}, fmt.Errorf("%w: %s", about, without(err, to))
	}
	return Taken{}, errors.New(without(err, to))
}

// errPutOff is a temporary no to one recipient for reasons of policy. It may be about all ("454 4.7.1 relay access denied") or
// about this one ("450 4.7.1 greylisted"): operators should look, and other people's messages may well go out.
var errPutOff = errors.New("put off")

// about says whom a failure is about: this recipient, for good (ErrRefused) or this time (ErrRecipient), perhaps all
// (errPutOff), or the server (nil). A no to us ("relay access denied", RFC 3463 §3.8) is the server's, though it comes as an
// answer to the recipient; letters that it does not take (§3.7) it may take another time.
func about(err error) error {
	var f *mail.SendError
	if errors.Is(err, errASCII) {
		return ErrRecipient
	}
	if !errors.As(err, &f) || f.Reason != mail.ErrSMTPRcptTo {
		return nil
	}
	subject := ""
	if parts := strings.Split(f.EnhancedStatusCode(), "."); len(parts) == 3 {
		subject = parts[1]
	}
	switch {
	case subject == "7" && f.ErrorCode() < 500:
		return errPutOff
	case subject == "7":
		return nil
	case f.ErrorCode() >= 500 && subject != "6":
		return ErrRefused
	case subject == "1", subject == "2", subject == "6", subject == "" && f.ErrorCode() == 450:
		return ErrRecipient
	}
	return nil
}

// without is an error for logs and operators: the library and many servers repeat the recipient in it.
func without(err error, to mailaddress.Address) string {
	return oneLine(strings.NewReplacer(to.String(), "…", to.Canonical(), "…").Replace(err.Error()))
}

// enter connects, greets and signs in; leave closes the line, whatever stands on it. The connection has one absolute end, so that
// a server that drips bytes gains nothing.
func (s *smtpDriver) enter(ctx context.Context) (client *mail.Client, session *smtp.Client, leave func(), err error) {
	var line net.Conn
	leave = func() {
		if line != nil {
			line.Close() // the library leaves it open when the greeting fails
		}
	}
	// Whatever the library would dial (it forgets the brackets of an IPv6 address), this is the address that was checked.
	dial := func(context.Context, string, string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.address)
		if err != nil {
			return nil, err
		}
		if line = bound(ctx, conn); s.implicit {
			line = tls.Client(line, s.tls)
		}
		return line, nil
	}
	if client, err = mail.NewClient(s.host, append(slices.Clone(s.options), mail.WithDialContextFunc(dial))...); err == nil {
		session, err = client.DialToSMTPClientWithContext(ctx)
	}
	return client, session, leave, err
}

// known signs in and leaves.
func (s *smtpDriver) known(ctx context.Context) (string, error) {
	client, session, leave, err := s.enter(ctx)
	defer leave()
	if err != nil {
		return "", surely(err, errors.New(oneLine(err.Error())))
	}
	_ = client.CloseWithSMTPClient(session)
	return "", nil
}

// deliver returns the server's yes.
func (s *smtpDriver) deliver(ctx context.Context, d Delivery, to mailaddress.Address) (string, error) {
	client, session, leave, err := s.enter(ctx)
	defer leave()
	if err != nil {
		return "", err
	}
	plain := to.ASCII() && s.from.ASCII()
	if able, _ := session.Extension("SMTPUTF8"); !able && !plain {
		_ = client.CloseWithSMTPClient(session)
		if !s.from.ASCII() {
			return "", errors.New("the sender has letters beyond ASCII, and the mail server has no SMTPUTF8")
		}
		return "", errASCII
	}
	session.SkipSMTPUTF8(plain) // a mail that says it needs SMTPUTF8 goes no further than to the first server without it
	msg := s.compose(d, to)
	err = client.SendWithSMTPClient(session, msg)
	if msg.IsDelivered() {
		// The server said yes to the content. What breaks afterwards (RSET, QUIT) must not cause a second mail.
		_ = client.CloseWithSMTPClient(session)
		return msg.ServerResponse(), nil
	}
	return "", err
}

// bounded is a connection whose deadline cannot be moved beyond the one of its context.
type bounded struct {
	net.Conn
	end  time.Time
	stop func() bool
}

func bound(ctx context.Context, conn net.Conn) *bounded {
	end, ok := ctx.Deadline()
	if !ok {
		end = time.Now().Add(sendTime)
	}
	b := &bounded{Conn: conn, end: end}
	b.stop = context.AfterFunc(ctx, func() { conn.Close() })
	conn.SetDeadline(end)
	return b
}

func (b *bounded) SetDeadline(t time.Time) error {
	if t.IsZero() || t.After(b.end) {
		t = b.end
	}
	return b.Conn.SetDeadline(t)
}

func (b *bounded) Close() error {
	b.stop()
	return b.Conn.Close()
}
