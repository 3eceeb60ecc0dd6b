package config

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/examples"
)

// hostingFiles are the example's files and the secrets it points to.
func hostingFiles(t testing.TB) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range []string{"brand/logo.svg", "clients.d/domains.yaml"} {
		data, err := examples.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	for _, name := range []string{"partner", "dns", "webmail", "clients.d/domini", "google", "fb", "sms.key", "sms.token", "sms.receipts", "twilio", "wa.token", "wa.secret", "wa.verify"} {
		files[name] = &fstest.MapFile{Data: []byte(random + "\n")}
	}
	files["hook.key"] = &fstest.MapFile{Data: []byte("whsec_c29nbGlhLWZha2UtZ2F0ZXdheS1rZXktMzItYnl0ZXM=\n")}
	files["master.key"] = &fstest.MapFile{Data: []byte(key + "\n")}
	return files
}

// The promise of the file: each thing that this version lacks is refused where it stands, and nothing else is wrong.
func TestHostingExampleIsRefusedForWhatThisVersionLacksAndNothingElse(t *testing.T) {
	_, err := parse(t, string(examples.Hosting), Options{Files: hostingFiles(t), Name: "hosting.yaml"})
	var e *Errors
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, m := range e.List {
		name, ok := strings.CutSuffix(m.Message, "` is not available in this version")
		if !ok || !strings.HasPrefix(name, "`") {
			t.Errorf("%s", m)
		}
		count[strings.TrimPrefix(name, "`")]++
	}
	want := map[string]int{
		"delegation": 2, "passkey": 2,
		"phr": 2, "privacy": 1, "telephone_pin": 1,
	}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// README called the file a whole provider, and check answered with 28 mistakes.
func TestQ35TheReadmeNamesWhatIsNotBuilt(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, status, _ := strings.Cut(string(readme), "### What is not built yet")
	status, _, found := strings.Cut(status, "\n## ")
	if !found {
		t.Fatal("README has no list of what is not built")
	}
	for _, a := range notYet {
		if !strings.Contains(status, "`"+a.name+"`") {
			t.Errorf("README does not say that %s is not built", a.name)
		}
	}
	for _, named := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(status, -1) {
		if !slices.ContainsFunc(notYet, func(a absent) bool { return a.name == named[1] }) {
			t.Errorf("README says that %s is not built, and it is", named[1])
		}
	}
}

func TestSwitchedOffPartsAreNamedAndTheRestIsInForce(t *testing.T) {
	c, err := parse(t, string(examples.Hosting), Options{Files: hostingFiles(t), SwitchOff: true})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"passkey", "phr", "delegation",
		"telephone_pin", "privacy",
	}
	if diff := cmp.Diff(want, c.SwitchedOff); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	levels := []acr.Level{
		{Name: "sfa"},
		{Name: "mfa", Aliases: []string{"https://refeds.org/profile/mfa"}, Kind: acr.SecondFactor, Second: []acr.Method{acr.TOTP, acr.SMS, acr.WhatsApp, acr.Email, acr.Recovery}},
	}
	if diff := cmp.Diff(levels, c.Policy.Levels); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := sortedKeys(c.Clients); !slices.Equal(got, []string{"area-clienti", "dns-panel", "domini", "webmail"}) {
		t.Errorf("clients %v", got)
	}
	if got := c.Client("domini").OnUnmetByScope; got["authcode"] != acr.Offer || got["transfers"] != acr.StepUp {
		t.Errorf("on_unmet %v", got)
	}
	if len(c.Providers) != 3 || len(c.Policy.Providers[c.Providers[2].Name].TrustAcr) != 0 {
		t.Errorf("providers %v", c.Providers)
	}
}

