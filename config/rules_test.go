package config

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/examples"
)

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90d": 90 * 24 * time.Hour, "12h": 12 * time.Hour, "10m": 10 * time.Minute, "60s": time.Minute, "1d12h": 36 * time.Hour, "0s": 0,
	} {
		if got, err := parseDuration(text); err != nil || got != want {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
	for _, text := range []string{"", "10", "m", "-1s", "1.5h", "1s1m", "1h1h", "1 h", "1ms", "1w", "999999999999999999999s", "106752d", "1H", "+1s", "١s"} {
		if got, err := parseDuration(text); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
	for want, d := range map[string]time.Duration{"90d": 90 * 24 * time.Hour, "90s": 90 * time.Second, "36h": 36 * time.Hour, "0s": 0} {
		if got := formatDuration(d); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestIssuers(t *testing.T) {
	for _, tt := range []struct {
		issuer   string
		ok, indv bool
	}{
		{"https://sso.example.it", true, true},
		{"https://sso.example.it:8443", true, true},
		{"http://sso.localhost:8480", false, true},
		{"http://127.0.0.1:8480", false, true},
		{"http://[::1]:8480", false, true},
		{"http://sso.example.it", false, false},
		{"http://localhost.example.it", false, false},
		{"https://sso.example.it/", false, false},
		{"https://sso.example.it/login", false, false},
		{"https://sso.example.it?a=b", false, false},
		{"https://sso.example.it?", false, false},
		{"https://sso.example.it#", false, false},
		{"https://a@sso.example.it", false, false},
		{"https://SSO.example.it", false, false},
		{"https://", false, false},
		{"sso.example.it", false, false},
		{"ftp://sso.example.it", false, false},
	} {
		if got := wrongIssuer(tt.issuer, false) == ""; got != tt.ok {
			t.Errorf("%s: right %v", tt.issuer, got)
		}
		if got := wrongIssuer(tt.issuer, true) == ""; got != tt.indv {
			t.Errorf("%s in dev: right %v", tt.issuer, got)
		}
	}
}

func TestContrastOfTheAccentIsMeasuredAsWCAGDoes(t *testing.T) {
	for colour, want := range map[string]float64{"#000000": 21, "#ffffff": 1, "#767676": 4.54, "#0b5fff": 5.13} {
		if got, ok := contrastWithWhite(colour); !ok || math.Abs(got-want) > 0.05 {
			t.Errorf("%s: %.2f, want %.2f", colour, got, want)
		}
	}
	for _, colour := range []string{"", "0b5fff", "#fff", "#0b5ffg", "#+b5fff", "blue"} {
		if _, ok := contrastWithWhite(colour); ok {
			t.Errorf("%q is taken for a colour", colour)
		}
	}
}

func TestLogosAreImagesOnly(t *testing.T) {
	good, _ := examples.Files.ReadFile("brand/logo.svg")
	if problem := wrongLogo(good); problem != "" {
		t.Errorf("the example %s", problem)
	}
	svg := func(inner string) string { return `<svg xmlns="http://www.w3.org/2000/svg">` + inner + `</svg>` }
	for _, text := range []string{
		"", "no image", "<html></html>", svg("<script>x()</script>"), svg(`<rect onclick="x()"/>`), svg("<foreignObject/>"),
		svg(`<a href="https://x.example"/>`), svg(`<use href="https://x.example/y.svg#z"/>`), svg(`<rect fill="url(https://x.example)"/>`),
		svg("<style>*{}</style>"), svg(`<rect style="fill:red"/>`), "<!DOCTYPE svg>" + svg(""), svg("<rect>"), svg(strings.Repeat(" ", largestLogo)),
	} {
		if wrongLogo([]byte(text)) == "" {
			t.Errorf("taken for a logo: %.60s", text)
		}
	}
}

func TestSuggestionsAreNearWordsOnly(t *testing.T) {
	words := []string{"issuer", "listen", "admin", "id", "name"}
	for written, want := range map[string]string{
		"isuer": "issuer", "issure": "issuer", "Issuer": "issuer", "lisen": "listen", "nmae": "name",
		"di": "id", "x": "", "providers": "", "": "", strings.Repeat("issuer", 100): "",
	} {
		if got := nearest(written, words); got != want {
			t.Errorf("%.20q: %q, want %q", written, got, want)
		}
	}
}

func TestALongLineIsCutAroundItsMistake(t *testing.T) {
	m := Mistake{File: "f", Line: 1, Col: 301, Message: "wrong", Text: strings.Repeat("a", 300) + "b" + strings.Repeat("c", 300)}
	lines := strings.Split(m.String(), "\n")
	if len([]rune(lines[1])) > 130 || []rune(lines[1])[strings.Index(lines[2], "^")] != 'b' {
		t.Errorf("%s", m)
	}
}

func TestEachTypeOfProviderHasItsOwnKeys(t *testing.T) {
	for text, want := range map[string]string{
		`{type: google, client_id: a, client_secret: "${env:CLIENT_SECRET}"}`:                                         "",
		`{type: google, client_id: a, client_secret: "${env:CLIENT_SECRET}", hd: example.it, private: true}`:          "",
		`{type: facebook, app_id: "1", app_secret: "${env:CLIENT_SECRET}", graph: v22.0}`:                             "",
		`{type: facebook, app_id: "1", app_secret: "${env:CLIENT_SECRET}"}`:                                           "",
		`{type: google, client_secret: "${env:CLIENT_SECRET}"}`:                                                       "providers.p.client_id is missing",
		`{type: facebook, app_secret: "${env:CLIENT_SECRET}"}`:                                                        "providers.p.app_id is missing",
		`{type: facebook, app_id: "1"}`:                                                                               "providers.p.app_secret is missing",
		`{type: google, client_id: a, client_secret: "${env:CLIENT_SECRET}", issuer: "https://accounts.google.com"}`:  "issuer is for providers of type oidc",
		`{type: google, client_id: a, client_secret: "${env:CLIENT_SECRET}", graph: v22.0}`:                           "graph is for providers of type facebook",
		`{type: facebook, app_id: "1", app_secret: "${env:CLIENT_SECRET}", hd: example.it}`:                           "hd is for providers of type google",
		`{type: facebook, app_id: "1", app_secret: "${env:CLIENT_SECRET}", graph: "22"}`:                              "graph \"22\" must be a version like v22.0",
		`{type: facebook, app_id: "1", app_secret: "${env:CLIENT_SECRET}", graph: "v22.0/../../x"}`:                   "graph \"v22.0/../../x\" must be a version like v22.0",
		`{type: google, client_id: a, client_secret: "${env:CLIENT_SECRET}", reauth: upstream}`:                       "providers of type google do not say when somebody signed in: reauth must be local",
		`{type: oidc, issuer: "https://x.example", client_id: a, client_secret: "${env:CLIENT_SECRET}", app_id: "1"}`: "app_id is for providers of type facebook",
	} {
		_, err := parse(t, small+"providers: {p: "+text+"}\n", Options{})
		switch got := heads(t, err); {
		case want == "" && len(got) > 0:
			t.Errorf("%s: %q", text, got)
		case want != "" && (len(got) != 1 || !strings.HasSuffix(got[0], want)):
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestTheZoneOfTimesIsRomeUnlessTheFileNamesAnother(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "Europe/Rome",
		"locales: {zone: America/Halifax}": "America/Halifax",
		"locales: {zone: Mars/Olympus}":    "",
		"locales: {zone: Local}":           "",
		"locales: {zone: ../../etc/hosts}": "",
	} {
		c, err := parse(t, small+text+"\n", Options{})
		if (err == nil) != (want != "") || err == nil && c.Locales.Zone != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}
