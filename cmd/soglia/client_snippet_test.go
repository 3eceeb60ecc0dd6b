package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/soglia-sso/soglia/panels"
)

var update = flag.Bool("update", false, "write golden files")

const clientSecret = "sog_cs_Vb3kQ9xT2mW7rL5yH8dN1cVb3kQ9xT2mW7rL5yH8dN1c"

// snippetFolder holds a configuration with a client of every program, under the program's name, and one without a preset.
func snippetFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	text := `version: 1
issuer: https://sso.example.it
storage: {url: "sqlite:soglia.db"}
secrets: {master_key: "${file:master.key}"}
branding: {name: Example Hosting, support: {phone: "+39 0000 000000"}}
scopes: {billing: {acr: mfa, title: {it: B, en: B}}}
home: plain
clients:
  - {id: plain, secret: "${file:client.secret}", redirect_uris: ["https://app.example.it/cb"], initiate_login_uri: "https://app.example.it/", scopes: [openid, profile, email, billing]}
`
	scopes := regexp.MustCompile(`(?m)^scopes: \[(.*?)\]`)
	for _, name := range panels.Names() {
		p := panels.Lookup(name)
		client := "id: " + name + ", preset: " + name
		if !strings.Contains(p.Client, "public: true") {
			client += `, secret: "${file:client.secret}"`
		}
		switch {
		case strings.Contains(p.Client, "{base}"):
			client += `, base_url: "https://app.example.it"`
		case !strings.Contains(p.Client, "grants:"):
			client += `, redirect_uris: ["https://app.example.it/cb"]`
		}
		if m := scopes.FindStringSubmatch(p.Client); m != nil {
			client += ", scopes: [" + m[1] + ", billing]"
		}
		text += "  - {" + client + "}\n"
	}
	for name, content := range map[string]string{"soglia.yaml": text, "master.key": "Xq3vR8sLw1Zb7Yt0Kd5Jm9Pc2Nf6Ha4GXq3vR8sL", "client.secret": clientSecret} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// snippet is what the command prints.
func snippet(t *testing.T, dir string, args ...string) string {
	t.Helper()
	var out, complaints bytes.Buffer
	line := append([]string{"client", "snippet", "--file", filepath.Join(dir, "soglia.yaml")}, args...)
	if code := run(t.Context(), line, &streams{strings.NewReader(""), &out, &complaints}); code != 0 {
		t.Fatalf("%v: exit %d\n%s", args, code, complaints.String())
	}
	return out.String()
}

// variants of every program, and what the golden files of each are called.
var variants = []struct {
	suffix string
	args   []string
}{{"", nil}, {".step-up", []string{"--step-up"}}}

func TestSnippetsAreThoseOfTheGoldenFiles(t *testing.T) {
	dir := snippetFolder(t)
	golden := map[string]bool{}
	for _, name := range append(panels.Names(), "plain") {
		for _, v := range variants {
			path := filepath.Join("testdata", "snippets", name+v.suffix+".txt")
			golden[path] = true
			t.Run(name+v.suffix, func(t *testing.T) {
				got := snippet(t, dir, append([]string{name}, v.args...)...)
				if *update {
					if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, _ := os.ReadFile(path)
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if strings.Contains(got, clientSecret) {
					t.Error("it holds the secret")
				}
				if name != "plain" && panels.Lookup(name).Tried == "" && !strings.Contains(got, "«not run by us»") {
					t.Error("it does not say that nobody has run it")
				}
			})
		}
	}
	paths, err := filepath.Glob("testdata/snippets/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if !golden[path] {
			t.Errorf("%s is of no program", path)
		}
	}
}

// What the step-up variant is for: it names the level.
func TestEveryStepUpSnippetAsksForTheLevel(t *testing.T) {
	dir := snippetFolder(t)
	for _, name := range append(panels.Names(), "plain") {
		files := fmt.Sprint(partsOf(snippet(t, dir, name, "--step-up")))
		if !strings.Contains(files, "mfa") {
			t.Errorf("%s: no level", name)
		}
	}
}

// What was seen of mod_auth_openidc: by query it hides errors, and a level that it does not get makes it ask without end.
func TestTheSnippetOfApacheHoldsWhatItNeeds(t *testing.T) {
	got := snippet(t, snippetFolder(t), "apache", "--step-up")
	for _, line := range []string{"OIDCResponseMode form_post", "OIDCStateMaxNumberOfCookies 7 true", "OIDCPKCEMethod S256", `OIDCPathScope "billing"`,
		"OIDCPathAuthRequestParams claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3Atrue%2C%22value%22%3A%22mfa%22%7D%7D%7D",
		"on_unmet: step_up"} {
		if !strings.Contains(got, line) {
			t.Errorf("no %s", line)
		}
	}
}

// partsOf are the files in what was printed, by name.
func partsOf(printed string) map[string]string {
	out := map[string]string{}
	for _, piece := range strings.Split("\n"+printed, "\n#### ")[1:] {
		name, text, _ := strings.Cut(piece, "\n")
		out[name] = text + "\n"
	}
	return out
}

// A file printed alone is the one that stands in the whole, so that it can be written without an editor.
func TestAPartIsThatOfTheWhole(t *testing.T) {
	dir := snippetFolder(t)
	for _, name := range panels.Names() {
		for _, v := range variants {
			for file, text := range partsOf(snippet(t, dir, append([]string{name}, v.args...)...)) {
				if got := snippet(t, dir, append([]string{name, "--part", file}, v.args...)...); strings.TrimSpace(got) != strings.TrimSpace(text) {
					t.Errorf("%s%s: %s differs:\n%s", name, v.suffix, file, cmp.Diff(text, got))
				}
			}
		}
	}
}

func TestWhatCannotBePrintedIsSaidAndWhatThereIs(t *testing.T) {
	dir := snippetFolder(t)
	for args, want := range map[string]string{
		"nobody":                          `there is no client "nobody"`,
		"account":                         `there is no client "account"`,
		"plain --preset apach":            `there is no preset "apach"; there is apache,`,
		"apache --part httpd.conf":        "there is /etc/apache2/conf-available/soglia.conf",
		"plain --preset general --part x": "there is by hand",
	} {
		var out, complaints bytes.Buffer
		line := append([]string{"client", "snippet", "--file", filepath.Join(dir, "soglia.yaml")}, strings.Fields(args)...)
		if code := run(t.Context(), line, &streams{strings.NewReader(""), &out, &complaints}); code != 1 || !strings.Contains(complaints.String(), want) || out.Len() > 0 {
			t.Errorf("%s: exit %d, %s%s", args, code, out.String(), complaints.String())
		}
	}
	// Another program than the client's own, at the client's address.
	if got := snippet(t, dir, "plain", "--preset", "oauth2-proxy"); !strings.Contains(got, `redirect_uris: ["https://app.example.it/oauth2/callback"]`) {
		t.Error(got)
	}
}
