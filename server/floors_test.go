package server_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/soglia-sso/soglia"

// floors are the storeys of the house: a package imports packages of lower floors only.
var floors = map[string]int{
	"gsm7": -1,
	"acr":  0, "storage": 0, "templates": 0, "secret": 0, "jwks": 0, "outbound": 0, "mailaddress": 0, "phonenumber": 0, "username": 0, "examples": 0, "panels": 0,
	"notify/gatewaytest": 0, "notify/mailtest": 0,
	"config": 1, "audit": 1, "web": 1, "federation": 1, "storage/sql": 1, "stepup": 1,
	"session": 2, "storage/storagetest": 2,
	"user": 3, "mfa": 3, "consent": 3, "notify": 3, "tokens": 3,
	"step": 4, "request": 4, "contact": 4, "desk": 4,
	"op": 5, "login": 5, "account": 5, "people": 5,
	"server": 6, "demo": 7, "server/servertest": 7, "server/chromium": 7, "interop": 7, "server/cases": 8, "server/certification": 8, "server/walk": 8,
	"cmd/soglia": 8,
}

// only says who may import a library, each with its because.
var only = []struct {
	library string
	by      []string
	because string
}{
	{"github.com/zitadel/oidc/v3", []string{"op"}, "the provider library's habits (docs/faults.md) stay behind one door"},
	{"golang.org/x/oauth2", []string{"federation", "stepup", "demo", "server/servertest"}, "only clients of a provider need it, and we are one only there"},
	{"github.com/coreos/go-oidc/v3", []string{"federation", "demo", "server/servertest"}, "it is the independent opinion on our tokens"},
	{"github.com/jackc/pgx/v5", []string{"storage/sql", "storage/storagetest"}, "rules do not know which database it is"},
	{"modernc.org/sqlite", []string{"storage/sql", "storage/storagetest"}, "rules do not know which database it is"},
	{"github.com/pquerna/otp", []string{"mfa", "demo", "server/servertest"}, "one place judges codes; demo and servertest only play the person's app"},
	{"go.yaml.in/yaml/v4", []string{"config"}, "operators' mistakes are told in one place"},
	{"github.com/wneessen/go-mail", []string{"notify"}, "nobody else knows what a mail server is"},
	{"github.com/nicksnyder/go-i18n/v2", []string{"templates"}, "texts are in one place"},
	{"github.com/nyaruka/phonenumbers/v2", []string{"phonenumber"}, "a number has one form"},
	{"github.com/prometheus/client_golang", []string{"server"}, "what happens is told by audit records and one hook of web; who records need not know of metrics"},
	{"github.com/chromedp", []string{"server/chromium"}, "what a page must show is said in our words, and one place knows how a browser is driven"},
	{"code.dny.dev/ssrf", []string{"outbound"}, "one client knows where requests must not go"},
	{module + "/notify/gatewaytest", []string{"demo", "server/servertest"}, "a gateway played by ourselves belongs to tests and to `soglia dev`, never to a server that people rely on"},
	{"net/http", []string{"web", "federation", "stepup", "outbound", "notify", "notify/gatewaytest", "step", "op", "login", "account", "people", "server", "demo", "server/servertest", "cmd/soglia"}, "rules are asked by handlers and never see a request; the others ask or are asked by HTTP themselves"},
}

type pkg struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func TestImportsGoDownOnly(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		floor, known := floors[name]
		if !known {
			t.Errorf("%s stands on no floor: give it one in this test and in ARCHITECTURE.md", name)
			continue
		}
		for _, imported := range p.Imports {
			below, ours := strings.CutPrefix(imported, module+"/")
			if ours && floors[below] >= floor {
				t.Errorf("%s (floor %d) imports %s (floor %d): imports go down only, or the house cannot be read from below", name, floor, below, floors[below])
			}
		}
	}
}

func TestLibrariesStayBehindTheirDoors(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		for _, rule := range only {
			for _, imported := range p.Imports {
				if (imported == rule.library || strings.HasPrefix(imported, rule.library+"/")) && !slices.Contains(rule.by, name) {
					t.Errorf("%s imports %s, which only %v may: %s", name, imported, rule.by, rule.because)
				}
			}
		}
	}
}

// The walk holds the server against a book of its own. One that borrowed the server's judgement would agree with it.
func TestTheWalkKeepsItsOwnBook(t *testing.T) {
	allowed := []string{"config", "server", "server/servertest"}
	for _, p := range packages(t) {
		if p.ImportPath != module+"/server/walk" {
			continue
		}
		for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if ours, ok := strings.CutPrefix(imported, module+"/"); ok && !slices.Contains(allowed, ours) {
				t.Errorf("server/walk imports %s: its book comes from what people did, not from what the server thinks of it", ours)
			}
		}
	}
}

// The certification plans meet the program from outside. A test that imported its packages would agree with its mistakes.
func TestTheCertificationListIsABlackBox(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath != module+"/server/certification" {
			continue
		}
		for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if strings.HasPrefix(imported, module+"/") {
				t.Errorf("server/certification imports %s: it knows the program by HTTPS and by its commands only", imported)
			}
		}
	}
}

// stepup is for panels: whoever imports it must not get a server with it.
func TestPanelsImportLittle(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", module+"/stepup").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for _, dep := range strings.Fields(string(out)) {
		ours := dep == module+"/stepup" || dep == module+"/jwks"
		if !ours && !strings.HasPrefix(dep, "github.com/go-jose/go-jose/v4") && !strings.HasPrefix(dep, "golang.org/x/oauth2") {
			t.Errorf("stepup brings %s into every panel", dep)
		}
	}
}

func TestTheDecisionKnowsNothingOfTheWorld(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath != module+"/acr" {
			continue
		}
		for _, imported := range p.Imports {
			if strings.Contains(imported, ".") || imported == "os" || imported == "net/http" || imported == "database/sql" {
				t.Errorf("acr imports %s: the decision is pure, or its table is no longer the policy", imported)
			}
		}
	}
}

// The map is only useful while it is true.
func TestFilesNamedInTheDocumentsExist(t *testing.T) {
	name := regexp.MustCompile("`([a-z]+(?:/[a-z_.]+)*\\.(?:go|html|yaml|md))`")
	for _, doc := range []string{"ARCHITECTURE.md", "SPECS.md", "README.md"} {
		text, err := os.ReadFile("../" + doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range name.FindAllStringSubmatch(string(text), -1) {
			file := m[1]
			if strings.HasSuffix(file, "/x.go") || strings.HasSuffix(file, "_x.go") { // stands for the one to be written
				continue
			}
			if _, err := os.Stat("../" + file); err != nil && strings.Contains(file, "/") {
				t.Errorf("%s names %s, which is not there", doc, file)
			}
		}
	}
}
