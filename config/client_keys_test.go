package config

import (
	"slices"
	"strings"
	"testing"
)

const (
	ecKey  = `{kty: EC, crv: P-256, kid: a, x: f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU, y: x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0}` // RFC 7515 A.3.1
	okpKey = `{"kty":"OKP","crv":"Ed25519","kid":"b","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`                                     // RFC 8037 A.2
)

func TestClientsThatProveThemselvesByAKey(t *testing.T) {
	head := small + "home: panel\nclients:\n  - {id: panel, secret: \"${env:CLIENT_SECRET}\", redirect_uris: [\"https://a.example/cb\"], initiate_login_uri: \"https://a.example/\"}\n"
	for name, c := range map[string]struct{ client, want string }{
		"inline":              {`auth_method: private_key_jwt, jwks: {keys: [` + ecKey + `, ` + okpKey + `]}`, ""},
		"at an address":       {`auth_method: private_key_jwt, jwks_uri: "https://a.example/jwks"`, ""},
		"neither":             {`auth_method: private_key_jwt`, "needs jwks or jwks_uri"},
		"both":                {`auth_method: private_key_jwt, jwks_uri: "https://a.example/jwks", jwks: {keys: [` + ecKey + `]}`, "one of them must go"},
		"a secret too":        {`auth_method: private_key_jwt, secret: "${env:CLIENT_SECRET}", jwks: {keys: [` + ecKey + `]}`, "can have no secret"},
		"keys of a basic one": {`secret: "${env:CLIENT_SECRET}", jwks: {keys: [` + ecKey + `]}`, "one of them must go"},
		"http":                {`auth_method: private_key_jwt, jwks_uri: "http://a.example/jwks"`, "jwks_uri"},
		"private":             {`auth_method: private_key_jwt, jwks: {keys: [{kty: EC, crv: P-256, d: SECRETMEMBER, x: a, y: b}]}`, "holds a private key"},
		"symmetric":           {`auth_method: private_key_jwt, jwks: {keys: [{kty: oct, k: SECRETMEMBER}]}`, "holds a private key"},
		"empty":               {`auth_method: private_key_jwt, jwks: {keys: []}`, "JSON Web Key Set"},
		"no set":              {`auth_method: private_key_jwt, jwks: here`, "JSON Web Key Set"},
		"unreadable":          {`auth_method: private_key_jwt, jwks: {keys: [{kty: EC, crv: P-256, x: "!", y: "!"}]}`, "cannot be read: the 1. of the list"},
		"kid twice":           {`auth_method: private_key_jwt, jwks: {keys: [` + ecKey + `, ` + ecKey + `]}`, `kid "a" twice`},
		"short RSA":           {`auth_method: private_key_jwt, jwks: {keys: [{kty: RSA, e: AQAB, n: "` + strings.Repeat("u", 128) + `"}]}`, "at least 2048 bits"},
		"audience":            {`auth_method: private_key_jwt, assertion_audience: token_endpoint, jwks: {keys: [` + ecKey + `]}`, ""},
		"back end":            {`secret: "${env:CLIENT_SECRET}", grants: [client_credentials], redirect_uris: []`, ""},
		"public back end":     {`public: true, grants: [client_credentials]`, "no credentials for client_credentials"},
		"resource server":     {`secret: "${env:CLIENT_SECRET}", introspect: [panel]`, ""},
		"… of all":            {`secret: "${env:CLIENT_SECRET}", introspect: all`, ""},
		"… of a stranger":     {`secret: "${env:CLIENT_SECRET}", introspect: [pannel]`, `unknown client "pannel"`},
		"… by a word":         {`secret: "${env:CLIENT_SECRET}", introspect: everyone`, "introspect"},
		"public introspects":  {`public: true, introspect: all`, "may not look at tokens"},
		"asks":                {`secret: "${env:CLIENT_SECRET}", consent: first`, ""},
		"asks in vain":        {`secret: "${env:CLIENT_SECRET}", consent: sometimes`, "consent"},
	} {
		t.Run(name, func(t *testing.T) {
			client := c.client
			if !strings.Contains(client, "redirect_uris") {
				client += `, redirect_uris: ["https://b.example/cb"]`
			}
			cfg, err := parse(t, head+"  - {id: other, "+client+"}\n", Options{})
			switch {
			case c.want == "" && err != nil:
				t.Fatal(err)
			case c.want == "":
				got := cfg.Client("other")
				if slices.Contains(got.AuthMethods, "private_key_jwt") && len(got.JWKS) == 0 && got.JWKSURI == "" || got.Consent == "" {
					t.Errorf("%+v", got)
				}
			case err == nil || !strings.Contains(err.Error(), c.want):
				t.Errorf("%v, want %q", err, c.want)
			case strings.Contains(err.Error(), "SECRETMEMBER"):
				t.Errorf("it prints a key: %v", err)
			}
		})
	}
}
