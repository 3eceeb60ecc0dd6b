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

	"github.com/soglia-sso/soglia/config"
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
	program, err := os.Executable()
	if err != nil {
		return err
	}
	fill := strings.NewReplacer("{issuer}", quote(c.Issuer), "{storage}", quote(c.Storage), "{admin}", quote(adminIn(c.Dir)),
		"{redirect}", quote(c.Redirect), "{origin}", quote(origin), "{dir}", unit(c.Dir), "{program}", unit(program))
	key := make([]byte, 48)
	rand.Read(key)
	for _, f := range []struct{ name, text string }{
		{"master.key", base64.StdEncoding.EncodeToString(key) + "\n"},
		{"panel.secret", secret.New("sog_cs_") + "\n"},
		{"soglia.yaml", fill.Replace(firstYAML)},
		{"soglia.schema.json", string(config.Schema())},
		{"soglia.service", fill.Replace(firstUnit)},
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

// adminIn is a socket in the folder, or a loopback port where its path would be longer than sockets' names may be.
func adminIn(dir string) string {
	if path := filepath.Join(dir, "admin.sock"); len(path) < 100 { // sun_path: 104 bytes at least
		return "unix:" + path
	}
	return "127.0.0.1:8489"
}

// unit makes a path fit for a systemd unit (specifiers of systemd.unit(5)).
func unit(path string) string { return strings.ReplaceAll(path, "%", "%%") }

// quote is a YAML double-quoted scalar.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// firstYAML is a first configuration: one panel, and one area that asks for a second step.
const firstYAML = `# yaml-language-server: $schema=soglia.schema.json
# Every field, with its default: docs/configuration.md. After a change: soglia check
version: 1
issuer: {issuer}
listen: 127.0.0.1:8480 # a proxy with TLS stands in front
admin: {admin} # health, metrics, reload: never on the public port
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
    # require_acr: mfa # for a panel that does not read the granted scope: nobody gets in below it, whatever a request says
`

// firstUnit is a systemd unit: secrets as credentials, nothing else of the machine within reach.
const firstUnit = `# cp soglia.service /etc/systemd/system/ && systemctl enable --now soglia
# Before: a user for it (useradd --system soglia) that owns this folder (chown -R soglia ...), but for master.key and
# panel.secret, which may stay root's: systemd hands them over. Variables such as SMTP_URL stand in soglia.env.
[Unit]
Description=Soglia sign-in server
After=network-online.target
Wants=network-online.target

[Service]
User=soglia
WorkingDirectory={dir}
EnvironmentFile=-{dir}/soglia.env
LoadCredential=master.key:{dir}/master.key
LoadCredential=panel.secret:{dir}/panel.secret
ExecStart="{program}" serve "{dir}/soglia.yaml"
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
TimeoutStopSec=30
UMask=0077
LimitNOFILE=65536

ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths="{dir}"
PrivateTmp=yes
PrivateDevices=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources

[Install]
WantedBy=multi-user.target
`
