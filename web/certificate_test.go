package web

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pair makes a certificate with that number, and its key.
func pair(t *testing.T, n int64) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(n), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, of, of, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

func TestARenewedCertificateIsServedAndABrokenOneIsNot(t *testing.T) {
	dir, written := t.TempDir(), time.Now().Add(-time.Hour)
	write := func(name string, data []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		written = written.Add(time.Minute) // file systems differ in how finely they keep it
		if err := os.Chtimes(path, written, written); err != nil {
			t.Fatal(err)
		}
		return path
	}
	firstCert, firstKey := pair(t, 1)
	secondCert, secondKey := pair(t, 2)
	var log bytes.Buffer
	c, err := NewCertificate(write("cert", firstCert), write("key", firstKey), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	c.now = func() time.Time { return now }
	serves := func(n int64, when string) {
		t.Helper()
		got, err := c.Config().GetCertificate(nil)
		if err != nil || got.Leaf.SerialNumber.Int64() != n {
			t.Errorf("%s: serves %v, %v; want %d", when, got.Leaf.SerialNumber, err, n)
		}
	}
	serves(1, "at first")
	write("cert", secondCert)
	serves(1, "before it looks again")
	now = now.Add(lookEvery)
	serves(1, "with the key of the other")
	if !strings.Contains(log.String(), "not changed") {
		t.Errorf("log %q", log.String())
	}
	write("key", secondKey)
	now = now.Add(lookEvery)
	serves(2, "once both are there")
	if err := os.Remove(filepath.Join(dir, "cert")); err != nil {
		t.Fatal(err)
	}
	now = now.Add(lookEvery)
	serves(2, "without a file")
	log.Reset()
	now = now.Add(lookEvery)
	serves(2, "without a file, again")
	if log.Len() > 0 {
		t.Errorf("one fault is told twice: %s", log.String())
	}
	write("cert", firstCert)
	write("key", firstKey)
	now = now.Add(lookEvery)
	serves(1, "after it came back")
}

func TestAPairThatDoesNotFitIsNoCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, _ := pair(t, 1)
	_, key := pair(t, 2)
	for name, data := range map[string][]byte{"cert": cert, "key": key} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := NewCertificate(filepath.Join(dir, "cert"), filepath.Join(dir, "key"), slog.Default()); err == nil {
		t.Error("no error")
	}
}