// soglia dev shows the policy of the example: replacing addresses, gateways, providers and clients must not touch it.
func TestAnOverlayLeavesThePolicyOfTheExampleAlone(t *testing.T) {
	whole, err := parse(t, string(examples.Hosting), Options{Files: hostingFiles(t), SwitchOff: true})
	if err != nil {
		t.Fatal(err)
	}
	dev, err := Parse(examples.Hosting, Options{Drivers: drivers, Dev: true, SwitchOff: true, Files: examples.Files, Overlay: func(f *File) {
		f.Issuer, f.Listen, f.Admin = "http://sso.localhost:8480", "127.0.0.1:8480", ""
		f.Storage.URL, f.Secrets.MasterKey = "sqlite::memory:", key
		f.Channels = FileChannels{Email: &FileGateway{Driver: "outbox"}, SMS: []FileGateway{{Driver: "outbox", Name: "sms"}}, WhatsApp: &FileGateway{Driver: "outbox", Name: "whatsapp"}}
		f.Providers = map[string]FileProvider{"social": {Type: "oidc", Issuer: "http://social.localhost:8482", ClientID: "sso", ClientSecret: random}}
		f.Clients = []FileClient{{ID: "panel", Secret: ClientSecrets{{Secret: random}}, RedirectURIs: []string{"http://panel.localhost:8481/cb"}, InitiateLoginURI: "http://panel.localhost:8481/login", Scopes: []string{"openid", "dns"}}}
		f.Home = "panel"
	}})
	if err != nil {
		t.Fatal(err)
	}
	policy := func(c *Config) any {
		p := *c.Policy
		p.Providers = nil
		return []any{p, c.Scopes, c.Factors, c.Password, c.Contacts, c.Sessions, c.Lifetimes, c.Limits, c.Signing, c.Identifiers, c.Locales, c.Branding}
	}
	if diff := cmp.Diff(policy(whole), policy(dev)); diff != "" {
		t.Errorf("(-file +dev):\n%s", diff)
	}
}

// Every line of the table is exercised by a file that says just that.
func TestEachAbsentThingIsRefusedByName(t *testing.T) {
	yaml := map[string]string{
		"factors.passkey":         "factors: {totp: {}, passkey: {}}",
		"acr[].second[]":          "acr: [{name: sfa}, {name: mfa, second: [totp, %s]}]",
		"acr[]/name":              "acr: [{name: sfa}, {name: mfa, second: [totp]}, {name: %s}]",
		"acr[]/kind":              "acr: [{name: sfa}, {name: mfa, second: [totp]}, {name: x, kind: %s}]",
		"providers.*.trust_acr.*": "providers: {p: {type: oidc, issuer: \"https://p.example\", client_id: a, client_secret: \"${env:CLIENT_SECRET}\", trust_acr: {a: %s}}}",
		"delegation":              "delegation: {}",
		"telephone_pin":           "telephone_pin: {}",
		"privacy":                 "privacy: {}",
		"clients[].delegation":    "home: a\nclients: [{id: a, public: true, redirect_uris: [\"https://x.example\"], initiate_login_uri: \"https://x.example\", delegation: true}]",
	}
	for _, a := range notYet {
		t.Run(a.path+a.is, func(t *testing.T) {
			path := a.path
			if a.key != "" {
				path += "/" + a.key
			}
			text, ok := yaml[path]
			if !ok {
				text, ok = yaml[strings.Replace(path, a.name, "%s", 1)]
			}
			if !ok {
				t.Fatalf("no file for %s", path)
			}
			if strings.Contains(text, "%s") {
				word := a.is
				if word == "" {
					word = a.name
				}
				text = fmt.Sprintf(text, word)
			}
			_, err := parse(t, small+text+"\n", Options{})
			want := "`" + a.name + "` is not available in this version"
			got := heads(t, err)
			if len(got) != 1 || !strings.HasSuffix(got[0], want) {
				t.Errorf("%q, want %s alone", got, want)
			}
			c, err := parse(t, small+text+"\n", Options{SwitchOff: true, Dev: true})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(c.SwitchedOff, []string{a.name}) {
				t.Errorf("switched off %v", c.SwitchedOff)
			}
		})
	}
}

func TestAFloorThatThisVersionLacksIsNeverLowered(t *testing.T) {
	_, err := parse(t, small+`
acr: [{name: sfa}, {name: mfa, second: [totp]}, {name: phr}]
home: a
clients: [{id: a, public: true, redirect_uris: ["https://x.example"], initiate_login_uri: "https://x.example", require_acr: phr}]
`, Options{SwitchOff: true})
	if got := heads(t, err); len(got) != 1 || !strings.HasSuffix(got[0], "level `phr` is not available in this version") {
		t.Errorf("%q", got)
	}
}
