package config

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/panels"
)

// withPreset is a file with one client, which is home.
func withPreset(client string) string {
	return small + "scopes: {billing: {acr: mfa, title: {it: B, en: B}}}\nhome: a\nclients:\n  - {id: a, initiate_login_uri: \"https://a.example.it/\", " + client + "}\n"
}

func TestAPresetFillsWhatTheClientLeavesOutAndNothingElse(t *testing.T) {
	const secret = `secret: "${env:CLIENT_SECRET}", `
	fields := func(c *Client) string {
		return fmt.Sprintln(c.PKCEOptional, c.AuthMethods, c.RedirectURIs, c.PostLogoutRedirectURIs, c.Scopes, c.ResponseModes, c.OnUnmet, c.BackchannelLogoutURI)
	}
	for name, c := range map[string]struct{ client, want string }{
		"roundcube": {secret + `preset: roundcube, base_url: "https://mail.example.it"`,
			"true [client_secret_post] [https://mail.example.it/index.php/login/oauth] [] [openid profile email offline_access] []"},
		"below a path": {secret + `preset: roundcube, base_url: "https://example.it/webmail/"`,
			"true [client_secret_post] [https://example.it/webmail/index.php/login/oauth] [] [openid profile email offline_access] []"},
		"what is written wins": {secret + `preset: roundcube, base_url: "https://mail.example.it", pkce: required, redirect_uris: ["https://mail.example.it/other"], scopes: [openid]`,
			"false [client_secret_post] [https://mail.example.it/other] [] [openid] []"},
		"addresses written, no base_url": {secret + `preset: apache, redirect_uris: ["https://w.example.it/x"]`,
			"false [client_secret_basic] [https://w.example.it/x] [] [openid profile email] [form_post] step_up"},
		"keys instead of a secret": {`preset: apache, base_url: "https://w.example.it", jwks_uri: "https://w.example.it/jwks"`,
			"false [private_key_jwt] [https://w.example.it/oidc/cb] [https://w.example.it/bye] [openid profile email] [form_post] step_up https://w.example.it/oidc/cb?logout=backchannel"},
		"public instead of a secret": {`preset: roundcube, base_url: "https://mail.example.it", public: true`,
			"false [none] [https://mail.example.it/index.php/login/oauth] [] [openid profile email offline_access] []"},
		"the other way": {secret + `preset: roundcube, base_url: "https://mail.example.it", auth_method: client_secret_basic`,
			"true [client_secret_basic] [https://mail.example.it/index.php/login/oauth] [] [openid profile email offline_access] []"},
		"none": {secret + `redirect_uris: ["https://w.example.it/x"]`,
			"false [client_secret_basic client_secret_post] [https://w.example.it/x] [] [openid] []"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := parse(t, withPreset(c.client), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimSpace(fields(cfg.Client("a"))); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAPresetThatCannotWorkIsToldWithItsPlaceAndOnce(t *testing.T) {
	const secret = `secret: "${env:CLIENT_SECRET}", `
	for client, want := range map[string]string{
		secret + `preset: roundcub, base_url: "https://mail.example.it"`:             `preset cannot be "roundcub"`,
		secret + `preset: general, base_url: "https://mail.example.it"`:              `preset cannot be "general"`,
		secret + `preset: roundcube`:                                                 `client "a" needs a base_url`,
		secret + `base_url: "https://mail.example.it"`:                               `has a base_url and no preset`,
		secret + `preset: roundcube, base_url: "https://mail.example.it/?a"`:         `has a query`,
		secret + `preset: roundcube, base_url: "http://mail.example.it"`:             `is plain http to another machine`,
		secret + `preset: roundcube, base_url: "mail.example.it"`:                    `is relative`,
		secret + `preset: haproxy, base_url: "https://api.example.it"`:               `knows no addresses below a base_url`,
		secret + `preset: roundcube, base_url: "https://m.example.it\", pkce: none"`: `holds a character that no URI holds`,
		`preset: roundcube, base_url: "https://mail.example.it"`:                     `has no secret`,
	} {
		_, err := parse(t, withPreset(client), Options{})
		if got := heads(t, err); len(got) != 1 || !strings.Contains(got[0], want) || !strings.HasPrefix(got[0], "soglia.yaml:8:") {
			t.Errorf("%s: %q, want %q alone", client, got, want)
		}
	}
	_, err := parse(t, withPreset(secret+`preset: roundcub, base_url: "https://mail.example.it"`), Options{})
	if err == nil || !strings.Contains(err.Error(), `did you mean "roundcube"?`) {
		t.Errorf("%v", err)
	}
}

// A panel in a private network cannot be told unless the operator says so; that is no mistake of the preset's, and no silence either.
func TestAPresetsBackchannelIsLeftOutWhereItCannotBeReached(t *testing.T) {
	client := withPreset(`secret: "${env:CLIENT_SECRET}", preset: apache, base_url: "https://10.0.0.7"`)
	cfg, err := parse(t, client, Options{})
	if err != nil {
		t.Fatal(err)
	}
	said := fmt.Sprint(cfg.Warnings)
	if cfg.Client("a").BackchannelLogoutURI != "" || !strings.Contains(said, "will not be told when a stay ends") || !strings.Contains(said, "backchannel: {allow") {
		t.Errorf("%q, %s", cfg.Client("a").BackchannelLogoutURI, said)
	}
	cfg, err = parse(t, client+"backchannel: {allow: [10.0.0.0/8]}\n", Options{})
	if err != nil || cfg.Client("a").BackchannelLogoutURI != "https://10.0.0.7/oidc/cb?logout=backchannel" {
		t.Errorf("%v", err)
	}
}

// The files of all programs are read strictly: a key that this version does not have would panic at an operator's.
func TestEveryProgramsClientIsOneThatServes(t *testing.T) {
	for _, name := range panels.Names() {
		t.Run(name, func(t *testing.T) {
			p := panels.Lookup(name)
			f := presetClient(p, "https://app.example.it/x")
			for _, mine := range []any{f.Name, f.Preset, f.BaseURL, f.RequireAcr, f.Secret} {
				if !reflect.ValueOf(mine).IsZero() {
					t.Errorf("%v is the operator's to say", mine)
				}
			}
			if bare := presetClient(p, ""); strings.Contains(fmt.Sprint(bare), "{base}") || strings.Contains(fmt.Sprint(bare), "{origin}") {
				t.Errorf("without an address there is none: %+v", bare)
			}
			client := "preset: " + name
			if !f.Public {
				client += `, secret: "${env:CLIENT_SECRET}"`
			}
			if strings.Contains(p.Client, "{base}") {
				client += `, base_url: "https://app.example.it/x"`
			} else {
				client += `, redirect_uris: ["https://app.example.it/cb"]`
			}
			cfg, err := parse(t, withPreset(client), Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range cfg.Warnings {
				if strings.Contains(w.Message, `"a"`) {
					t.Error(w.String())
				}
			}
		})
	}
}
