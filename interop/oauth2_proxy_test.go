package interop

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const oauth2ProxyClient = `
  - id: panel
    preset: oauth2-proxy
    base_url: PANEL
    name: Intranet
    secret: SECRET
`

// startOAuth2Proxy runs oauth2-proxy with the printed file, in front of an application that answers with what it is told. Two
// flags move it to free ports, and one shortens the time between refreshes.
func startOAuth2Proxy(t *testing.T, clients string, args ...string) (*program, *report) {
	t.Helper()
	at, err := exec.LookPath("oauth2-proxy")
	if err != nil {
		missing(t, "oauth2-proxy", "no oauth2-proxy is installed here")
	}
	built, err := buildinfo.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	r := reporting(t, "oauth2-proxy", built.Main.Version)
	application := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(map[string]string{"path": r.URL.Path, "sub": r.Header.Get("X-Forwarded-User"), "acr": r.Header.Get("X-Forwarded-Groups")})
	}))
	t.Cleanup(application.Close)
	p := install(t, clients)
	files := p.snippet("panel", args...)
	p.write("etc_oauth2-proxy_client-secret", p.secret)
	p.write("etc_oauth2-proxy_cookie-secret", strings.Repeat("c", 32))
	conf := files["/etc/oauth2-proxy/oauth2-proxy.cfg"]
	p.replace(conf, "/etc/oauth2-proxy/", p.file("etc_oauth2-proxy_"))
	inside := fmt.Sprintf("127.0.0.1:%d", port(t))
	cmd := exec.Command(at, "--config", conf, "--http-address", inside, "--upstream", application.URL, "--cookie-refresh", "1s")
	cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+p.file("ca.pem"))
	keep(t, cmd)
	p.front("http://" + inside)
	p.awaits(p.panel + "/ping")
	return p, r
}

// tokenCalls says how often a panel asked for tokens.
func (p *program) tokenCalls() int { return strings.Count(p.log.String(), `"route":"/token"`) }

func TestOAuth2ProxyGuardsAnApplication(t *testing.T) {
	p, r := startOAuth2Proxy(t, oauth2ProxyClient)
	p.person("dora")
	b := p.browser()
	if said := p.signIn(b.open(p.panel+"/invoices"), "dora").behind(); said.Path != "/invoices" || said.Sub == "" {
		t.Errorf("the application hears %+v", said)
	}
	r.saw("sign-in")

	before := p.tokenCalls()
	until(t, func() bool { b.open(p.panel + "/").behind(); return p.tokenCalls() > before }, func() string { return "it never refreshes" })
	b.open(p.panel + "/").behind()
	r.saw("refresh")
	if p.atOnce(b, p.panel+"/invoices", `"path":"/invoices"`) {
		r.saw("two refreshes at once")
	}

	p.signOut(b)
	until(t, func() bool { return b.open(p.panel+"/").step() == "login" }, func() string { return "its session outlives the stay: " + string(b.body) })
	r.saw("an end elsewhere, at the next refresh")

	p.signIn(b, "dora").behind()
	b.open(p.panel + "/oauth2/sign_out?rd=" + url.QueryEscape(p.issuer+"/end_session?client_id=panel"))
	b.wantStep("logout").submit("/end_session/confirm", nil)
	b.open(p.panel + "/").wantStep("login")
	r.saw("sign-out")
}

// It asks for the level, and looks at what came: whoever takes the question out of the address stays outside.
func TestOAuth2ProxyWantsALevel(t *testing.T) {
	p, r := startOAuth2Proxy(t, oauth2ProxyClient, "--step-up")
	p.person("dora")
	b := p.browser()
	p.signIn(b.open(p.panel+"/"), "dora")
	want(t, "acr as the group", p.secondStep(b, "dora").behind().Acr, "mfa")
	r.saw("step-up")

	thief := p.browser()
	p.signIn(thief.open(weakened(thief.leads(p.panel+"/"))), "dora")
	want(t, "status for a password alone", thief.status, http.StatusForbidden)
	r.saw("refused below the level")
}

// And where Soglia holds the whole application at the level, taking the question out changes nothing.
func TestOAuth2ProxyBehindALevel(t *testing.T) {
	p, r := startOAuth2Proxy(t, oauth2ProxyClient+"    require_acr: mfa\n")
	p.person("dora")
	b := p.browser()
	p.secondStep(p.signIn(b.open(p.panel+"/"), "dora"), "dora").behind()
	r.saw("require_acr: the step is asked whatever the request says")
}
