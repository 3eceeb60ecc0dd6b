package interop

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

const allauthClient = `
  - {id: panel, name: Shop, preset: django-allauth, base_url: "PANEL", secret: SECRET, scopes: [openid, profile, email]}
`

// The text for django-allauth read the level where an account keeps what its logins said last. So a password alone opened what the
// owner had opened once, in another browser; and process=connect joined somebody else's sign-in, who has the level, to the account.
func TestQ86AllauthKnowsTheLevelOfThisSignInAndWhose(t *testing.T) {
	if exec.Command(python(t), "-c", "import allauth").Run() != nil {
		missing(t, "allauth", "the Python here has no django-allauth (django-allauth[socialaccount] 65.21.1)")
	}
	p := install(t, allauthClient)
	p.snippet("panel", "--preset", "django-allauth", "--step-up")
	site, err := os.ReadFile("allauth_site.py")
	if err != nil {
		t.Fatal(err)
	}
	p.write("soglia.secret", p.secret)
	inner := port(t)
	cmd := exec.Command(python(t), p.write("site_.py", string(site)), address(inner))
	cmd.Dir = p.dir
	cmd.Env = append(cmd.Environ(), "REQUESTS_CA_BUNDLE="+p.file("ca.pem"), "SSL_CERT_FILE="+p.file("ca.pem"))
	serve(t, cmd, address(inner))
	p.front("http://" + address(inner))
	p.person("dora")
	p.person("ugo")

	owner := p.browser()
	p.secondStep(p.signIn(owner.open(p.panel+"/billing"), "dora"), "dora").shows(p.panel+"/billing", 200, "dora")
	owner.open(p.panel+"/billing").shows(p.panel+"/billing", 200, "dora")

	thief := p.browser() // with the password
	p.signIn(thief.open(p.panel+"/accounts/oidc/soglia/login/?process=login&next=/"), "dora").shows(p.panel+"/", 200, "dora")
	if thief.open(p.panel + "/billing"); strings.HasPrefix(thief.url.String(), p.panel) {
		t.Errorf("a password alone: %s %s", thief.url, thief.body)
	}
	thief.wantStep("otp")

	p.signOut(thief) // at Soglia; at the panel it is dora still
	thief.open(p.panel+"/").shows(p.panel+"/", 200, "dora")
	p.secondStep(p.signIn(thief.open(p.panel+"/billing"), "ugo"), "ugo").shows(p.panel+"/billing", 200, "ugo")
}
