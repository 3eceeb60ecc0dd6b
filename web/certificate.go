package web

import (
	"crypto/tls"
	"log/slog"
	"os"
	"sync"
	"time"
)

// lookEvery is how often a handshake looks whether the files of a certificate have changed.
const lookEvery = 10 * time.Second

// Certificate is a certificate chain and its key, in two PEM files. Whoever renews it writes the files anew; nothing has to
// be restarted or told. A pair that does not fit together (the second file is still to be written, or one is broken) is told
// to the log, and the former pair goes on.
type Certificate struct {
	cert, key string // paths
	log       *slog.Logger
	now       func() time.Time

	mu     sync.Mutex
	pair   *tls.Certificate
	read   stamps // of the files when they were read last
	looked time.Time
}

// stamps tell a file that was written anew from the one before.
type stamps [2]struct {
	at   time.Time
	size int64
}

// NewCertificate reads the pair. The error is that of a pair that cannot be used.
func NewCertificate(cert, key string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{cert: cert, key: key, log: log, now: time.Now}
	c.looked, c.read = c.now(), c.stamps()
	pair, err := tls.LoadX509KeyPair(cert, key)
	c.pair = &pair
	return c, err
}

// Config is for a listener: TLS 1.2 and 1.3, and HTTP/2 for those who speak it.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current(), nil },
	}
}

// current is the pair in force.
func (c *Certificate) current() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if now.Sub(c.looked) < lookEvery {
		return c.pair
	}
	c.looked = now
	found := c.stamps()
	if found == c.read {
		return c.pair
	}
	c.read = found
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		c.log.Error("the certificate is not changed", "error", err.Error())
		return c.pair
	}
	c.pair = &pair
	c.log.Info("the certificate was read again", "not_after", pair.Leaf.NotAfter)
	return c.pair
}

// stamps are those of the files now. One that is not there has none, and is another one once it is back.
func (c *Certificate) stamps() (s stamps) {
	for i, name := range []string{c.cert, c.key} {
		if at, err := os.Stat(name); err == nil {
			s[i].at, s[i].size = at.ModTime(), at.Size()
		}
	}
	return s
}
