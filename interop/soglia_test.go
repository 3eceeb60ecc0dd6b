package interop

import (
	"crypto/x509"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/soglia-sso/soglia/notify/mailtest"
	"github.com/soglia-sso/soglia/secret"
)

const sogliaYAML = `
version: 1
issuer: ISSUER
listen: LISTEN
tls: {cert: cert.pem, key: key.pem}
storage: {url: "sqlite:soglia.db"}
secrets: {master_key: "${file:master.key}"}
locales: {default: en, offered: [it, en]}
branding: {name: Example Hosting}
home: panel
password: {memory: 7168, iterations: 1}
acr:
  - {name: sfa}
  - {name: mfa, second: [totp, email], lasts: session}
scopes:
  billing: {acr: mfa, title: {it: Dati di fatturazione, en: Billing}}
channels:
  email: {driver: smtp, url: "smtp://MAIL?starttls=optional", from: "Example Hosting <no-reply@localhost>"}
backchannel: {allow: [127.0.0.0/8]}
clients:
`

// program is soglia as an operator runs it, on its own TLS listener, with a mail server beside it. The issuer is at localhost
// and panels are at 127.0.0.1, so that cookies of the one are none of the other's.
type program struct {
	t      *testing.T
	dir    string
	issuer string
	panel  string // where the panel is: https://127.0.0.1:port
	port   int
	secret string // the client's
	roots  *x509.CertPool
	mail   mailtest.Server
	read   int // mails that code has seen
	log    *words
}

// binaries is where build puts the program; "" = nobody asked for it.
var binaries string

// build makes the program once for all tests.
var build = sync.OnceValues(func() (at string, err error) {
	if binaries, err = os.MkdirTemp("", "soglia"); err != nil {
		return "", err
	}
	at = filepath.Join(binaries, "soglia")
	if out, err := exec.Command("go", "build", "-o", at, "../cmd/soglia").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return at, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if binaries != "" {
		os.RemoveAll(binaries)
	}
	os.Exit(code)
}

// install writes the file with these clients and starts the server. In them PANEL is where the panel is going to listen, and
// SECRET its secret. words are pairs that change the file first.
func install(t *testing.T, clients string, words ...string) *program {
	t.Helper()
	p := &program{t: t, dir: folder(t), port: port(t), secret: secret.New("sog_cs_")}
	p.panel = fmt.Sprintf("https://127.0.0.1:%d", p.port)
	listen := fmt.Sprintf("127.0.0.1:%d", port(t))
	p.issuer = strings.Replace("https://"+listen, "127.0.0.1", "localhost", 1)
	p.roots = certify(t, p.dir)
	p.write("master.key", secret.New(""))
	p.write("client.secret", p.secret)
	p.write("soglia.yaml", strings.NewReplacer("SECRET", `"${file:client.secret}"`, "PANEL", p.panel, "ISSUER", p.issuer, "LISTEN", listen, "MAIL", p.mail.Start(t)).
		Replace(strings.NewReplacer(words...).Replace(sogliaYAML+clients)))
	cmd := p.soglia("serve", "--linger", "0s")
	p.log = keep(t, cmd)
	p.awaits(p.issuer + "/.well-known/openid-configuration")
	return p
}

// folder is one that a server which gives up being root can still read from, unlike t.TempDir; what is secret in it is a file's
// own affair.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "interop")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func (p *program) write(name, text string) string {
	p.t.Helper()
	at := p.file(name)
	if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return at
}

// soglia is a command of the program, in its folder.
func (p *program) soglia(args ...string) *exec.Cmd {
	p.t.Helper()
	at, err := build()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(at, args...)
	cmd.Dir, cmd.Env = p.dir, append(os.Environ(), "SSL_CERT_FILE="+p.file("ca.pem"))
	return cmd
}

// file is where a file of the program's folder is.
func (p *program) file(name string) string { return filepath.Join(p.dir, name) }

func (p *program) browser() *browser { return trusting(p.t, p.roots) }

const password = "quattro gatti al sole"

// person makes somebody with that password and a mailbox.
func (p *program) person(name string) {
	p.t.Helper()
	cmd := p.soglia("user", "add", name, "--email", name+"@rossi.test", "--stdin")
	cmd.Stdin = strings.NewReader(password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		p.t.Fatalf("%v: %s", err, out)
	}
}

// code is the next one that comes to an address.
func (p *program) code(to string) (code string) {
	p.t.Helper()
	until(p.t, func() bool {
		for mails := p.mail.Mails(); p.read < len(mails); {
			m := mails[p.read]
			p.read++
			if d := digits.FindStringSubmatch(m.Data); d != nil && slices.Contains(m.To, to) {
				code = d[1]
				return true
			}
		}
		return false
	}, func() string { return "no code came to " + to })
	return code
}

// signIn answers the sign-in page that a panel has led to.
func (p *program) signIn(b *browser, name string) *browser {
	p.t.Helper()
	return b.wantStep("login").submit("/password", map[string]string{"username": name, "password": password})
}

// secondStep answers the page that asks for a mailed code.
func (p *program) secondStep(b *browser, name string) *browser {
	p.t.Helper()
	return b.wantStep("otp").submit("/code", map[string]string{"otp": p.code(name + "@rossi.test")})
}

// signOut ends the browser's stay at our own page, far from any panel.
func (p *program) signOut(b *browser) {
	p.t.Helper()
	b.open(p.issuer+"/end_session").submit("/end_session/confirm", nil)
}
