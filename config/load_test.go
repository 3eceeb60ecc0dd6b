package config

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/examples"
	"github.com/soglia-sso/soglia/templates"
)

var update = flag.Bool("update", false, "write golden and generated files")

const (
	key    = "Xq3vR8sLw1Zb7Yt0Kd5Jm9Pc2Nf6Ha4G"
	random = "sog_cs_Vb3kQ9xT2mW7rL5yH8dN1c"
)

// environment is the one of every test here.
func environment(name string) (string, bool) {
	value, ok := map[string]string{
		"MASTER_KEY": key, "CLIENT_SECRET": random, "OTHER_SECRET": random, "TWILIO_SID": "AC0123456789abcdef0123456789abcdef",
		"SMTP_URL":            "smtp://mailer:hunter2hunter2@mail.example.it:587",
		"SOGLIA_DATABASE_URL": "postgres://soglia:hunter2hunter2@db.example.it/soglia",
	}[name]
	return value, ok
}

// small is a correct file with a place for more.
const small = `version: 1
issuer: https://sso.example.it
storage: {url: "sqlite:soglia.db"}
secrets: {master_key: "${env:MASTER_KEY}"}
`

func parse(t *testing.T, text string, o Options) (*Config, error) {
	t.Helper()
	o.Env, o.Drivers = environment, drivers
	return Parse([]byte(text), o)
}

