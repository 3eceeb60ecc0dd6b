package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func pemPair(t *testing.T, host string, until time.Time) (cert, key *fstest.MapFile) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, of, of, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})},
		&fstest.MapFile{Data: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})}
}

func TestTheCertificateOfTheListenerIsCheckedBeforeItIsServed(t *testing.T) {
	year, host := time.Now().Add(365*24*time.Hour), "sso.example.it"
	cert, key := pemPair(t, host, year)
	_, foreign := pemPair(t, host, year)
	short, shortKey := pemPair(t, host, time.Now().Add(24*time.Hour))
	over, overKey := pemPair(t, host, time.Now().Add(-24*time.Hour))
	other, otherKey := pemPair(t, "www.example.it", year)
	for name, c := range map[string]struct {
		cert, key      *fstest.MapFile
		yaml           string
		mistake, warns string
	}{
		"a good pair":     {cert: cert, key: key},
		"no pair":         {cert: cert, key: foreign, mistake: "cert and key are no pair"},
		"no PEM":          {cert: &fstest.MapFile{Data: []byte("x")}, key: key, mistake: "cert and key are no pair"},
		"no file":         {key: key, mistake: "cert: file cert.pem is not in $CREDENTIALS_DIRECTORY, not in /run/secrets and not beside this file"},
		"half of it":      {yaml: "tls: {cert: cert.pem}", cert: cert, mistake: "tls needs both cert and key"},
		"nearly over":     {cert: short, key: shortKey, warns: "the certificate ends on "},
		"over":            {cert: over, key: overKey, warns: "the certificate ended on "},
		"of another host": {cert: other, key: otherKey, warns: "the certificate is not for sso.example.it, the issuer's host"},
	} {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{}
			for at, file := range map[string]*fstest.MapFile{"cert.pem": c.cert, "key.pem": c.key} {
				if file != nil {
					files[at] = file
				}
			}
			if c.yaml == "" {
				c.yaml = "tls: {cert: cert.pem, key: key.pem}"
			}
			got, err := parse(t, small+c.yaml+"\n", Options{Files: files})
			if c.mistake != "" {
				if err == nil || !strings.Contains(err.Error(), c.mistake) {
					t.Errorf("%v, want %q", err, c.mistake)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if *got.TLS != (TLS{"cert.pem", "key.pem"}) {
				t.Errorf("%+v", got.TLS)
			}
			warned := ""
			for _, w := range got.Warnings {
				if strings.Contains(w.Message, "certificate") {
					warned += w.Message
				}
			}
			if (c.warns == "") != (warned == "") || !strings.Contains(warned, c.warns) {
				t.Errorf("warns %q, want %q", warned, c.warns)
			}
		})
	}
}
