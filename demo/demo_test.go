package demo

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/examples"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/secret"
)

func TestDevListensOnLoopbackOnly(t *testing.T) {
	for _, bind := range []string{"0.0.0.0", "::", "192.0.2.1", "example.com", "169.254.169.254", "10.0.0.1", "::ffff:192.0.2.1"} {
		err := Run(context.Background(), Options{Bind: bind})
		if !errors.Is(err, errNotLoopback) {
			t.Errorf("bind %q: %v, want a refusal", bind, err)
		}
	}
}

func TestDevDialsNothingButItself(t *testing.T) {
	client := &http.Client{Transport: loopback("127.0.0.1")}
	for _, address := range []string{"http://192.0.2.1/", "http://example.com/", "http://localhost.example.com/", "http://169.254.169.254/latest"} {
		if _, err := client.Get(address); !errors.Is(err, errNotLoopback) {
			t.Errorf("%s: %v, want a refusal", address, err)
		}
	}
}

func TestPortsThatAreTakenAreToldAndGivenBack(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	err = Run(context.Background(), Options{Port: port})
	if err == nil || !strings.Contains(err.Error(), "--port") {
		t.Errorf("error %v, want one that names --port", err)
	}
}

// The policy of `soglia dev` is that of examples/hosting.yaml: whoever changes one changes both.
func TestOverlayLeavesThePolicyOfHostingYAMLAlone(t *testing.T) {
	at, err := listen("127.0.0.1", 0, false)
	if err != nil {
		t.Fatal(err)
	}
	defer at.close()
	dev, err := ssoConfig(at, newKeys(), filepath.Join(t.TempDir(), "x.db"), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := config.Parse(examples.Hosting, config.Options{
		SwitchOff: true, Files: examples.Files, Dev: true, Drivers: notify.Drivers(),
		Env: func(string) (string, bool) { return "smtps://mail.example.it", true },
		Overlay: func(f *config.File) { // only what the file fetches from outside, and the parts that dev replaces by name
			f.Storage.URL, f.Secrets.MasterKey = "sqlite:x.db", config.Secret(secret.New(""))
			f.Providers, f.Clients, f.Channels = nil, f.Clients[:1], inTheOutbox()
			paceless(f)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	dev.Policy.Providers, plain.Policy.Providers = nil, nil
	for what, pair := range map[string][2]any{
		"policy":      {dev.Policy, plain.Policy},
		"scopes":      {dev.Scopes, plain.Scopes},
		"factors":     {dev.Factors, plain.Factors},
		"password":    {dev.Password, plain.Password},
		"contacts":    {dev.Contacts, plain.Contacts},
		"sessions":    {dev.Sessions, plain.Sessions},
		"lifetimes":   {dev.Lifetimes, plain.Lifetimes},
		"limits":      {dev.Limits, plain.Limits},
		"identifiers": {dev.Identifiers, plain.Identifiers},
		"locales":     {dev.Locales, plain.Locales},
		"branding":    {dev.Branding, plain.Branding},
		"signing":     {dev.Signing, plain.Signing},
	} {
		if diff := cmp.Diff(pair[1], pair[0]); diff != "" {
			t.Errorf("%s differs from hosting.yaml (-file +dev):\n%s", what, diff)
		}
	}
}

func TestDevPrintsWhatANewcomerNeedsAndLeavesNothingBehind(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, stop := context.WithCancel(context.Background())
	var out bytes.Buffer
	var at Running
	err := Run(ctx, Options{Out: &out, Client: "http://localhost:3000/callback", Ready: func(r Running) {
		at = r
		left, _ := filepath.Glob(filepath.Join(os.TempDir(), "soglia-dev-*"))
		if len(left) != 1 {
			t.Errorf("%d temporary folders while it runs, want 1", len(left))
		}
		stop()
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, wanted := range []string{at.Panel, at.SSO + "/dev/outbox", at.SSO + "/.well-known/openid-configuration", "anna", at.Customers[0].Password, "bruno", "carla", "dario", "elena", "my-panel", "http://localhost:3000/callback", "passkey"} {
		if !strings.Contains(out.String(), wanted) {
			t.Errorf("%q is not printed:\n%s", wanted, out.String())
		}
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "soglia-dev-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// visitor is a browser without scripts, enough for the panel's own answers.
func visitor(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Transport: loopback("127.0.0.1"), Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func get(t *testing.T, c *http.Client, address string) (*http.Response, string) {
	t.Helper()
	res, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

func TestPanelBelievesNoAnswerItDidNotAskFor(t *testing.T) {
	at := running(t, Options{})
	c := visitor(t)
	res, _ := get(t, c, at.Panel+"/dns")
	to, err := url.Parse(res.Header.Get("Location"))
	if err != nil || to.Query().Get("acr_values") != "mfa" {
		t.Fatalf("DNS leads to %s (%v)", to, err)
	}
	state, iss := to.Query().Get("state"), url.QueryEscape(at.SSO)
	for _, a := range []struct{ name, query, code string }{
		{"foreign state", "state=x&code=c&iss=" + iss, "state"},
		{"no state", "code=c&iss=" + iss, "state"},
		{"an error code", "state=" + state + "&error=access_denied&iss=" + iss, "access_denied"},
		{"the same state again", "state=" + state + "&code=c&iss=" + iss, "state"},
	} {
		res, body := get(t, c, at.Panel+"/callback?"+a.query)
		if res.StatusCode != http.StatusForbidden || !strings.Contains(body, `id="error-code">`+a.code+"<") {
			t.Errorf("%s: %d, want 403 with code %s\n%s", a.name, res.StatusCode, a.code, body)
		}
	}
	res, _ = get(t, c, at.Panel+"/dns")
	to, _ = url.Parse(res.Header.Get("Location"))
	for _, query := range []string{"", "&iss=https://attacker.test"} {
		other := visitor(t)
		other.Jar = c.Jar
		res, body := get(t, other, at.Panel+"/callback?code=c&state="+to.Query().Get("state")+query)
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("iss %q: %d\n%s", query, res.StatusCode, body)
		}
	}
	res, body := get(t, c, at.Panel+"/login?iss=https://attacker.test")
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("sign-in initiated by a foreign issuer: %d\n%s", res.StatusCode, body)
	}
	if res, _ := get(t, c, at.Panel+"/nothing"); res.StatusCode != http.StatusNotFound {
		t.Errorf("unknown page: %d", res.StatusCode)
	}
}

func TestDevPagesShowEveryPageInBothLanguages(t *testing.T) {
	at := running(t, Options{})
	c := visitor(t)
	_, list := get(t, c, at.SSO+"/dev/pages")
	n := 0
	for part := range strings.SplitSeq(list, `href="`) {
		path, _, _ := strings.Cut(part, `"`)
		if !strings.HasPrefix(path, "/dev/pages/") {
			continue
		}
		n++
		if res, body := get(t, c, at.SSO+path); res.StatusCode != http.StatusOK || !strings.Contains(body, "<main data-step=") {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if n < 20 {
		t.Errorf("only %d pages are shown", n)
	}
	if res, _ := get(t, c, at.SSO+"/dev/pages/xx/none"); res.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown page: %d", res.StatusCode)
	}
	if res, body := get(t, c, at.SSO+"/dev/outbox.json"); res.StatusCode != http.StatusOK || strings.TrimSpace(body) != "[]" {
		t.Errorf("outbox.json before anything was sent: %d %q", res.StatusCode, body)
	}
	if res, body := get(t, c, at.SSO+"/dev/"); res.StatusCode != http.StatusOK || !strings.Contains(body, at.Customers[1].Username) {
		t.Errorf("/dev/: %d", res.StatusCode)
	}
	if res, _ := get(t, c, at.Social+"/dev/"); res.StatusCode != http.StatusNotFound {
		t.Errorf("the social provider has dev pages: %d", res.StatusCode)
	}
}