func TestLeftOutKeysGetTheDefaultsOfTheManual(t *testing.T) {
	c, err := parse(t, small, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name      string
		got, want any
	}{
		{"listen", c.Listen, "127.0.0.1:8480"},
		{"sessions", c.Sessions, Sessions{Idle: time.Hour, Absolute: 12 * time.Hour}},
		{"signing", c.Signing, Signing{"ES256", "RS256", 90 * 24 * time.Hour, 24 * time.Hour}},
		{"contacts", c.Contacts, Contacts{24 * time.Hour, 72 * time.Hour}},
		{"lifetimes", c.Lifetimes, Lifetimes{30 * time.Minute, 30 * time.Minute, time.Minute, 10 * time.Minute, 10 * time.Minute, 14 * 24 * time.Hour, 90 * 24 * time.Hour, 30 * time.Minute, 72 * time.Hour}},
		{"refresh", c.Refresh, Refresh{Leeway: 10 * time.Second}},
		{"limits", c.Limits, Limits{5, 30, 10 * time.Minute, 15 * time.Minute, 10, time.Hour, 15 * time.Minute, 100, 20, 1000, 100000, 20, 5, c.Limits.Toll}},
		{"password", c.Password, Password{12, 19456, 2}},
		{"identifiers", c.Identifiers, []string{"username", "email"}},
		{"levels", c.Policy.Levels, []acr.Level{{Name: "sfa"}, {Name: "mfa", Kind: acr.SecondFactor, Second: []acr.Method{acr.TOTP, acr.Recovery}}}},
		{"every sign-in", c.Policy.EverySignIn, true},
		{"independent", c.Policy.IndependentPreferred, false},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestLifetimesAndLimitsGoDownToOneSecond(t *testing.T) {
	c, err := parse(t, small+`
sessions: {idle: 1s, absolute: 1s}
contacts: {cooling: 1s}
signing: {rotate_every: 2s, publish_before: 1s}
factors: {totp: {}, codes: {channels: [email], ttl: 1s, resend_after: 1s}}
channels: {email: {url: "smtp://mail.example.it", from: a@example.it}}
lifetimes: {request: 1s, quarantine: 1s, code: 1s, access_token: 1s, id_token: 1s, refresh_idle: 1s, refresh_absolute: 1s}
limits: {per_ip_window: 1s, delay_max: 1s, factor_window: 1s, factor_pause: 1s, factor_disable: 1}
`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c.Lifetimes.Code != time.Second || c.Limits.FactorPause != time.Second || c.Policy.Cooling != time.Second {
		t.Error("a second is not a second")
	}
}

// Q43: whose refresh tokens are replaced, and how long the last one may be repeated. No leeway is not the default one.
func TestQ43RefreshTokensAreReplacedAsWritten(t *testing.T) {
	for text, want := range map[string]Refresh{
		"":                          {Leeway: 10 * time.Second},
		"refresh: {leeway: 0s}":     {},
		"refresh: {leeway: 60s}":    {Leeway: time.Minute},
		"refresh: {rotate: always}": {Always: true, Leeway: 10 * time.Second},
		"refresh: {rotate: public}": {Leeway: 10 * time.Second},
	} {
		c, err := parse(t, small+text+"\n", Options{})
		if err != nil {
			t.Fatal(err)
		}
		if c.Refresh != want {
			t.Errorf("%s: %+v", text, c.Refresh)
		}
		for _, client := range []struct {
			Client
			replaced bool
		}{{Client{}, want.Always}, {Client{Public: true}, true}, {Client{Native: true}, true}} {
			if c.Refresh.Rotates(&client.Client) != client.replaced {
				t.Errorf("%s: %+v", text, client)
			}
		}
	}
	for _, text := range []string{"refresh: {leeway: 61s}", "refresh: {leeway: 10}", "refresh: {leeway: off}", "refresh: {rotate: never}"} {
		if _, err := parse(t, small+text+"\n", Options{}); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}

func TestMinimalExampleIsAllThatAnInstallationNeeds(t *testing.T) {
	text, _ := examples.Files.ReadFile("minimal.yaml")
	c, err := parse(t, string(text), Options{Files: fstest.MapFS{
		"master.key":          {Data: []byte(key + "\n")},
		"area-clienti.secret": {Data: []byte(random + "\n")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if string(c.MasterKey) != key {
		t.Error("the newline at the end of a secret file is no part of the secret")
	}
	if len(c.Client("area-clienti").AuthMethods) != 2 || len(c.Client("area-clienti").SecretHashes) != 1 {
		t.Error("the client has no usable secret")
	}
}

// docs/certification.md: what the plans of the conformance suite need of their clients.
func TestQ53TheCertificationExampleLoads(t *testing.T) {
	text, _ := examples.Files.ReadFile("certification.yaml")
	c, err := parse(t, string(text), Options{Files: fstest.MapFS{
		"master.key": {Data: []byte(key + "\n")}, "certification.secret": {Data: []byte(random + "\n")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"first", "second", "posts", "form-post"} {
		client := c.Client(id)
		if client == nil || !client.PKCEOptional || len(client.SecretHashes) != 1 || !client.Offline() {
			t.Fatalf("%s: %+v", id, client)
		}
		for scope := range StandardClaims {
			if !slices.Contains(client.Scopes, scope) {
				t.Errorf("%s may not ask for %s", id, scope)
			}
		}
	}
	if modes := c.Client("form-post").ResponseModes; !slices.Equal(modes, []string{"form_post"}) {
		t.Errorf("form-post is answered by %v", modes)
	}
	if by := c.Client("posts").AuthMethods; !slices.Equal(by, []string{"client_secret_post"}) {
		t.Errorf("posts authenticates by %v", by)
	}
}

func TestQ52TheManualSaysThatHomeIsNeeded(t *testing.T) {
	manual, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(manual), "| `home` |")
	if at < 0 || !strings.Contains(strings.SplitN(string(manual)[at:], "\n", 2)[0], "as soon as there is a client") {
		t.Error("home is mandatory once there is a client, and the manual does not say so")
	}
	if _, err := parse(t, strings.Replace(clientWith(false, "initiate_login_uri", "https://p.example.it/login"), "home: app\n", "", 1), Options{}); err == nil || !strings.Contains(err.Error(), "home is missing") {
		t.Errorf("a client without home: %v", err)
	}
}

func TestQ50ClaimsOfScopesAreChecked(t *testing.T) {
	for claims, want := range map[string]string{
		"[customer_number, plan, groups]":    "",
		"[groups, roles]":                    "",
		"[Groups]":                           "some programs take it for \"groups\"",
		"[ROLES]":                            "some programs take it for \"roles\"",
		"[\"https://claims.example/quota\"]": "",
		"[email, name]":                      "",
		"[plan, plan]":                       "is in the list twice",
		"[sub]":                              "says something about a token",
		"[acr]":                              "says something about a token",
		"[\"urn:soglia:authn\"]":             "says something about a token",
		"[Sub]":                              "says something about a token",
		"[ACR]":                              "says something about a token",
		"[Email_Verified]":                   "some programs take it for \"email_verified\"",
		"[Customer_number]":                  "some programs take it for \"customer_number\"",
		"[\"a b\"]":                          "must be at most 100 letters",
		"[\"a\\\"b\"]":                       "must be at most 100 letters",
	} {
		c, err := parse(t, small+"scopes: {hosting: {claims: "+claims+"}}\n", Options{})
		switch {
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", claims, err, want)
		case want == "" && err != nil:
			t.Errorf("%s: %v", claims, err)
		case want == "" && len(c.Opens("hosting")) == 0:
			t.Errorf("%s: opens nothing", claims)
		}
	}
	if _, err := parse(t, small+"scopes: {email: {claims: [email]}}\n", Options{}); err == nil || !strings.Contains(err.Error(), "opens \"email\" already") {
		t.Errorf("a claim of its own scope: %v", err)
	}
	c, err := parse(t, small+"scopes: {email: {claims: [plan]}, b: {claims: [plan, customer_number, name, groups, roles]}}\n", Options{})
	if err != nil || !slices.Equal(c.OwnClaims(), []string{"plan"}) || !slices.Equal(c.Opens("email"), []string{"email", "email_verified", "plan"}) {
		t.Errorf("%v: %v, %v", err, c.OwnClaims(), c.Opens("email"))
	}
}

func TestIncludedFilesAddClientsAndScopes(t *testing.T) {
	client := func(id string) string {
		return "clients: [{id: " + id + ", secret: \"${file:s}\", redirect_uris: [\"https://x.example/cb\"], initiate_login_uri: \"https://x.example/\", scopes: [openid, dns]}]\n"
	}
	files := fstest.MapFS{
		"clients.d/b.yaml": {Data: []byte(client("b") + "scopes: {dns: {acr: mfa, title: {it: DNS}}}\n")},
		"clients.d/a.yaml": {Data: []byte(client("a"))},
		"clients.d/s":      {Data: []byte(random)},
		"clients.d/notes":  {Data: []byte("no configuration")},
	}
	c, err := parse(t, small+"include: [clients.d/*.yaml]\nhome: a\n", Options{Files: files})
	if err != nil {
		t.Fatal(err)
	}
	if c.Client("a") == nil || c.Client("b") == nil || c.Scopes["dns"].Level != "mfa" {
		t.Errorf("clients %v, scopes %v", sortedKeys(c.Clients), sortedKeys(c.Scopes))
	}

	files["clients.d/c.yaml"] = &fstest.MapFile{Data: []byte(client("a") + "scopes: {dns: {}}\nissuer: https://evil.example\n")}
	_, err = parse(t, small+"include: [clients.d/*.yaml]\nhome: a\n", Options{Files: files})
	want := []string{
		`clients.d/c.yaml:1:16: client "a" is already defined at clients.d/a.yaml:1`,
		`clients.d/c.yaml:2:10: scope "dns" is already defined at clients.d/b.yaml:2`,
		`clients.d/c.yaml:3:1: unknown key "issuer"`,
	}
	if diff := cmp.Diff(want, heads(t, err)); diff != "" {
		t.Error(diff)
	}
}

// heads returns the first lines of the mistakes.
func heads(t testing.TB, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var e *Errors
	if !errors.As(err, &e) {
		t.Fatalf("no *Errors: %v", err)
	}
	var out []string
	for _, m := range e.List {
		head, _, _ := strings.Cut(m.String(), "\n")
		out = append(out, head)
	}
	return out
}

func TestMistakesAreToldAsInTheGoldenFiles(t *testing.T) {
	paths, err := filepath.Glob("testdata/mistakes/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal("no files", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse(data, Options{Drivers: drivers, Name: filepath.Base(path), Env: environment})
			if err == nil {
				t.Fatal("no mistake found")
			}
			golden := strings.TrimSuffix(path, ".yaml") + ".txt"
			got := err.Error() + "\n"
			// A language more is no reason to write these files anew.
			got = strings.ReplaceAll(got, "possible: "+strings.Join(slices.Sorted(slices.Values(templates.Languages())), ", "), "possible: LANGUAGES")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, _ := os.ReadFile(golden)
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if strings.Contains(got, "hunter2") || strings.Contains(got, random) {
				t.Error("a secret is shown")
			}
		})
	}
}

func TestFortyMistakesAreToldInOneRun(t *testing.T) {
	data, _ := os.ReadFile("testdata/mistakes/many.yaml")
	_, err := Parse(data, Options{Drivers: drivers, Env: environment})
	if n := len(heads(t, err)); n < 40 {
		t.Errorf("%d mistakes", n)
	}
}

func TestAMissingFileIsNoMistakeInTheFile(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "soglia.yaml"), Options{Drivers: drivers})
	if !errors.Is(err, fs.ErrNotExist) || IsMistakes(err) {
		t.Errorf("%v", err)
	}
}

func TestProvidersKeepTheirOrder(t *testing.T) {
	c, err := parse(t, small+`
providers:
  zeta:  {type: oidc, issuer: "https://z.example", client_id: a, client_secret: "${env:CLIENT_SECRET}", floor: "https://refeds.org/profile/mfa"}
  alpha: {type: oidc, name: Alpha, issuer: "https://a.example", client_id: a, client_secret: "${env:CLIENT_SECRET}", reauth: upstream, trust_acr: {high: mfa}}
acr: [{name: sfa}, {name: mfa, aliases: ["https://refeds.org/profile/mfa"], second: [totp]}]
`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c.Providers[0].Name != "zeta" || c.Providers[1].Title != "Alpha" {
		t.Errorf("%v", c.Providers)
	}
	want := map[string]acr.Provider{
		"zeta":  {Floor: "mfa", TrustAcr: map[string]string{}},
		"alpha": {ReauthUpstream: true, TrustAcr: map[string]string{"high": "mfa"}},
	}
	if diff := cmp.Diff(want, c.Policy.Providers); diff != "" {
		t.Error(diff)
	}
}

func TestTheClientsWordOnUnmetScopesIsStrongerThanTheScopes(t *testing.T) {
	scope := Scope{Name: "dns", OnUnmet: acr.Offer}
	for _, tt := range []struct {
		client Client
		scope  Scope
		want   acr.OnUnmet
	}{
		{Client{}, Scope{Name: "dns"}, acr.StepUp},
		{Client{}, scope, acr.Offer},
		{Client{OnUnmet: acr.Drop}, scope, acr.Drop},
		{Client{OnUnmet: acr.Drop, OnUnmetByScope: map[string]acr.OnUnmet{"dns": acr.StepUp}}, scope, acr.StepUp},
		{Client{OnUnmet: acr.Drop, OnUnmetByScope: map[string]acr.OnUnmet{"dns": acr.StepUp}}, Scope{Name: "mail"}, acr.Drop},
	} {
		if got := tt.client.Unmet(tt.scope); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// A language was a file and six places more.
func TestQ40WhatCanBeSaidOfALanguageFollowsTheFiles(t *testing.T) {
	for _, at := range []reflect.Type{reflect.TypeFor[FileLocales](), reflect.TypeFor[FileScope](), reflect.TypeFor[FileSupport]()} {
		for _, f := range fieldsOf(at) {
			list := append(f.choices, f.keys...)
			if slices.Contains(list, "it") && !slices.Equal(list, templates.Languages()) {
				t.Errorf("%s.%s takes %v, and there are texts in %v", at.Name(), f.key, list, templates.Languages())
			}
		}
	}
}
