package interop

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const roundcubeFolder = "/usr/share/roundcube" // Debian's

const roundcubeClients = `
  - id: panel
    preset: roundcube
    base_url: PANEL
    name: Webmail
    secret: SECRET
  - {id: dovecot, secret: SECRET, grants: [client_credentials], introspect: [panel]}
lifetimes: {access_token: 12s}
`

// What is the mail server's own: a mailbox for whoever signs in. How it asks Soglia is what "soglia client snippet" prints.
const dovecotFrame = `
base_dir = DIR/run
state_dir = DIR/state
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms =
service imap-login {
  inet_listener imap {
    port = IMAP
  }
  inet_listener imaps {
    port = 0
  }
}
mail_location = maildir:~/Maildir
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=DIR/mail/%u
}
!include AUTH
`

const roundcubeFrame = `<?php
$config = [];
$config['db_dsnw'] = 'sqlite:///DIR/roundcube.db';
$config['imap_host'] = '127.0.0.1:IMAP';
$config['des_key'] = 'twenty-four-characters-x';
$config['use_https'] = true;
$config['log_driver'] = 'stdout';
$config['temp_dir'] = 'DIR';
$config['skin'] = 'elastic';
include 'SNIPPET';
`

// startWebmail runs Dovecot and Roundcube, each with its printed file, and a mail in the mailbox of that name.
func startWebmail(t *testing.T, clients, mailbox string, args ...string) (*program, *report) {
	t.Helper()
	if _, err := os.Stat(roundcubeFolder); err != nil {
		missing(t, "roundcube", "no Roundcube is installed here (roundcube-core, roundcube-sqlite3)")
	}
	for _, name := range []string{"dovecot", "php"} {
		if _, err := exec.LookPath(name); err != nil {
			missing(t, "roundcube", "no "+name+" is installed here")
		}
	}
	if os.Getuid() != 0 {
		missing(t, "roundcube", "Dovecot runs as root only")
	}
	r := reporting(t, "Roundcube", packaged("roundcube-core")+" with Dovecot "+packaged("dovecot-core"))
	p := install(t, clients)
	files := p.snippet("panel", args...)
	imap := strconv.Itoa(port(t))
	auth, asks := files["/etc/dovecot/conf.d/auth-soglia.conf.ext"], files["/etc/dovecot/dovecot-oauth2.conf.ext"]
	p.replace(asks, "introspection_mode", "tls_ca_cert_file = "+p.file("ca.pem")+"\nintrospection_mode")
	p.replace(files["/etc/roundcube/soglia.inc.php"], "/etc/roundcube/", p.file("etc_roundcube_"))
	p.write("etc_roundcube_soglia.secret", p.secret)
	words := strings.NewReplacer("DIR", p.dir, "IMAP", imap, "AUTH", auth, "SNIPPET", files["/etc/roundcube/soglia.inc.php"])
	p.receive(mailbox)
	keep(t, exec.Command("dovecot", "-F", "-c", p.write("dovecot.conf", words.Replace(dovecotFrame))))

	if err := os.Symlink("/etc/roundcube/defaults.inc.php", p.file("defaults.inc.php")); err != nil {
		t.Fatal(err)
	}
	p.write("config.inc.php", words.Replace(roundcubeFrame))
	made := exec.Command("php", "-r", `(new PDO("sqlite:".$argv[1]))->exec(file_get_contents($argv[2]));`, p.file("roundcube.db"), roundcubeFolder+"/SQL/sqlite.initial.sql")
	if out, err := made.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	inside := fmt.Sprintf("127.0.0.1:%d", port(t))
	php := exec.Command("php", "-d", "openssl.cafile="+p.file("ca.pem"), "-d", "curl.cainfo="+p.file("ca.pem"), "-S", inside, "-t", roundcubeFolder)
	php.Env = append(os.Environ(), "ROUNDCUBE_CONFIG_DIR="+p.dir, "PHP_CLI_SERVER_WORKERS=4")
	keep(t, php)
	p.front("http://" + inside)
	p.awaits(p.panel + "/")
	return p, r
}

