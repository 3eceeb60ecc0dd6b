package config

import (
	"crypto/tls"
	"net/url"
	"time"
)

// TLS names the files of the public listener's certificate.
type TLS struct{ Cert, Key string } // paths

// renewal is how long before its end a certificate is warned about: whoever renews by a machine has done so by then.
const renewal = 14 * 24 * time.Hour

// tls finds the two files and checks that they can be used. What only time or another name makes wrong is a warning: the
// file may be checked on another machine, before the first certificate has come.
func (b *builder) tls() *TLS {
	f := b.file.TLS
	if f == nil {
		return nil
	}
	if f.Cert == "" || f.Key == "" {
		b.missing("tls", "tls needs both cert and key")
		return nil
	}
	dir := b.places.root.source.dir
	certPath, certPEM, problem := b.find(f.Cert, dir)
	if problem != "" {
		b.errorf("tls.cert", "", "cert: %s", problem)
		return nil
	}
	keyPath, keyPEM, problem := b.find(f.Key, dir)
	if problem != "" {
		b.errorf("tls.key", "", "key: %s", problem)
		return nil
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil { // its text holds nothing of the key
		b.errorf("tls", "", "cert and key are no pair: %v", err)
		return nil
	}
	warn := func(format string, args ...any) {
		b.mistakes.warn(b.places.of("tls.cert"), "", format, args...)
	}
	if left := time.Until(pair.Leaf.NotAfter); left <= 0 {
		warn("the certificate ended on %s", pair.Leaf.NotAfter.UTC().Format(time.DateOnly))
	} else if left < renewal {
		warn("the certificate ends on %s", pair.Leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	if issuer, err := url.Parse(b.file.Issuer); err == nil && issuer.Hostname() != "" && pair.Leaf.VerifyHostname(issuer.Hostname()) != nil {
		warn("the certificate is not for %s, the issuer's host", issuer.Hostname())
	}
	return &TLS{certPath, keyPath}
}
