package config

import (
	"slices"
	"strings"
	"testing"
)

func TestQ45FlooredScopesWithoutRequireAcrAreWarnedOf(t *testing.T) {
	const scopes = `scopes: {billing: {acr: mfa, title: {it: B}}, dns: {acr: mfa, title: {it: D}}, news: {acr: sfa, title: {it: N}}, plain: {}}
branding: {support: {phone: "+39 0000 000000"}}
channels: {email: {url: "smtp://127.0.0.1:25", from: "a@b.example"}}
home: a
clients:
- {id: a, secret: "${env:CLIENT_SECRET}", redirect_uris: ["https://a.example/cb"], initiate_login_uri: "https://a.example/", `
	for client, want := range map[string]string{
		`scopes: [openid, billing]}`:                            `client "a" has a scope with a floor, billing, and no require_acr`,
		`scopes: [openid, billing, dns], on_unmet: drop}`:       `client "a" has scopes with floors, billing dns, and no require_acr`,
		`scopes: [openid, billing], require_acr: sfa}`:          `and require_acr: sfa`,
		`scopes: [openid, billing], default_acr_values: [mfa]}`: `and no require_acr`,
		`scopes: [openid, billing], require_acr: mfa}`:          "",

		`scopes: [openid, billing], require_scopes: [billing]}`:                               "",
		`scopes: [openid, billing, dns], require_scopes: [dns]}`:                              "", // who has dns has mfa, and so what billing asks for
		`scopes: [openid, billing, news], require_scopes: [news]}`:                            `billing, and no require_acr and require_scopes: [news], which asks for less`,
		`scopes: [openid, billing, news], require_scopes: [news], require_acr: mfa}`:          "",
		`scopes: [openid, news], require_scopes: [news]}`:                                     "",
		`scopes: [openid, plain], require_scopes: [plain]}`:                                   `client "a" requires "plain", which has no floor`,
		`scopes: [openid, plain], require_scopes: [plain], consent: first}`:                   "", // the person may say no
		`scopes: [openid, email], require_scopes: [openid]}`:                                  `client "a" requires "openid", which has no floor`,
		`scopes: [openid, billing], require_scopes: [billing], on_unmet: drop}`:               "",
		`scopes: [openid, billing], require_scopes: [billing], on_unmet: {billing: step_up}}`: "",
		`scopes: [openid, news, plain]}`:                                                      "",
		`scopes: [billing], grants: [client_credentials]}`:                                    "", // nobody signs in there
		`scopes: [openid]}`: "",
		`}`:                 "",
	} {
		c, err := parse(t, small+scopes+client+"\n", Options{})
		if err != nil {
			t.Fatalf("%s: %v", client, err)
		}
		switch {
		case want == "" && len(c.Warnings) > 0:
			t.Errorf("%s: %v", client, c.Warnings)
		case want == "":
		case len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0].Message, want) || !strings.HasPrefix(c.Warnings[0].String(), "warning: soglia.yaml:10:"):
			t.Errorf("%s: %v, want %q", client, c.Warnings, want)
		case strings.Contains(c.Warnings[0].String(), random):
			t.Errorf("it prints a secret: %v", c.Warnings)
		}
	}
	for client, want := range map[string]string{
		`scopes: [openid, billing], require_scopes: [dns]}`:                                   `may not ask for: "dns"`,
		`scopes: [openid, billing], require_scopes: [biling]}`:                                `did you mean "billing"?`,
		`scopes: [openid, billing], require_scopes: [billing, billing]}`:                      "is in the list twice",
		`scopes: [openid, offline_access], require_scopes: [offline_access]}`:                 "nothing that protects a panel",
		`scopes: [openid, billing], require_scopes: [billing], on_unmet: {billing: drop}}`:    `requires "billing", so on_unmet cannot be "drop"`,
		`scopes: [openid, billing], require_scopes: [billing], on_unmet: {billing: offer}}`:   `requires "billing", so on_unmet cannot be "offer"`,
		`scopes: [openid, billing], require_scopes: [billing], grants: [client_credentials]}`: "nobody signs in there",
	} {
		_, err := parse(t, small+scopes+client+"\n", Options{})
		if err == nil || !strings.Contains(err.Error(), want) || len(err.(*Errors).List) != 1 {
			t.Errorf("%s: %v, want one mistake, %q", client, err, want)
		}
	}
}

// The page said that support answers, and had neither a number nor an address.
func TestQ39AnEmptySupportIsWarnedOf(t *testing.T) {
	for text, warned := range map[string]bool{
		"":                      true,
		"branding: {name: X}\n": true,
		"branding: {support: {phone: \"+39 0000 000000\"}}\n":             false,
		"branding: {support: {url: {it: \"https://www.example.it/\"}}}\n": false,
	} {
		c, err := parse(t, small+text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(c.Warnings) == 1 && strings.Contains(c.Warnings[0].Message, "branding.support"); got != warned {
			t.Errorf("%q: %v", text, c.Warnings)
		}
	}
}

// A gateway was set up by the book, checked, and no code ever went by it: the book did not say what else to write.
func TestAGatewayThatNoCodeGoesByIsWarnedOf(t *testing.T) {
	const gateways = "channels: {email: {driver: outbox}, sms: [{driver: outbox, name: texts}]}\n"
	for text, warned := range map[string]bool{
		gateways:                           true,
		gateways + "factors: {totp: {}}\n": true,
		gateways + "factors: {codes: {channels: [email]}}\n":         true,
		gateways + "factors: {codes: {channels: [email, sms]}}\n":    false,
		"channels: {email: {driver: outbox}}\nfactors: {totp: {}}\n": false,
	} {
		c, err := parse(t, small+text, Options{Dev: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.ContainsFunc(c.Warnings, func(m Mistake) bool { return strings.Contains(m.Message, "no code goes by sms") }); got != warned {
			t.Errorf("%q: %v", text, c.Warnings)
		}
	}
}

// What old programs need is weaker for everybody: who writes it is told so, once, in a sentence.
func TestWhatOldProgramsNeedIsWarnedOf(t *testing.T) {
	const client = `branding: {support: {phone: "+39 0000 000000"}}
home: a
clients:
- {id: a, secret: "${env:CLIENT_SECRET}", redirect_uris: ["https://a.example/cb"], initiate_login_uri: "https://a.example/"`
	for option, want := range map[string]string{
		`, omit_iss: true}`:                           `client "a" has omit_iss`,
		`, omit_iss: false}`:                          "",
		`, access_token_typ: JWT}`:                    `client "a" has access_token_typ: JWT`,
		`, access_token_typ: JWT, access_token: jwt}`: `client "a" has access_token_typ: JWT`,
		`, access_token_typ: at+jwt}`:                 "",
		`}`:                                           "",
	} {
		c, err := parse(t, small+client+option+"\n", Options{})
		if err != nil {
			t.Fatalf("%s: %v", option, err)
		}
		switch {
		case want == "" && len(c.Warnings) > 0:
			t.Errorf("%s: %v", option, c.Warnings)
		case want == "":
		case len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0].Message, want) || c.Warnings[0].Hint == "":
			t.Errorf("%s: %v, want %q", option, c.Warnings, want)
		}
	}
	_, err := parse(t, small+client+", access_token_typ: JWT, access_token: opaque}\n", Options{})
	if err == nil || !strings.Contains(err.Error(), `client "a" has access_token: opaque, which has no typ`) {
		t.Error(err)
	}
}
