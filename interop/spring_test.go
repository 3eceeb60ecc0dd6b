package interop

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const springClients = `
  - id: panel
    preset: spring
    base_url: PANEL
    name: Area clienti
    secret: SECRET
    scopes: [openid, profile, email, billing]
    access_token: opaque
  - id: api
    preset: spring-resource-server
    secret: SECRET
    introspect: [panel]
    scopes: [billing]
lifetimes: {access_token: 62s}
`

// startSpring builds the application of spring/ with the printed files of a panel and of an interface, and runs it. It does so when it
// is asked for alone, because Maven fetches what it builds with.
func startSpring(t *testing.T) *program {
	t.Helper()
	if !required("spring") {
		t.Skip("Spring is built and run by make relying-parties")
	}
	for _, name := range []string{"mvn", "java", "keytool"} {
		if _, err := exec.LookPath(name); err != nil {
			missing(t, "spring", "no "+name+" is installed here (maven, default-jdk-headless)")
		}
	}
	p := install(t, springClients)
	if err := os.CopyFS(p.file("spring"), os.DirFS("spring")); err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]string{"SogliaSecurity.java": "java/panel", "application.yaml": "resources"} {
		p.intoSpring(p.snippet("panel", "--step-up")[name], at, name)
	}
	p.intoSpring(p.snippet("api", "--step-up")["SogliaApi.java"], "java/panel", "SogliaApi.java")
	build := exec.Command("mvn", "-q", "-B", "-ntp", "package")
	build.Dir = p.file("spring")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("mvn: %v\n%s", err, out)
	}
	trust := p.file("trust.p12")
	if out, err := exec.Command("keytool", "-importcert", "-noprompt", "-alias", "ca", "-file", p.file("ca.pem"), "-keystore", trust, "-storepass", "changeit").CombinedOutput(); err != nil {
		t.Fatalf("keytool: %v\n%s", err, out)
	}
	java := exec.Command("java", "-Djavax.net.ssl.trustStore="+trust, "-Djavax.net.ssl.trustStorePassword=changeit", "-jar", p.file("spring/target/panel.jar"),
		"--server.address=127.0.0.1", fmt.Sprintf("--server.port=%d", p.port),
		"--server.ssl.certificate=file:"+p.file("cert.pem"), "--server.ssl.certificate-private-key=file:"+p.file("key.pem"))
	java.Env = append(os.Environ(), "SOGLIA_SECRET="+p.secret)
	keep(t, java)
	p.awaits(p.panel + "/bye")
	return p
}

// intoSpring puts a printed file into the application; a class goes into its package.
func (p *program) intoSpring(from, folder, name string) {
	p.t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		p.t.Fatal(err)
	}
	if strings.HasSuffix(name, ".java") {
		text = append([]byte("package panel;\n\n"), text...)
	}
	to := filepath.Join(p.file("spring/src/main"), folder)
	if err := os.MkdirAll(to, 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, name), text, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// spring is what a page of the application says.
func (b *browser) spring() (said struct{ Sub, Acr, Csrf, Token, Path string }) {
	b.t.Helper()
	if err := json.Unmarshal(b.body, &said); err != nil {
		b.t.Fatalf("%d %s: %v\n%s", b.status, b.url, err, b.body)
	}
	return said
}

func TestSpringAsPanelAndAsInterface(t *testing.T) {
	panel, api := reporting(t, "Spring Security, OAuth2 client", ""), reporting(t, "Spring Security, resource server", "")
	p := startSpring(t)
	panel.version, api.version = p.springVersion(), p.springVersion()
	springPanel(t, p, panel)
	springInterface(t, p, api)
}

func springPanel(t *testing.T, p *program, r *report) {
	p.person("dora")
	b := p.browser()
	want(t, "acr at the door", p.signIn(b.open(p.panel+"/"), "dora").spring().Acr, "sfa")
	r.saw("sign-in")

	p.person("bruno")
	thief := p.browser()
	p.signIn(thief.open(p.panel+"/"), "bruno")
	thief.open(weakened(thief.leads(thief.leads(p.panel + "/billing").String()))).wantStep("otp") // it looks at what came, and asks again
	p.code("bruno@rossi.test")                                                                    // it is not entered
	r.saw("asked again below the level")

	want(t, "acr after the step", p.secondStep(b.open(p.panel+"/billing"), "dora").spring().Acr, "mfa")
	want(t, "back at", b.url.Path, "/billing")
	r.saw("step-up")

	first := b.open(p.panel + "/token").spring().Token
	until(t, func() bool { return b.open(p.panel+"/token").spring().Token != first }, func() string { return "it never refreshes" })
	r.saw("refresh")

	b.send(http.MethodPost, p.panel+"/logout", url.Values{"_csrf": {b.open(p.panel + "/").spring().Csrf}})
	want(t, "after the sign-out", b.url.String(), p.panel+"/bye")
	b.open(p.panel + "/").wantStep("login")
	r.saw("sign-out")

	p.signIn(b, "dora").spring()
	p.signOut(b)
	until(t, func() bool { return b.open(p.panel+"/").step() == "login" }, func() string { return "its session outlives the stay: " + string(b.body) })
	r.saw("an end elsewhere, by the back channel")
}

// call asks the interface as a program would, and returns the status and the challenge.
func (p *program) call(path, token string) (int, string, []string) {
	p.t.Helper()
	r, err := http.NewRequest(http.MethodGet, p.panel+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := p.browser().client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	var said struct{ Authorities []string }
	_ = json.NewDecoder(resp.Body).Decode(&said) // a refusal says nothing
	return resp.StatusCode, resp.Header.Get("WWW-Authenticate"), said.Authorities
}

func springInterface(t *testing.T, p *program, r *report) {
	p.person("carla")
	b := p.browser()
	p.signIn(b.open(p.panel+"/"), "carla")
	weak := b.open(p.panel + "/token").spring().Token
	status, _, authorities := p.call("/api", weak)
	want(t, "status at any level", status, http.StatusOK)
	want(t, "scope as an authority", slices.Contains(authorities, "SCOPE_email"), true)
	status, asked, _ := p.call("/api/billing", weak)
	want(t, "status below the level", status, http.StatusUnauthorized)
	if m := wanted.FindStringSubmatch(asked); m == nil || m[1] != "mfa" {
		t.Errorf("the challenge is %q", asked)
	}
	r.saw("sign-in, refused below the level (RFC 9470)")

	p.secondStep(b.open(p.panel+"/oauth2/authorization/soglia?acr_values=mfa"), "carla")
	status, _, _ = p.call("/api/billing", b.open(p.panel+"/token").spring().Token)
	want(t, "status at the level", status, http.StatusOK)
	r.saw("step-up")

	token := b.open(p.panel + "/token").spring().Token
	p.signOut(b)
	status, _, _ = p.call("/api", token)
	want(t, "status after the stay", status, http.StatusUnauthorized)
	r.saw("an end elsewhere, at once")
}

var securityJar = regexp.MustCompile(`/spring-security-core-([0-9.]+)\.jar$`)

// springVersion is that of Spring Security in what was built.
func (p *program) springVersion() string {
	p.t.Helper()
	jar, err := zip.OpenReader(p.file("spring/target/panel.jar"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer jar.Close()
	for _, f := range jar.File {
		if m := securityJar.FindStringSubmatch(f.Name); m != nil {
			return m[1]
		}
	}
	return ""
}
