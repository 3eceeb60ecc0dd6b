package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/oauth2"
)

const apiClients = `
  - id: panel
    name: Area clienti
    secret: SECRET
    redirect_uris: ["PANEL/callback"]
    initiate_login_uri: PANEL/
    scopes: [openid, profile, billing]
    on_unmet: drop
    access_token: jwt
  - id: forum
    name: Forum
    secret: SECRET
    redirect_uris: ["PANEL/callback"]
    scopes: [openid, profile, billing]
    access_token: jwt
  - {id: api, name: API, secret: SECRET, grants: [client_credentials], introspect: [panel]}
  - {id: dovecot, name: Dovecot, secret: SECRET, grants: [client_credentials], introspect: [panel]}
`

// callers are access tokens of one person, for what stands behind a panel.
type callers struct {
	*program
	low, high, bare string // a password; a second step; the same without the scope profile
	foreign         string // a second step, at another panel
	id              string // an ID token
}

func newCallers(t *testing.T) *callers {
	t.Helper()
	c := &callers{program: install(t, apiClients)}
	c.listen(http.NotFoundHandler())
	c.person("dora")
	b := c.browser()
	c.low, _ = c.tokens("panel", "openid profile", func(to string) *browser { return c.signIn(b.open(to), "dora") })
	c.high, c.id = c.tokens("panel", "openid profile billing", func(to string) *browser { return c.secondStep(b.open(to+"&acr_values=mfa"), "dora") })
	c.bare, _ = c.tokens("panel", "openid billing", func(to string) *browser { return b.open(to + "&acr_values=mfa") })
	c.foreign, _ = c.tokens("forum", "openid profile billing", func(to string) *browser { return b.open(to + "&acr_values=mfa") })
	return c
}

// tokens are what a panel gets when walk has taken a browser to its callback.
func (p *program) tokens(client, scope string, walk func(to string) *browser) (access, id string) {
	p.t.Helper()
	conf := oauth2.Config{ClientID: client, ClientSecret: p.secret, RedirectURL: p.panel + "/callback", Scopes: strings.Fields(scope),
		Endpoint: oauth2.Endpoint{AuthURL: p.issuer + "/authorize", TokenURL: p.issuer + "/token", AuthStyle: oauth2.AuthStyleInHeader}}
	verifier := oauth2.GenerateVerifier()
	b := walk(conf.AuthCodeURL("state", oauth2.S256ChallengeOption(verifier)))
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, b.client)
	token, err := conf.Exchange(ctx, b.url.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		p.t.Fatalf("%s: %v\n%s", b.url, err, b.body)
	}
	id, _ = token.Extra("id_token").(string)
	return token.AccessToken, id
}

// fence is the first block of docs/apis.md in a language.
func fence(t *testing.T, language string) string {
	t.Helper()
	doc, err := os.ReadFile("../docs/apis.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)\n```" + language + "\n(.*?)\n```\n").FindSubmatch(doc)
	if m == nil {
		t.Fatalf("docs/apis.md has nothing in %s", language)
	}
	return string(m[1])
}

func installed(t *testing.T, name, pkg string) string {
	t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/" + name); err != nil {
			missing(t, name, "no "+name+" is installed here ("+pkg+")")
		}
	}
	return program
}

// asks opens a path with a token, and with pairs of headers, and returns the status, the challenge and the body.
func asks(t *testing.T, port int, path, token string, header ...string) (int, string, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://"+address(port)+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header[header[i]] = []string{header[i+1]}
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("WWW-Authenticate"), string(body)
}

// application stands behind a gateway, and says what it was told in headers. It reads them as CGI does (RFC 3875 §4.1.18), and
// with it WSGI, PHP and others: "-" and "_" are one.
func application(t *testing.T, headers ...string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var told []string
		for _, header := range headers {
			for name, values := range r.Header {
				if strings.EqualFold(strings.ReplaceAll(name, "_", "-"), header) {
					told = append(told, values...)
				}
			}
		}
		fmt.Fprint(w, strings.Join(told, " "))
	}))
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

func broken(token string) string { return token[:len(token)-8] + "AAAAAAAA" }

