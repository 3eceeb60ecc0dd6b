package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/soglia-sso/soglia/secret"
)

// initialise is "soglia init": the files of a first installation, with secrets of its own.
type initialise struct {
	Issuer   string `required:"" help:"Address of this server, as panels and people will see it: https://sso.example.it"`
	Redirect string `required:"" help:"Redirect URI of the first panel: https://panel.example.it/callback"`
	Storage  string `default:"sqlite:soglia.db" help:"Where things are kept (${default}), or postgres://…"`
	Dir      string `default:"." type:"path" help:"Folder to write to (${default})."`
}

// Run writes the files; it never overwrites one.
func (c *initialise) Run(s *streams) error {
	panel, err := url.Parse(c.Redirect)
	if err != nil || panel.Scheme == "" || panel.Host == "" {
		return wrong{fmt.Errorf("%q is not a redirect URI like https://panel.example.it/callback", c.Redirect)}
	}
	origin := panel.Scheme + "://" + panel.Host + "/"
	yaml := strings.NewReplacer("{issuer}", quote(c.Issuer), "{storage}", quote(c.Storage),
		"{redirect}", quote(c.Redirect), "{origin}", quote(origin)).Replace(firstYAML)
	key := make([]byte, 48)
	rand.Read(key)
	for _, f := range []struct{ name, text string }{
		{"master.key", base64.StdEncoding.EncodeToString(key) + "\n"},
		{"panel.secret", secret.New("sog_cs_") + "\n"},
		{"soglia.yaml", yaml},
	} {
		if err := writeNew(filepath.Join(c.Dir, f.name), f.text); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "wrote %s\n", f.name)
	}
	fmt.Fprintln(s.out, "The panel signs in as client \"panel\" with the secret in panel.secret. Keep master.key: without it the database is of no use.")
	return nil
}

// writeNew writes a file for its owner alone, unless there is one.
func writeNew(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return wrong{fmt.Errorf("%s is there already; nothing is overwritten", name)}
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// quote is a YAML double-quoted scalar.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// firstYAML is a first configuration: one panel, and one area that asks for a second step.
const firstYAML = `# Every field, with its default: docs/configuration.md. After a change: soglia check
version: 1
issuer: {issuer}
listen: 127.0.0.1:8480 # a proxy with TLS stands in front
trusted_proxies: [127.0.0.1/32]
storage:
  url: {storage}
secrets: {master_key: "${file:master.key}"}
branding: {name: Soglia}
home: panel
channels:
  email: {driver: smtp, url: "${env:SMTP_URL}", from: "Soglia <no-reply@localhost>"}
scopes:
  billing: {acr: mfa, title: {it: Dati di fatturazione, en: Billing details}}
clients:
  - id: panel
    name: Panel
    secret: "${file:panel.secret}"
    redirect_uris: [{redirect}]
    initiate_login_uri: {origin}
    post_logout_redirect_uris: [{origin}]
    scopes: [openid, profile, email, offline_access, billing]
`
