package interop

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

const yaml = `
version: 1
issuer: ${env:ISSUER}
storage: {url: "${env:DATABASE}"}
secrets: {master_key: "${env:MASTER_KEY}"}
locales: {default: en, offered: [it, en]}
branding: {name: Example Hosting}
home: panel
password: {memory: 7168, iterations: 1}
acr:
  - {name: sfa}
  - {name: mfa, second: [totp, email], lasts: session}
second_factor: {every_sign_in: when_enrolled, contact_codes: without_factor, social: first_login, independent: preferred}
factors:
  totp: {issuer: Example Hosting}
  codes: {channels: [email]}
channels:
  email: {driver: outbox, from: "Example Hosting <no-reply@localhost>"}
`

// servers are our server on a real socket and the two foreign implementations around it.
type servers struct {
	t      *testing.T
	server *server.Server
	store  *sql.Store
	memory *notify.Memory
	panel  string // http://localhost:…
}

// open starts everything. conform: the upstream tells mail addresses at userinfo only.
func open(t *testing.T, conform bool) *servers {
	t.Helper()
	modules(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := func(port int) string { return fmt.Sprintf("http://localhost:%d", port) }
	issuer := address(listener.Addr().(*net.TCPAddr).Port)
	upstream, panel := port(t), port(t)
	clientSecret, upstreamSecret, masterKey, url := secret.New("sog_cs_"), secret.New("sog_cs_"), secret.New(""), storagetest.SQLite(t)
	text := strings.Replace(yaml, "${env:ISSUER}", issuer, 1)
	env := map[string]string{"DATABASE": url, "MASTER_KEY": masterKey}
	cfg, err := config.Parse([]byte(text), config.Options{
		Dev: true, Drivers: notify.Drivers(), Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		Overlay: func(f *config.File) {
			f.Providers = map[string]config.FileProvider{"partner": {
				Type: "oidc", Name: "Partner", Issuer: address(upstream), ClientID: "soglia", ClientSecret: config.Secret(upstreamSecret), Reauth: "upstream",
			}}
			f.Registration = &config.FileRegistration{Mode: "open"} // newcomers of the provider make accounts
			f.Clients = []config.FileClient{{
				ID: "panel", Name: "Area Clienti", Secret: config.ClientSecrets{{Secret: config.Secret(clientSecret)}},
				RedirectURIs: []string{address(panel) + "/cb"}, InitiateLoginURI: address(panel) + "/login",
				PostLogoutRedirectURIs: []string{address(panel) + "/out"}, Scopes: []string{"openid", "profile", "email", "offline_access"},
			}}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	store, err := sql.Open(t.Context(), url, sql.WithDev(), sql.WithoutMigration(), sql.WithLogger(log))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	h := &servers{t: t, store: store, memory: new(notify.Memory), panel: address(panel)}
	if h.server, err = server.New(t.Context(), server.Options{Config: cfg, Store: store, Log: log, Memory: h.memory}); err != nil {
		t.Fatal(err)
	}
	running := &http.Server{Handler: h.server.Handler(), ReadHeaderTimeout: time.Minute}
	go running.Serve(listener) //nolint:errcheck // it ends with the test
	t.Cleanup(func() { running.Close() })
	start(t, "upstream.mjs", map[string]any{
		"issuer": address(upstream), "port": upstream, "secret": upstreamSecret, "redirect": issuer + "/callback/partner", "conform": conform,
	})
	start(t, "panel.mjs", map[string]any{"issuer": issuer, "port": panel, "secret": clientSecret})
	return h
}

var digits = regexp.MustCompile(`(?m)^\s*(\d{6})\s*$`)

// code is the newest one that went to an address.
func (h *servers) code(to string) string {
	h.t.Helper()
	if err := h.server.Drain(context.Background()); err != nil {
		h.t.Fatal(err)
	}
	found := ""
	for _, m := range h.memory.All() {
		if d := digits.FindStringSubmatch(m.Text); m.To == to && m.Kind == "code" && d != nil {
			found = d[1]
		}
	}
	if found == "" {
		h.t.Fatalf("no code went to %s", to)
	}
	return found
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// oidc-provider as a social provider, with addresses in the ID token and at userinfo only; openid-client gets the answer.
func TestOIDCProviderAsUpstream(t *testing.T) {
	for name, conform := range map[string]bool{"addresses in the ID token": false, "addresses at userinfo": true} {
		t.Run(name, func(t *testing.T) {
			h := open(t, conform)
			b := newBrowser(t)
			b.open(h.panel+"/login").wantStep("login").submit("/social/partner", nil)
			atUpstream(b, "gaia")
			b.wantStep("otp").submit("/code", map[string]string{"otp": h.code("gaia@posta.test")})
			first := b.panel()
			want(t, "failed", first.Failed, "")
			want(t, "acr", first.Claims["acr"], "mfa")
			p, err := h.store.PersonByIdentity(t.Context(), "partner", "gaia")
			if err != nil || p.Identities[0].ProvedAt.IsZero() {
				t.Fatalf("%+v, %v", p, err)
			}
			want(t, "sub", first.Claims["sub"], p.ID)

			// The second time there is one step, and the provider asks nothing.
			again := newBrowser(t)
			again.open(h.panel+"/login").submit("/social/partner", nil)
			atUpstream(again, "gaia")
			want(t, "acr the second time", again.panel().Claims["acr"], "sfa")

			// Asked again (prompt=login), it signs in afresh there, and its auth_time is believed.
			again.open(h.panel+"/login?prompt=login").wantStep("login").submit("/social/partner", nil)
			atUpstream(again, "gaia")
			a := again.panel()
			want(t, "failed", a.Failed, "")
			want(t, "sub", a.Claims["sub"], p.ID)

			// An address that it did not verify is none.
			other := newBrowser(t)
			other.open(h.panel+"/login").submit("/social/partner", nil)
			atUpstream(other, "unverified")
			other.wantStep("contact").submit("/contact", map[string]string{"email": "else@posta.test"})
			other.wantStep("otp").submit("/code", map[string]string{"otp": h.code("else@posta.test")})
			want(t, "acr", other.panel().Claims["acr"], "mfa")

			// And who says no there is back at our door.
			no := newBrowser(t)
			no.open(h.panel+"/login").submit("/social/partner", nil)
			for _, a := range links(no) {
				if strings.HasSuffix(a, "/abort") {
					no.open(no.resolve(a))
					break
				}
			}
			no.wantStep("login")
		})
	}
}

// atUpstream goes through that library's own pages: sign in, then agree, each where it is asked.
func atUpstream(b *browser, name string) {
	b.t.Helper()
	for range 3 {
		if !strings.Contains(b.url.Path, "/interaction/") {
			return
		}
		b.submit("", map[string]string{"login": name, "password": "any"})
	}
}

func links(b *browser) []string {
	var out []string
	for n := range b.doc.Descendants() {
		if n.Data == "a" {
			out = append(out, attr(n, "href"))
		}
	}
	return out
}