// subject is that of a JWT, which the caller got from the server itself.
func (c *callers) subject() string {
	c.t.Helper()
	resp, err := c.browser().client.Do(&http.Request{Method: http.MethodGet, URL: must(url.Parse(c.issuer + "/userinfo")), Header: http.Header{"Authorization": {"Bearer " + c.low}}})
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	var said struct{ Sub string }
	if err := json.NewDecoder(resp.Body).Decode(&said); err != nil {
		c.t.Fatal(err)
	}
	return said.Sub
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// The lines for HAProxy, as the program prints them: the level by path, and no token of another panel.
func TestDocsHAProxy(t *testing.T) {
	haproxy := installed(t, "haproxy", "haproxy")
	c := newCallers(t)
	key := must(regexp.Compile(`> /etc/haproxy/soglia.pem.*`)).ReplaceAllString(fence(t, "sh"), "> soglia.pem")
	sh := c.soglia()
	sh = &exec.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", strings.Replace(key, "soglia keys", sh.Path+" keys", 1)}, Dir: sh.Dir, Env: sh.Env}
	if out, err := sh.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	inner := port(t)
	printed := c.snippet("panel", "--preset", "haproxy", "--step-up")["/etc/haproxy/haproxy.cfg, in the frontend"]
	c.replace(printed, "/etc/haproxy/soglia.pem", c.file("soglia.pem"))
	lines := must(os.ReadFile(printed))
	conf := c.write("haproxy.cfg", "defaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\nfrontend api\n  bind "+
		address(inner)+"\n"+string(lines)+"\n  default_backend app\nbackend app\n  server app "+application(t, "X-Acr")+"\n")
	if out, err := exec.Command(haproxy, "-c", "-f", conf).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	serve(t, exec.Command(haproxy, "-db", "-f", conf), address(inner))
	for what, want := range map[string]struct {
		path, token string
		status      int
		says        string // the challenge, or the body
	}{
		"a password, where it is enough": {"/", c.low, 200, "sfa"},
		"a password":                     {"/billing", c.low, 401, "insufficient_user_authentication"},
		"a second step":                  {"/billing", c.high, 200, "mfa"},
		"none":                           {"/", "", 401, "Bearer"},
		"an ID token":                    {"/", c.id, 401, "Bearer"},
		"of another panel":               {"/billing", c.foreign, 401, "Bearer"},
		"another spelling of the path":   {"/%62illing", c.low, 401, "insufficient_user_authentication"},
		"broken":                         {"/", broken(c.high), 401, "Bearer"},
		"something":                      {"/", "sog_at_x", 401, "Bearer"},
	} {
		status, challenge, body := asks(t, inner, want.path, want.token)
		if status != want.status || !strings.Contains(challenge+body, want.says) {
			t.Errorf("%s: %d %s %s, want %d %s", what, status, challenge, body, want.status, want.says)
		}
	}
	for _, name := range forgeries("X-Acr") {
		if status, _, body := asks(t, inner, "/", c.low, name, "mfa"); status != 200 || body != "sfa" {
			t.Errorf("a caller who says %s: the application reads %q", name, body)
		}
	}
}

// The lines for nginx, with a program of package stepup beside it.
func TestDocsNginx(t *testing.T) {
	nginx := installed(t, "nginx", "nginx")
	c := newCallers(t)
	inner, side := port(t), port(t)
	source := c.write("main.go", strings.Replace(fence(t, "go"), "127.0.0.1:9001", address(side), 1))
	build := exec.Command("go", "build", "-o", c.file("side"), source)
	build.Dir = ".." // its module
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	beside := exec.Command(c.file("side"))
	beside.Env = append(beside.Environ(), "ISSUER="+c.issuer, "SECRET="+c.secret, "SSL_CERT_FILE="+c.file("ca.pem"))
	serve(t, beside, address(side))
	lines := strings.NewReplacer("127.0.0.1:9000", application(t, "X-User"), "127.0.0.1:9001", address(side)).Replace(fence(t, "nginx"))
	temp := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temp += kind + "_temp_path " + c.dir + "/" + kind + ";\n"
	}
	conf := c.write("nginx.conf", "daemon off;\npid "+c.dir+"/nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n"+temp+"server {\nlisten "+address(inner)+";\n"+lines+"\n}\n}\n")
	if out, err := exec.Command(nginx, "-t", "-c", conf).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	serve(t, exec.Command(nginx, "-c", conf), address(inner))
	for what, want := range map[string]struct {
		token  string
		status int
		says   string // the challenge, or the body
	}{
		"a second step":    {c.high, 200, c.subject()},
		"a password":       {c.low, 401, `error="insufficient_user_authentication"`},
		"none":             {"", 401, `realm="` + c.issuer + `"`},
		"of another panel": {c.foreign, 401, "invalid_token"},
		"an ID token":      {c.id, 401, "invalid_token"},
		"something":        {"x", 401, "invalid_token"},
	} {
		status, challenge, body := asks(t, inner, "/billing", want.token)
		if status != want.status || !strings.Contains(challenge+body, want.says) {
			t.Errorf("%s: %d %s %s, want %d %s", what, status, challenge, body, want.status, want.says)
		}
	}
}

// The lines for joserfc.
func TestDocsJoserfc(t *testing.T) {
	program := python(t)
	if exec.Command(program, "-c", "import joserfc").Run() != nil {
		missing(t, "python", "joserfc is not installed for this Python: see the package comment")
	}
	c := newCallers(t)
	script := c.write("verify.py", fence(t, "python")+`

import json, sys, urllib.request
issuer, token = sys.argv[1:]
print(verified(token, json.load(urllib.request.urlopen(issuer + "/jwks")), issuer, "panel")["acr"])
`)
	for what, want := range map[string]struct {
		token, says string
	}{
		"a second step": {c.high, "mfa\n"}, "a password": {c.low, "acr"}, "of another panel": {c.foreign, "client_id"},
		"an ID token": {c.id, ""}, "broken": {broken(c.high), "bad_signature"},
	} {
		cmd := exec.Command(program, script, c.issuer, want.token)
		cmd.Env = append(cmd.Environ(), "SSL_CERT_FILE="+c.file("ca.pem"))
		out, err := cmd.CombinedOutput()
		if (err == nil) != (want.says == "mfa\n") || !strings.Contains(string(out), want.says) {
			t.Errorf("%s: %v %s", what, err, out)
		}
	}
}
