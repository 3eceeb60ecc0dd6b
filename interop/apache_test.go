package interop

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const apacheModules = "/usr/lib/apache2/modules/" // Debian's

const apacheClient = `
  - id: panel
    preset: apache
    base_url: PANEL
    name: Area clienti
    secret: SECRET
    scopes: [openid, profile, email, billing]
`

// What is Apache's own: where it listens, whom it trusts and what it guards. The rest is what "soglia client snippet" prints.
const apacheFrame = `
ServerName 127.0.0.1
Listen LISTEN https
PidFile DIR/apache.pid
ErrorLog /dev/stderr
SSLEngine on
SSLCertificateFile DIR/cert.pem
SSLCertificateKeyFile DIR/key.pem
OIDCCABundlePath DIR/ca.pem
ProxyPass /oidc/ !
ProxyPass / APPLICATION/
Include SNIPPET
`

// startApache runs Apache in front of an application that answers with what Apache tells it of the person.
func startApache(t *testing.T) *program {
	t.Helper()
	program, err := exec.LookPath("apache2")
	if err != nil {
		missing(t, "apache", "no Apache is installed here (apache2-bin)")
	}
	if _, err := os.Stat(apacheModules + "mod_auth_openidc.so"); err != nil {
		missing(t, "apache", "no mod_auth_openidc is installed here (libapache2-mod-auth-openidc)")
	}
	application := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(map[string]string{"path": r.URL.Path, "sub": r.Header.Get("OIDC_CLAIM_sub"), "acr": r.Header.Get("OIDC_CLAIM_acr")})
	}))
	t.Cleanup(application.Close)
	p := install(t, apacheClient)
	words := strings.NewReplacer("ISSUER", p.issuer, "PANEL", p.panel, "LISTEN", fmt.Sprintf("127.0.0.1:%d", p.port), "DIR", p.dir,
		"APPLICATION", application.URL, "SNIPPET", p.snippet("panel", "--step-up")["/etc/apache2/conf-available/soglia.conf"])
	frame := ""
	for _, m := range []string{"mpm_event", "authn_core", "authz_core", "authz_user", "ssl", "socache_shmcb", "proxy", "proxy_http", "auth_openidc"} {
		frame += fmt.Sprintf("LoadModule %s_module %smod_%s.so\n", m, apacheModules, m)
	}
	frame += apacheFrame
	if os.Getuid() == 0 {
		frame += "User www-data\nGroup www-data\n"
	}
	conf := p.write("apache.conf", words.Replace(frame))
	if out, err := exec.Command(program, "-t", "-f", conf).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	keep(t, exec.Command(program, "-f", conf, "-D", "FOREGROUND"))
	p.awaits(p.panel + "/bye")
	return p
}

// behind is what the application behind Apache was told.
func (b *browser) behind() (said struct{ Path, Sub, Acr string }) {
	b.t.Helper()
	if err := json.Unmarshal(b.body, &said); err != nil {
		b.t.Fatalf("%d %s: %v\n%s", b.status, b.url, err, b.body)
	}
	return said
}

// Apache guards one path by a level: the step is asked for where it is needed, and a refusal costs nothing else.
func TestApacheAsksForALevelByPath(t *testing.T) {
	r := reporting(t, "Apache with mod_auth_openidc", packaged("libapache2-mod-auth-openidc"))
	p := startApache(t)
	p.person("dora")
	p.person("bruno")
	b := p.browser()
	said := p.signIn(b.open(p.panel+"/"), "dora").behind()
	want(t, "acr at the door", said.Acr, "sfa")
	if said.Sub == "" {
		t.Error("the application hears of nobody")
	}
	r.saw("sign-in")

	b.open(p.panel + "/billing").wantStep("otp")
	p.code("dora@rossi.test") // it is not entered
	b.submit("/cancel", nil)
	if !strings.Contains(string(b.body), "access_denied") {
		t.Errorf("who declines reads %s", b.body)
	}
	want(t, "the rest after a refusal", b.open(p.panel+"/").behind().Acr, "sfa")
	r.saw("a step declined")

	thief := p.browser()
	p.signIn(thief.open(p.panel+"/"), "bruno")
	thief.open(weakened(thief.leads(p.panel + "/billing"))).wantStep("otp") // Apache looks at what came, and asks again
	p.code("bruno@rossi.test")                                              // it is not entered
	r.saw("asked again below the level")

	said = p.secondStep(b.open(p.panel+"/billing"), "dora").behind()
	want(t, "path after the step", said.Path, "/billing")
	want(t, "acr after the step", said.Acr, "mfa")
	want(t, "acr at the door after the step", b.open(p.panel+"/").behind().Acr, "mfa")
	r.saw("step-up by path")
}

// Sign-out at the panel comes back to it; sign-out anywhere else ends Apache's own session, and nobody else's.
func TestD11ApacheIsToldThatAStayIsOver(t *testing.T) {
	r := reporting(t, "Apache with mod_auth_openidc", packaged("libapache2-mod-auth-openidc"))
	p := startApache(t)
	p.person("dora")
	p.person("bruno")
	b := p.browser()
	p.signIn(b.open(p.panel+"/"), "dora")
	b.open(p.panel + "/oidc/cb?logout=" + strings.NewReplacer(":", "%3A", "/", "%2F").Replace(p.panel+"/bye"))
	want(t, "after the sign-out", b.url.String(), p.panel+"/bye")
	b.open(p.panel + "/").wantStep("login")
	r.saw("sign-out")

	neighbour := p.browser()
	p.signIn(neighbour.open(p.panel+"/"), "bruno")
	p.signIn(b, "dora").behind()
	p.signOut(b)
	until(t, func() bool { return b.open(p.panel+"/").step() == "login" }, func() string {
		return "Apache's session outlives the stay: " + string(b.body)
	})
	neighbour.open(p.panel + "/").behind()
	r.saw("an end elsewhere, by the back channel")
}
