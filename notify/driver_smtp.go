package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/soglia-sso/soglia/config"
)

// smtpDriver hands mail to a submission server (RFC 6409): one connection, one message, one recipient.
type smtpDriver struct {
	host     string
	implicit bool // TLS from the first byte
	tls      *tls.Config
	options  []mail.Option
	from     *netmail.Address
}

func init() { kinds["smtp"] = standard(driver(openSMTP, "email")) }

// smtpSettings are those of a mail server.
type smtpSettings struct {
	// smtp://user:password@host:587 (STARTTLS) or smtps://…
	URL config.Secret `yaml:"url" form:"url" required:"yes"`
	// Sender: Name <address>.
	From string `yaml:"from" required:"yes"`
}

// Check looks at both addresses.
func (s *smtpSettings) Check(report func(key, format string, args ...any)) {
	if _, err := netmail.ParseAddress(s.From); s.From != "" && err != nil {
		report("from", `from must be an address such as "Example <no-reply@example.it>"`)
	}
	if _, _, err := s.server(); s.URL != "" && err != nil {
		report("url", "url %s", err)
	}
}

// server reads the URL. The error never holds it: it may have a password.
func (s *smtpSettings) server() (*url.URL, int, error) {
	u, err := url.Parse(string(s.URL))
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, 0, errors.New("must be smtp://host:587 or smtps://host")
	}
	port := 587
	if u.Scheme == "smtps" {
		port = 465
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return nil, 0, errors.New("has a port that cannot be")
		}
	}
	if optional := u.Query().Get("starttls"); optional != "" && optional != "optional" {
		return nil, 0, errors.New("has a starttls other than optional")
	}
	return u, port, nil
}

// openSMTP: smtps:// is TLS from the first byte; smtp:// demands STARTTLS, because codes travel on it.
// ?starttls=optional is for a relay on a private network, and what a loopback one gets without a password.
func openSMTP(s *smtpSettings, _ Reach) (Driver, error) {
	u, port, err := s.server()
	if err != nil {
		return nil, fmt.Errorf("url %w", err)
	}
	from, err := netmail.ParseAddress(s.From)
	if err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	d := &smtpDriver{host: u.Hostname(), implicit: u.Scheme == "smtps", from: from}
	d.tls = &tls.Config{ServerName: d.host, MinVersion: tls.VersionTLS12}
	d.options = []mail.Option{
		mail.WithPort(port), mail.WithTimeout(sendTime), mail.WithHELO(domain),
		mail.WithTLSPolicy(mail.TLSMandatory), mail.WithTLSConfig(d.tls),
	}
	switch {
	case d.implicit:
		d.options = append(d.options, mail.WithSSL())
	case u.Query().Get("starttls") == "optional", loopback(d.host) && u.User == nil:
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

// Send delivers one message. The connection has one absolute end, so that a server that drips bytes gains nothing.
func (s *smtpDriver) Send(ctx context.Context, d Delivery) error {
	msg, err := s.compose(d)
	if err != nil {
		return err
	}
	var line net.Conn
	dial := func(_ context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		if line = bound(ctx, conn); s.implicit {
			line = tls.Client(line, s.tls)
		}
		return line, nil
	}
	client, err := mail.NewClient(s.host, append(slices.Clone(s.options), mail.WithDialContextFunc(dial))...)
	if err != nil {
		return err
	}
	defer func() {
		if line != nil {
			line.Close() // the library leaves it open when the greeting fails
		}
	}()
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	err = client.SendWithSMTPClient(session, msg)
	if msg.IsDelivered() {
		// The server said yes to the content. What breaks afterwards (RSET, QUIT) must not cause a second mail.
		_ = client.CloseWithSMTPClient(session)
		return nil
	}
	var failure *mail.SendError
	if errors.As(err, &failure) && failure.Reason == mail.ErrSMTPRcptTo && failure.ErrorCode() >= 500 {
		return fmt.Errorf("%w: %d", ErrRefused, failure.ErrorCode())
	}
	return err
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
