package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// clientWith is a file whose one client has this value at this key.
func clientWith(native bool, key, value string) string {
	proof, uri := `secret: "${env:CLIENT_SECRET}"`, "redirect_uris: [https://p.example.it/cb]"
	if native {
		proof = "public: true\n    native: true"
	}
	if key == "redirect_uris" {
		uri = ""
	}
	if key == "redirect_uris" || key == "post_logout_redirect_uris" || key == "origins" {
		value = "[" + value + "]"
	}
	if key != "initiate_login_uri" {
		uri += "\n    initiate_login_uri: https://p.example.it/login"
	}
	return small + "home: app\nchannels: {email: {driver: outbox, from: a@example.it}}\nclients:\n  - id: app\n    " + proof + "\n    " + uri + "\n    " + key + ": " + value + "\n"
}

// A05: what a panel's configuration may name is decided when it is read, and said with file, line, client and reason.
func TestA05RedirectURIsThatRunCodeOrNameNoPlaceAreRefusedAtLoad(t *testing.T) {
	const any, web = "", "web"
	for _, c := range []struct{ uri, only, why string }{
		{"JavaScript:alert(1)", any, "has the scheme javascript"},
		{"javascript://p.example.it/%0aalert(1)", any, "has the scheme javascript"},
		{"data:text/html;base64,PHNjcmlwdD4", any, "has the scheme data"},
		{"DATA:,x", any, "has the scheme data"},
		{"file:///etc/passwd", any, "has the scheme file"},
		{"vbscript:x", any, "has the scheme vbscript"},
		{"blob:https://p.example.it/1", any, "has the scheme blob"},
		{"about:blank", any, "has the scheme about"},
		{"view-source:https://p.example.it/", any, "has the scheme view-source"},
		{"filesystem:https://p.example.it/x", any, "has the scheme filesystem"},
		{"intent://p.example.it/#Intent;end", any, "has a fragment"},
		{"*", any, "has a wildcard"},
		{"https://*.example.it/cb", any, "has a wildcard"},
		{"https://p.example.it/*", any, "has a wildcard"},
		{"https://p.example.it:*/cb", any, "has a wildcard"},
		{"https://p.example.it/cb#", any, "has a fragment"},
		{"https://p.example.it/cb#f", any, "has a fragment"},
		{"/cb", any, "is relative"},
		{"cb", any, "is relative"},
		{"?x=1", any, "is relative"},
		{"//p.example.it/cb", any, "is relative"},
		{"p.example.it/cb", any, "is relative"},
		{"https:/cb", any, "has no host"},
		{"https:p.example.it", any, "has no host"},
		{"https://:443/cb", any, "has no host"},
		{"https://user@p.example.it/cb", any, "holds a user name"},
		{"https://p.example.it@evil.example/cb", any, "holds a user name"},
		{"http://p.example.it/cb", any, "is plain http to another machine"},
		{"http://127.0.0.1.evil.example/cb", any, "is plain http to another machine"},
		{"http://localhost.evil.example/cb", any, "is plain http to another machine"},
		{"HTTPS://p.example.it/cb", any, "must have its scheme in lower case"},
		{`https:\\p.example.it\cb`, any, "holds a character that no URI holds"},
		{"https://p.example.it/c b", any, "holds a character that no URI holds"},
		{"https://p.example.it/\\tcb", any, "holds a character that no URI holds"},
		{"https://città.example.it/cb", any, "holds a character that no URI holds"},
		{"https://p.example.it:port/cb", any, "is not a URI"},
		{"it.example.app:/cb", web, "only native public clients may use"},
		{"myapp:/cb", any, "has the scheme myapp"},
		{"mailto:a@example.it", any, "has the scheme mailto"},
		{"ftp://p.example.it/cb", any, "has the scheme ftp"},
	} {
		for _, native := range []bool{false, true} {
			if c.only == web && native {
				continue
			}
			for _, key := range []string{"redirect_uris", "post_logout_redirect_uris"} {
				refusedAtLoad(t, clientWith(native, key, strconv.Quote(c.uri)), key, c.why)
			}
		}
		refusedAtLoad(t, clientWith(false, "initiate_login_uri", strconv.Quote(c.uri)), "initiate_login_uri", c.why)
	}
	for _, origin := range []string{"*", "null", "https://*.example.it", "javascript:x", "http://p.example.it", "https://p.example.it/", "p.example.it", "https://P.example.it"} {
		refusedAtLoad(t, clientWith(false, "origins", strconv.Quote(origin)), "origins", "origin")
	}
	for _, good := range []struct {
		uri    string
		native bool
	}{
		{"https://p.example.it/cb", false}, {"https://p.example.it/cb?a=b", false}, {"https://p.example.it", false}, {"http://127.0.0.1/cb", true},
		{"http://[::1]/cb", true}, {"it.example.app:/cb", true},
	} {
		if _, err := parse(t, clientWith(good.native, "redirect_uris", strconv.Quote(good.uri)), Options{Dev: true}); err != nil {
			t.Errorf("%s is a good one: %v", good.uri, err)
		}
	}
}

// refusedAtLoad reads a file from disk and wants one mistake on the line of key, about the client, with its reason.
func refusedAtLoad(t *testing.T, text, key, why string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "soglia.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(text, " "+key+":")
	line := strings.Count(before, "\n") + 1
	cfg, err := Load(path, Options{Drivers: drivers, Env: environment})
	if cfg != nil || !IsMistakes(err) {
		t.Errorf("taken: %s", text)
		return
	}
	if got := err.Error(); !strings.Contains(got, fmt.Sprintf("soglia.yaml:%d:", line)) || !strings.Contains(got, `client "app"`) || !strings.Contains(got, why) {
		t.Errorf("line %d, client and %q are wanted:\n%s", line, why, got)
	}
}
