package config

import (
	"strings"
	"testing"
)

// Scopes and levels travel in space-delimited lists: a name that is empty or has white space in it could never be asked for,
// and an item of a YAML list is one name, never several.
func TestFault16NamesInListsHoldNoWhiteSpace(t *testing.T) {
	client := func(key string) string {
		return small + `home: p
clients: [{id: p, name: P, secret: "${env:CLIENT_SECRET}", redirect_uris: ["https://p.example.it/cb"], initiate_login_uri: "https://p.example.it/", ` + key + `}]
`
	}
	if _, err := parse(t, client("scopes: [openid, email], default_acr_values: [sfa, mfa]"), Options{}); err != nil {
		t.Fatalf("a good one: %v", err)
	}
	if _, err := parse(t, small+"factors: {totp: {issuer: A}}\nacr: [{name: sfa}, {name: mfa, aliases: [twice], second: [totp]}]\n", Options{}); err != nil {
		t.Fatalf("good levels: %v", err)
	}
	for _, space := range []string{" ", "  ", `\t`, `\u00a0`, `\u2028`, ""} {
		pair := `"openid` + space + `email"`
		if space == "" {
			pair = `""`
		}
		for what, text := range map[string]string{
			"scopes of a client": client("scopes: [openid, " + pair + "]"),
			"default_acr_values": client("default_acr_values: [" + strings.ReplaceAll(strings.ReplaceAll(pair, "openid", "sfa"), "email", "mfa") + "]"),
			"grants":             client("grants: [authorization_code, " + pair + "]"),
			"a scope's name":     small + "scopes: {" + pair + ": {acr: mfa, title: {it: A, en: A}}}\n",
			"a level's name":     small + "factors: {totp: {issuer: A}}\nacr: [{name: sfa}, {name: " + pair + ", second: [totp]}]\n",
			"an alias":           small + "factors: {totp: {issuer: A}}\nacr: [{name: sfa}, {name: mfa, aliases: [" + pair + "], second: [totp]}]\n",
		} {
			if _, err := parse(t, text, Options{}); err == nil {
				t.Errorf("%s: %s is taken", what, pair)
			} else if strings.Contains(err.Error(), "unknown key") {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
}
