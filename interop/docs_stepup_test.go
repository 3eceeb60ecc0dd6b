package interop

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const docsClient = `
  - id: panel
    name: Area clienti
    secret: SECRET
    redirect_uris: ["PANEL/callback"]
    initiate_login_uri: PANEL/
    scopes: [openid, billing]
`

// docsPanels are the examples of docs/stepup, each with the program that runs it. kept says that its session is its own: it does
// not hear of a sign-out elsewhere.
var docsPanels = map[string]struct {
	file string
	run  func(t *testing.T, file string, port int) *exec.Cmd
	kept bool
}{
	"PHP": {"panel.php", func(t *testing.T, file string, port int) *exec.Cmd {
		return exec.Command(php(t), "-d", "session.save_path="+filepath.Dir(file), "-d", "display_errors=1", "-S", address(port), file)
	}, false},
	"Python": {"panel.py", func(t *testing.T, file string, port int) *exec.Cmd {
		return exec.Command(python(t), file, strconv.Itoa(port))
	}, false},
	"Node": {"panel.mjs", func(t *testing.T, file string, port int) *exec.Cmd {
		if err := os.Symlink(modules(t), filepath.Join(filepath.Dir(file), "node_modules")); err != nil {
			t.Fatal(err)
		}
		return exec.Command("node", file, strconv.Itoa(port))
	}, true},
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func php(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("php")
	if err != nil {
		missing(t, "php", "no PHP is installed here (php-cli)")
	}
	return program
}

// python needs no package for what stands in docs.
func python(t *testing.T) string {
	t.Helper()
	program := os.Getenv("SOGLIA_PYTHON")
	if program == "" {
		program = "python3"
	}
	if _, err := exec.LookPath(program); err != nil {
		missing(t, "python", "no Python is installed here")
	}
	return program
}

// startDocs runs an example as its first line says, behind a proxy with TLS. change is made to its text first.
func startDocs(t *testing.T, name string, change func(string) string) *program {
	t.Helper()
	example := docsPanels[name]
	raw, err := os.ReadFile("../docs/stepup/" + example.file)
	if err != nil {
		t.Fatal(err)
	}
	p := install(t, docsClient)
	inner := port(t)
	cmd := example.run(t, p.write(example.file, change(string(raw))), inner)
	cmd.Env = append(cmd.Environ(), "ISSUER="+p.issuer, "CLIENT_ID=panel", "CLIENT_SECRET="+p.secret, "PANEL="+p.panel,
		"SSL_CERT_FILE="+p.file("ca.pem"), "NODE_EXTRA_CA_CERTS="+p.file("ca.pem"))
	serve(t, cmd, address(inner))
	p.front("http://" + address(inner))
	return p
}

// serve runs a program until the test ends, and returns when it takes connections.
func serve(t *testing.T, cmd *exec.Cmd, listen string) {
	t.Helper()
	keep(t, cmd)
	until(t, func() bool {
		c, err := net.Dial("tcp", listen)
		if err == nil {
			c.Close()
		}
		return err == nil
	}, func() string { return cmd.Args[0] + " takes no connections" })
}

// The examples of docs/stepup, as they stand there.
func TestDocsStepUpPanels(t *testing.T) {
	for name, example := range docsPanels {
		t.Run(name, func(t *testing.T) {
			p := startDocs(t, name, func(text string) string { return text })
			p.person("dora")
			b := p.browser()
			p.secondStep(p.signIn(b.open(p.panel+"/"), "dora"), "dora").shows(p.panel+"/", 200, "The bills.")
			b.open(p.panel+"/").shows(p.panel+"/", 200, "The bills.")
			b.open(p.panel+"/favicon.ico").shows("", 404, "Not here.")
			b.open(p.panel+"/callback?code=x&state=&iss="+url.QueryEscape(p.issuer)).shows("", 400, "Nobody asked for this.")

			t.Log("what was taken out of the request is missing in the answer")
			weak := p.browser()
			asked := weak.location(p.panel + "/")
			q := asked.Query()
			q.Del("acr_values")
			q.Set("scope", "openid")
			asked.RawQuery = q.Encode()
			p.signIn(weak.open(asked.String()), "dora").shows("", 403, "Not opened.")

			t.Log("who declines")
			weak.open(p.panel + "/").wantStep("otp")
			p.code("dora@rossi.test") // it is not entered
			weak.submit("/cancel", nil).shows("", 403, "Not opened.")

			t.Log("an answer that this browser did not ask for")
			thief, victim := p.browser(), p.browser()
			thief.open(p.panel + "/").wantStep("login")
			callback := b.location(victim.location(p.panel + "/").String())
			thief.open(callback.String()).shows("", 400, "Nobody asked for this.")

			t.Log("the stay ends elsewhere")
			p.signOut(b)
			if b.open(p.panel + "/"); example.kept != (b.url.Host == asHost(p.panel)) {
				t.Errorf("after a sign-out: %s", b.url)
			}
		})
	}
}

// One example took a cookie whose name only ends like its own, as a sister site can plant it, for its own; and an address that is
// none ended its process.
func TestQ85ExamplesTakeNoPlantedCookieAndOutliveAnyAddress(t *testing.T) {
	for name := range docsPanels {
		t.Run(name, func(t *testing.T) {
			p := startDocs(t, name, func(text string) string { return text })
			p.person("dora")
			b := p.browser()
			p.secondStep(p.signIn(b.open(p.panel+"/"), "dora"), "dora").shows(p.panel+"/", 200, "The bills.")
			for _, planted := range []string{"x__Host-panel", "..Host-panel", "_[Host-panel"} {
				r := must(http.NewRequest(http.MethodGet, p.panel+"/", nil))
				for _, c := range b.client.Jar.Cookies(r.URL) {
					r.Header.Add("Cookie", planted+"="+c.Value)
				}
				resp := must(b.client.Transport.RoundTrip(r))
				if resp.Body.Close(); r.Header.Get("Cookie") == "" || resp.StatusCode != http.StatusFound {
					t.Errorf("%s: %d", r.Header.Get("Cookie"), resp.StatusCode)
				}
			}
			for _, odd := range []string{"//", "//x:y", "//%5B", "/%25", "/?%", "/callback?state&iss=%zz", "/?a?b"} {
				r := must(http.NewRequest(http.MethodGet, p.panel+odd, nil))
				if resp, err := b.client.Transport.RoundTrip(r); err == nil { // no answer is one, too
					resp.Body.Close()
				}
			}
			b.open(p.panel+"/").shows(p.panel+"/", 200, "The bills.")
		})
	}
}

// The comparisons are there, and who fails one is not asked again and again.
func TestDocsStepUpPanelsCompare(t *testing.T) {
	for what, words := range map[string][]string{
		"the age":   {"time() - 600", "time() + 60", "time.time() - 600", "time.time() + 60", "Date.now() / 1000 - 600", "Date.now() / 1000 + 60"},
		"the level": {"'mfa', 'phr'", "'gold'", `"mfa", "phr"`, `"gold",`},
		"the scope": {"in_array('billing'", "in_array('dns'", `"billing" in told`, `"dns" in told`, "includes('billing')", "includes('dns')"},
	} {
		for name := range docsPanels {
			t.Run(what+"/"+name, func(t *testing.T) {
				p := startDocs(t, name, func(text string) string {
					changed := strings.NewReplacer(words...).Replace(text)
					if changed == text {
						t.Fatalf("%s is not compared", what)
					}
					return changed
				})
				p.person("dora")
				p.secondStep(p.signIn(p.browser().open(p.panel+"/"), "dora"), "dora").shows("", 403, "Not opened.")
			})
		}
	}
}

func asHost(address string) string { return strings.TrimPrefix(address, "https://") }

// shows wants a page of the panel; an empty address is any.
func (b *browser) shows(address string, status int, text string) {
	b.t.Helper()
	if b.status != status || string(b.body) != text || address != "" && b.url.String() != address {
		b.t.Errorf("%s: %d %s, want %d %s", b.url, b.status, b.body, status, text)
	}
}

// location is where an address sends the browser, which does not go there.
func (b *browser) location(from string) *url.URL {
	b.t.Helper()
	client := *b.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Get(from)
	if err != nil {
		b.t.Fatal(err)
	}
	resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		b.t.Fatalf("%s: %d, %v", from, resp.StatusCode, err)
	}
	return to
}