// receive puts a mail into a mailbox, as the mail server would.
func (p *program) receive(mailbox string) {
	p.t.Helper()
	owner, err := user.Lookup("nobody")
	if err != nil {
		p.t.Fatal(err)
	}
	uid, _ := strconv.Atoi(owner.Uid)
	at := p.dir
	for _, name := range []string{"mail", mailbox, "Maildir", "new"} {
		at = filepath.Join(at, name)
		err := os.Mkdir(at, 0o700)
		if err == nil {
			err = os.Chown(at, uid, -1)
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
	at = filepath.Join(at, "1.interop")
	if err := os.WriteFile(at, []byte("From: anna@rossi.test\r\nSubject: Quattro gatti\r\n\r\nAl sole.\r\n"), 0o600); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Chown(at, uid, -1); err != nil {
		p.t.Fatal(err)
	}
}

// packaged is a Debian package's version.
func packaged(name string) string { return version("dpkg-query", "-W", "-f", "${Version}", name) }

// read opens the mail, by an access token that Dovecot asks about.
func (b *browser) read(p *program) bool {
	b.t.Helper()
	b.open(p.panel + "/?_task=mail&_action=show&_mbox=INBOX&_uid=1")
	return strings.Contains(string(b.body), "Quattro gatti")
}

func TestRoundcubeReadsMailWithoutThePasswordOfTheMailbox(t *testing.T) {
	p, r := startWebmail(t, roundcubeClients, "dora")
	p.person("dora")
	b := p.browser()
	p.signIn(b.open(p.panel+"/?_task=login&_action=oauth"), "dora")
	if !b.read(p) {
		t.Fatalf("the mail is not there: %s", b.body)
	}
	r.saw("sign-in")
	before := p.tokenCalls()
	until(t, func() bool { return b.read(p) && p.tokenCalls() > before }, func() string { return "it never refreshes: " + string(b.body) })
	if !b.read(p) {
		t.Fatalf("the mail is not there after a refresh: %s", b.body)
	}
	r.saw("refresh")
	if p.atOnce(b, p.panel+"/?_task=mail&_action=show&_mbox=INBOX&_uid=1", "Quattro gatti") {
		r.saw("two refreshes at once")
	}
}

var requestToken = regexp.MustCompile(`"request_token":"(\w+)"`)

// The text asks for the level; what holds the webmail at it is the client's require_acr, whatever a browser takes out.
func TestRoundcubeBehindALevel(t *testing.T) {
	p, r := startWebmail(t, strings.Replace(roundcubeClients, "    name:", "    require_acr: mfa\n    name:", 1), "dora", "--step-up")
	p.person("dora")
	p.person("bruno")
	to := p.browser().leads(p.panel + "/?_task=login&_action=oauth")
	want(t, "level asked", to.Query().Get("acr_values"), "mfa")
	thief := p.browser()
	thief.open(strings.Replace(to.String(), "acr_values=mfa", "", 1))
	p.signIn(thief, "bruno").wantStep("otp")
	p.code("bruno@rossi.test") // it is not entered

	b := p.browser()
	p.secondStep(p.signIn(b.open(p.panel+"/?_task=login&_action=oauth"), "dora"), "dora")
	if !b.read(p) {
		t.Fatalf("the mail is not there: %s", b.body)
	}
	r.saw("step-up")

	b.open(p.panel + "/?_task=mail")
	token := requestToken.FindSubmatch(b.body) // which its script puts into the link
	if token == nil {
		t.Fatalf("no token for a sign-out: %s", b.body)
	}
	b.open(p.panel + "/?_task=logout&_token=" + string(token[1]))
	want(t, "the mail after the sign-out", b.read(p), false)
	r.saw("sign-out, its own")

	b.open(p.panel + "/?_task=login&_action=oauth") // Soglia knows the browser still
	want(t, "the mail after coming back", b.read(p), true)
	p.signOut(b)
	until(t, func() bool { return !b.read(p) }, func() string { return "Dovecot takes a token of a stay that is over" })
	r.saw("an end elsewhere")
}
