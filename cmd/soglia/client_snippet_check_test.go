package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/soglia-sso/soglia/panels"
)

// checker is the program that reads a kind of file.
type checker struct {
	need  string // name in SOGLIA_TEST_REQUIRE; "" = it is always there
	found func() error
	check func(dir string, f panels.File) error
}

// checkers are those of every kind that has one. Java wants its libraries and is compiled by the relying parties' test.
var checkers = map[string]checker{
	"apache": {"apache", present("/usr/sbin/apache2", "/usr/lib/apache2/modules/mod_auth_openidc.so"), func(dir string, f panels.File) error {
		var modules string
		for _, m := range []string{"mpm_event", "authz_core", "authn_core", "authz_user", "auth_openidc"} {
			modules += "LoadModule " + m + "_module /usr/lib/apache2/modules/mod_" + m + ".so\n"
		}
		conf := write(dir, "apache2.conf", modules+"ServerRoot "+dir+"\nServerName app.example.it\nErrorLog "+dir+"/error.log\nPidFile "+dir+"/pid\nListen 127.0.0.1:8081\nInclude "+in(dir, f.Name)+"\n")
		return complaint(exec.Command("/usr/sbin/apache2", "-t", "-f", conf))
	}},
	"nginx": {"nginx", onPath("nginx"), func(dir string, f panels.File) error {
		conf := write(dir, "nginx.conf", fmt.Sprintf("error_log stderr;\npid %s/pid;\nevents {}\nhttp {\naccess_log off;\nserver {\nlisten unix:%s/s;\ninclude %s;\n}\n}\n", dir, dir, in(dir, f.Name)))
		return complaint(exec.Command("nginx", "-t", "-p", dir, "-c", conf))
	}},
	"caddy": {"caddy", onPath("caddy"), func(dir string, f panels.File) error {
		c := exec.Command("caddy", "validate", "--adapter", "caddyfile", "--config", in(dir, f.Name))
		c.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
		return complaint(c)
	}},
	"haproxy": {"haproxy", onPath("haproxy"), func(dir string, f panels.File) error {
		pem := write(dir, "soglia.pem", publicPEM)
		conf := write(dir, "haproxy.cfg", "defaults\n  mode http\n  timeout client 9s\n  timeout server 9s\n  timeout connect 9s\nfrontend api\n  bind 127.0.0.1:8081\n"+
			strings.ReplaceAll(f.Text, "/etc/haproxy/soglia.pem", pem)+"  default_backend app\nbackend app\n  server one 127.0.0.1:8080\n")
		return complaint(exec.Command("haproxy", "-c", "-f", conf))
	}},
	"dovecot": {"dovecot", onPath("doveconf"), func(dir string, f panels.File) error {
		return complaint(exec.Command("doveconf", "-n", "-c", write(dir, "dovecot.conf", "auth_mechanisms = plain\n"+f.Text)))
	}},
	"php": {"php", onPath("php"), func(dir string, f panels.File) error {
		return complaint(exec.Command("php", "-l", in(dir, f.Name)))
	}},
	"js": {"node", onPath("node"), func(dir string, f panels.File) error {
		return complaint(exec.Command("node", "--check", write(dir, "check.mjs", f.Text)))
	}},
	"python": {"python", onPath("python3"), func(dir string, f panels.File) error {
		return complaint(exec.Command("python3", "-m", "py_compile", in(dir, f.Name)))
	}},
	"toml": {"python", onPath("python3"), func(dir string, f panels.File) error {
		return complaint(exec.Command("python3", "-c", "import sys, tomllib; tomllib.load(open(sys.argv[1], 'rb'))", in(dir, f.Name)))
	}},
	"ini": {"python", onPath("python3"), func(dir string, f panels.File) error {
		return complaint(exec.Command("python3", "-c", "import sys, configparser; configparser.ConfigParser(interpolation=None).read_file(open(sys.argv[1]))", in(dir, f.Name)))
	}},
	"ruby": {"ruby", onPath("ruby"), func(dir string, f panels.File) error {
		return complaint(exec.Command("ruby", "-c", in(dir, f.Name)))
	}},
	"sh": {"", onPath("sh"), func(dir string, f panels.File) error {
		return complaint(exec.Command("sh", "-n", in(dir, f.Name)))
	}},
	"yaml": {"", nil, func(_ string, f panels.File) error {
		var any any
		return yaml.Load([]byte(f.Text), &any)
	}},
	"json": {"", nil, func(_ string, f panels.File) error {
		if !json.Valid([]byte(f.Text)) {
			return errors.New("no JSON")
		}
		return nil
	}},
	"env": {"", nil, func(_ string, f panels.File) error {
		for _, line := range strings.Split(strings.TrimSpace(f.Text), "\n") {
			if !envLine.MatchString(line) {
				return fmt.Errorf("%q is no assignment", line)
			}
		}
		return nil
	}},
}

var envLine = regexp.MustCompile(`^(#.*|[A-Z][A-Z0-9_]*=.*|)$`)

// publicPEM is a key for a program that wants one there when it reads its configuration (RFC 7515 A.3.1).
const publicPEM = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7
6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrw==
-----END PUBLIC KEY-----
`

// Each file that is printed passes the program that will read it.
func TestSnippetsPassTheirProgramsOwnCheckers(t *testing.T) {
	from := snippetFolder(t)
	for _, name := range panels.Names() {
		for _, v := range variants {
			printed := partsOf(snippet(t, from, append([]string{name}, v.args...)...))
			dir := t.TempDir()
			kinds := panels.Lookup(name).Kinds()
			for file, text := range printed { // all of them first: they include one another
				write(dir, file, moved(dir, printed, text))
			}
			for file, text := range printed {
				c, ok := checkers[kinds[file]]
				if !ok || c.check == nil {
					continue
				}
				t.Run(name+v.suffix+"/"+filepath.Base(file), func(t *testing.T) {
					if c.found != nil {
						if err := c.found(); err != nil {
							missing(t, c.need, fmt.Sprintf("%s is not checked: %v", file, err))
						}
					}
					if err := c.check(dir, panels.File{Name: file, Kind: kinds[file], Text: moved(dir, printed, text)}); err != nil {
						t.Errorf("%v\n%s", err, text)
					}
				})
			}
		}
	}
}

// moved lets a text name the other files where this test has put them.
func moved(dir string, files map[string]string, text string) string {
	for name := range files {
		if strings.HasPrefix(name, "/") {
			text = strings.ReplaceAll(text, name, in(dir, name))
		}
	}
	return text
}

func in(dir, name string) string { return filepath.Join(dir, strings.ReplaceAll(name, "/", "_")) }

func write(dir, name, text string) string {
	path := in(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		panic(err)
	}
	return path
}

func onPath(name string) func() error {
	return func() error { _, err := exec.LookPath(name); return err }
}

func present(paths ...string) func() error {
	return func() error {
		for _, path := range paths {
			if _, err := os.Stat(path); err != nil {
				return err
			}
		}
		return nil
	}
}

// complaint runs a checker; what it complains of is the error.
func complaint(c *exec.Cmd) error {
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// missing skips the test, or fails it when SOGLIA_TEST_REQUIRE (a comma-separated list) names what is missing.
func missing(t *testing.T, what, sentence string) {
	t.Helper()
	required := strings.FieldsFunc(os.Getenv("SOGLIA_TEST_REQUIRE"), func(r rune) bool { return r == ',' || r == ' ' })
	if slices.Contains(required, what) {
		t.Fatal(sentence)
	}
	t.Skip(sentence)
}
