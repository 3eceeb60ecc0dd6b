package interop

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// What is Dovecot's own: where it lives and whose mail is where. The rest is what the program prints.
const dovecotAlone = `
base_dir = DIR/run
state_dir = DIR/state
log_path = /dev/stderr
auth_failure_delay = 0
protocols =
ssl = no
auth_mechanisms = plain
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}
!include PRINTED
`

// Dovecot lets a person in by the token of the webmail, under the name that introspection says, and under no other.
func TestDocsDovecot(t *testing.T) {
	dovecot := installed(t, "dovecot", "dovecot-core")
	if os.Getuid() != 0 {
		t.Skip("Dovecot is started by root alone")
	}
	c := newCallers(t)
	printed := c.snippet("panel", "--preset", "roundcube")
	c.replace(printed["/etc/dovecot/dovecot-oauth2.conf.ext"], "introspection_mode", "tls_ca_cert_file = "+c.file("ca.pem")+"\nintrospection_mode")
	conf := c.write("dovecot.conf", strings.NewReplacer("DIR", c.dir, "PRINTED", printed["/etc/dovecot/conf.d/auth-soglia.conf.ext"]).Replace(dovecotAlone))
	if out, err := exec.Command("doveconf", "-n", "-c", conf).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	said := keep(t, exec.Command(dovecot, "-F", "-c", conf))
	socket := c.file("run/auth-client")
	until(t, func() bool { _, err := os.Stat(socket); return err == nil }, func() string { return "Dovecot does not answer: " + said.String() })
	for what, want := range map[string]struct {
		user, token string
		in          bool
	}{
		"the webmail's token": {"dora", c.high, true}, "of a password": {"dora", c.low, true}, "another mailbox": {"bruno", c.high, false},
		"without the scope profile": {"dora", c.bare, false}, "of another panel": {"dora", c.foreign, false}, "an ID token": {"dora", c.id, false},
	} {
		if said := authenticate(t, socket, want.user, want.token); strings.HasPrefix(said, "OK\t") != want.in {
			t.Errorf("%s: %s", what, said)
		}
	}
	r, err := http.NewRequest(http.MethodPost, c.issuer+"/revoke", strings.NewReader(url.Values{"token": {c.high}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("panel", c.secret)
	resp, err := c.browser().client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if said := authenticate(t, socket, "dora", c.high); strings.HasPrefix(said, "OK\t") {
		t.Errorf("revoked: %s", said)
	}
}

// authenticate speaks Dovecot's protocol for its own IMAP servers, and returns the last line.
func authenticate(t *testing.T, socket, user, token string) string {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	first := base64.StdEncoding.EncodeToString([]byte("user=" + user + "\x01auth=Bearer " + token + "\x01\x01"))
	fmt.Fprintf(conn, "VERSION\t1\t1\nCPID\t%d\nAUTH\t1\tXOAUTH2\tservice=imap\tsecured\tno-penalty\tresp=%s\n", os.Getpid(), first)
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		switch word, _, _ := strings.Cut(lines.Text(), "\t"); word {
		case "OK", "FAIL":
			return lines.Text()
		case "CONT": // the error as JSON, which the client must acknowledge
			fmt.Fprint(conn, "CONT\t1\t\n")
		}
	}
	return fmt.Sprint("no answer: ", lines.Err())
}
