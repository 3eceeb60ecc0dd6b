package config

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

func TestQ42HowAClientAuthenticates(t *testing.T) {
	const secret, keys = `secret: "${env:CLIENT_SECRET}", `, `jwks: {keys: [` + ecKey + `]}, `
	for name, c := range map[string]struct{ client, methods, mistake string }{
		"a secret":                 {secret, "[client_secret_basic client_secret_post]", ""},
		"keys":                     {keys, "[private_key_jwt]", ""},
		"keys at an address":       {`jwks_uri: "https://a.example/jwks", `, "[private_key_jwt]", ""},
		"public":                   {`public: true, `, "[none]", ""},
		"basic":                    {secret + `auth_method: client_secret_basic, `, "[client_secret_basic]", ""},
		"post":                     {secret + `auth_method: client_secret_post, `, "[client_secret_post]", ""},
		"both":                     {secret + `auth_method: [client_secret_post, client_secret_basic], `, "[client_secret_post client_secret_basic]", ""},
		"a list of one":            {keys + `auth_method: [private_key_jwt], `, "[private_key_jwt]", ""},
		"public, said":             {`public: true, auth_method: [none], `, "[none]", ""},
		"a secret and keys":        {secret + keys, "", "has a secret and keys: one of them must go"},
		"a secret, basic, keys":    {secret + keys + `auth_method: client_secret_basic, `, "", "can have no keys"},
		"basic or keys":            {secret + keys + `auth_method: [client_secret_basic, private_key_jwt], `, "", "private_key_jwt stands alone"},
		"basic or nothing":         {secret + `auth_method: [client_secret_basic, none], `, "", "none stands alone"},
		"keys or nothing":          {keys + `auth_method: [private_key_jwt, none], `, "", "none stands alone"},
		"public or a secret":       {`public: true, auth_method: [none, client_secret_post], `, "", "none stands alone"},
		"public by basic":          {`public: true, auth_method: client_secret_basic, `, "", "auth_method is none"},
		"none without public":      {secret + `auth_method: none, `, "", "needs public: true"},
		"twice":                    {secret + `auth_method: [client_secret_basic, client_secret_basic], `, "", "in the list twice"},
		"an empty list":            {secret + `auth_method: [], `, "", "auth_method"},
		"misspelt":                 {secret + `auth_method: client_secret_basics, `, "", "auth_method"},
		"misspelt in a list":       {secret + `auth_method: [client_secret_jwt], `, "", "auth_method"},
		"nothing":                  {``, "", "has no secret"},
		"keys promised, not given": {`auth_method: private_key_jwt, `, "", "needs jwks or jwks_uri"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := parse(t, small+"home: a\nclients:\n  - {id: a, "+c.client+"redirect_uris: [\"https://a.example/cb\"], initiate_login_uri: \"https://a.example/\"}\n", Options{})
			switch {
			case c.mistake == "" && err != nil:
				t.Fatal(err)
			case c.mistake == "":
				if got := fmt.Sprint(cfg.Client("a").AuthMethods); got != c.methods {
					t.Errorf("%s, want %s", got, c.methods)
				}
			case err == nil || !strings.Contains(err.Error(), c.mistake):
				t.Errorf("%v, want %q", err, c.mistake)
			case len(heads(t, err)) != 1:
				t.Errorf("one mistake is told as several:\n%v", err)
			}
		})
	}
}

// The right secret always opens, however often others guessed. So it must be one that nobody guesses: 128 bits, counted
// by the characters it is made of.
func TestQ42SecretsBelow128BitsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		secret string
		good   bool
	}{
		"32 hexadecimal digits":       {"9f86d081884c7d659a2feaa0c55ad015", true},
		"31 hexadecimal digits":       {"9f86d081884c7d659a2feaa0c55ad01", false},
		"22 hexadecimal digits":       {"9f86d081884c7d659a2fea", false},
		"39 digits":                   {"314159265358979323846264338327950288419", true},
		"38 digits":                   {"31415926535897932384626433832795028841", false},
		"28 small letters":            {"qzjwkxvbpygfmhtrdnlcusoaiexq", true},
		"27 small letters":            {"qzjwkxvbpygfmhtrdnlcusoaiex", false},
		"25 small letters and digits": {"k3x9q7w2m5z8v4b6n1j0p3r7t", true},
		"24 small letters and digits": {"k3x9q7w2m5z8v4b6n1j0p3r7", false},
		"22 of all kinds":             {"Vb3kQ9xT2mW7rL5yH8dN1c", true},
		"21 of all kinds":             {"Vb3kQ9xT2mW7rL5yH8dN1", false},
		"a UUID":                      {"3f2504e0-4f89-41d3-9a0c-0305e82c3301", true},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(t, small+"home: a\nclients:\n- {id: a, redirect_uris: [\"https://x.example\"], initiate_login_uri: \"https://x.example\", secret: \"${file:s}\"}\n",
				Options{Files: fstest.MapFS{"s": {Data: []byte(c.secret)}}})
			switch told := CheckClientSecret(c.secret); {
			case c.good && (err != nil || told != nil):
				t.Errorf("%v, %v", err, told)
			case c.good:
			case err == nil || told == nil || !strings.Contains(err.Error(), "128 bits") || strings.Contains(err.Error()+told.Error(), c.secret):
				t.Errorf("%v, %v", err, told)
			}
		})
	}
}

// Q14: the account area stands among the clients of open requests under this name.
func TestQ14TheAccountAreasNameIsTaken(t *testing.T) {
	_, err := parse(t, small+"home: account\nclients:\n  - {id: account, public: true, redirect_uris: [\"https://a.example/cb\"], initiate_login_uri: \"https://a.example/\"}\n", Options{})
	if err == nil || !strings.Contains(err.Error(), `"account" is the account area's own`) {
		t.Errorf("%v", err)
	}
}
