package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// writePair writes a certificate for sso.example.it and its key, and returns the certificate as PEM.
func writePair(t *testing.T, dir string) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: []string{"sso.example.it"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, of, of, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, data := range map[string][]byte{"fullchain.pem": cert, "privkey.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert
}

// A small installation needs no proxy: the README's five commands with one line more.
func TestAServerWithItsOwnCertificateSignsInWithoutAProxy(t *testing.T) {
	trusted := x509.NewCertPool()
	in := install(t, "", func(in *installation) {
		trusted.AppendCertsFromPEM(writePair(t, in.dir))
		f, err := os.OpenFile(filepath.Join(in.dir, "soglia.yaml"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString("\ntls: {cert: fullchain.pem, key: privkey.pem}\n"); err != nil {
			t.Fatal(err)
		}
	})
	in.front = &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: trusted},
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", in.address)
		},
	}
	if claims := in.signIn(t); claims["acr"] != "sfa" {
		t.Errorf("claims %v", claims)
	}
	resp, err := in.RoundTrip(httpGet(t, "https://sso.example.it/.well-known/openid-configuration"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.ProtoMajor != 2 {
		t.Errorf("%s, want HTTP/2", resp.Proto)
	}
	old := &tls.Config{RootCAs: trusted, ServerName: "sso.example.it", MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	if conn, err := tls.Dial("tcp", in.address, old); err == nil {
		conn.Close()
		t.Error("TLS 1.1 is spoken")
	}
}

func httpGet(t *testing.T, url string) *http.Request {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
