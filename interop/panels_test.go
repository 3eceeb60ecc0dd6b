package interop

import "testing"

const scriptClient = `
  - id: panel
    name: Area clienti
    secret: SECRET
    redirect_uris: ["PANEL/cb"]
    post_logout_redirect_uris: ["PANEL/out"]
    backchannel_logout_uri: PANEL/backchannel
    initiate_login_uri: PANEL/login
    scopes: [openid, profile, email, offline_access, billing]
    on_unmet: drop
    access_token: jwt
`

// libraries are what panels are built on that are not ours, each with a small panel of the same pages.
var libraries = []struct {
	name    string
	version func(*testing.T) string
	start   func(*program)
}{
	{"openid-client", func(t *testing.T) string { return moduleVersion(t, "openid-client") }, func(p *program) { start(p.t, "panel.mjs", p.settings()) }},
	{"oauth4webapi", func(t *testing.T) string { return moduleVersion(t, "oauth4webapi") }, func(p *program) { start(p.t, "oauth4webapi.mjs", p.settings()) }},
	{"Authlib", func(t *testing.T) string {
		return version(python(t), "-c", "import authlib; print(authlib.__version__)")
	}, startFlask},
	{"go-oidc", func(*testing.T) string {
		return version("go", "list", "-m", "-f", "{{.Version}}", "github.com/coreos/go-oidc/v3")
	}, startGo},
}

// A panel asks for a level, learns from a resource that one is missing (RFC 9470), refreshes, and its stay ends both ways.
func TestPanelsOnOtherLibraries(t *testing.T) {
	for _, library := range libraries {
		t.Run(library.name, func(t *testing.T) {
			r := reporting(t, library.name, library.version(t))
			p := install(t, scriptClient)
			library.start(p)
			p.walk(r)
		})
	}
}

// settings are what a script needs to know.
func (p *program) settings() map[string]any {
	return map[string]any{
		"issuer": p.issuer, "home": p.panel, "port": p.port, "secret": p.secret, "cert": p.file("cert.pem"), "key": p.file("key.pem"),
		"authority": p.file("ca.pem"),
	}
}

func (p *program) walk(r *report) {
	t, home := p.t, p.panel
	p.person("dora")
	b := p.browser()
	a := p.signIn(b.open(home+"/login?scope=openid+profile+email+billing"), "dora").panel()
	want(t, "failed", a.Failed, "")
	want(t, "acr", a.Claims["acr"], "sfa")
	want(t, "scope for a password", a.Scope, "openid profile email")
	want(t, "address at userinfo", a.Userinfo["email"], "dora@rossi.test")
	want(t, "prompt=none with acr_values=mfa", b.open(home+"/login?prompt=none&acr_values=mfa").panel().Failed, "interaction_required")
	r.saw("sign-in")

	a = p.secondStep(b.open(home+"/area"), "dora").panel()
	want(t, "failed", a.Failed, "")
	want(t, "acr after the step", a.Claims["acr"], "mfa")
	a = b.open(home + "/area").panel()
	want(t, "acr in the access token", a.Claims["acr"], "mfa")
	want(t, "failed", a.Failed, "")
	r.saw("step-up that a resource asked for (RFC 9470)")

	first := b.open(home + "/login?scope=openid+profile+email+offline_access+billing&prompt=consent&acr_values=mfa").panel()
	want(t, "failed", first.Failed, "")
	want(t, "scope after the step", first.Scope, "openid profile email offline_access billing")
	a = b.open(home + "/refresh").panel()
	want(t, "failed", a.Failed, "")
	want(t, "acr after refresh", a.Claims["acr"], "mfa")
	want(t, "auth_time after refresh", a.Claims["auth_time"], first.Claims["auth_time"])
	r.saw("refresh")

	want(t, "over before", b.open(home+"/session").panel().Over, false)
	p.signOut(b)
	until(t, func() bool { return b.open(home + "/session").panel().Over }, func() string { return "the panel does not hear that the stay is over" })
	r.saw("an end elsewhere, by the back channel")

	p.signIn(b.open(home+"/login"), "dora").panel()
	want(t, "state after sign-out", b.open(home+"/logout").panel().State, "bye")
	want(t, "prompt=none after sign-out", b.open(home+"/login?prompt=none").panel().Failed, "login_required")
	r.saw("sign-out")
}
