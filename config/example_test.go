package config

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
)

func TestT09SecretsOutOfManualsAreRefused(t *testing.T) {
	client := `home: p
clients: [{id: p, name: P, secret: "${env:S}", redirect_uris: ["https://p.example.it/cb"], initiate_login_uri: "https://p.example.it/", scopes: [openid]}]
`
	for _, bad := range []struct{ master, secret, want string }{
		{"changeme-changeme-changeme-changeme!", random, "words that stand in manuals"},
		{"0123456789abcdef0123456789abcdef", random, "words that stand in manuals"},
		{"MyVerySecretMasterKeyForProduction01", random, "words that stand in manuals"},
		{strings.Repeat("a", 64), random, "at least 32 random"},
		{"", random, "is empty"},
		{key, "changeme", "not random enough"},
		{key, "replace-this-client-value-1", "words that stand in manuals"},
		{key, "example_client_value_0987", "words that stand in manuals"},
		{key, "", "is empty"},
		{key, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "not random enough"},
		{key, "ClientSecretForTheDemoPanel", "words that stand in manuals"},
		{"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", random, "at least 32 random"},
		{"short", random, "at least 32 random"},
	} {
		env := map[string]string{"MASTER_KEY": bad.master, "S": bad.secret}
		_, err := Parse([]byte(small+client), Options{Drivers: drivers, Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }})
		if err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("master key %q, secret %q: %v, want %q", bad.master, bad.secret, err, bad.want)
		}
	}
	for _, word := range []string{"", "\n", "changeme", "CHANGEME", "secret", "secret\n", "admin", "password", "example-app-secret", "client-secret"} {
		sum := fmt.Sprintf("%x", sha256.Sum256([]byte(word)))
		text := small + strings.Replace(client, `"${env:S}"`, `{sha256: "`+sum+`"}`, 1)
		_, err := Parse([]byte(text), Options{Drivers: drivers, Env: environment})
		if err == nil || !strings.Contains(err.Error(), `client "p" is the hash of`) || strings.Contains(err.Error(), sum) {
			t.Errorf("the hash of %q: %v", word, err)
		}
	}
	env := map[string]string{"MASTER_KEY": key, "S": random}
	if _, err := Parse([]byte(small+client), Options{Drivers: drivers, Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}); err != nil {
		t.Errorf("good ones: %v", err)
	}
}

func TestW12TheAdminListenerIsOutOfReach(t *testing.T) {
	for admin, ok := range map[string]bool{
		"unix:/run/soglia/admin.sock": true, "127.0.0.1:8489": true, "[::1]:8489": true, "localhost:8489": true,
		"0.0.0.0:8489": false, ":8489": false, "10.0.0.7:8489": false, "sso.example.it:8489": false, "unix:admin.sock": false,
		"127.0.0.1:8480": false, // the public listener
	} {
		_, err := parse(t, small+"admin: \""+admin+"\"\n", Options{})
		if (err == nil) != ok {
			t.Errorf("admin %q: %v", admin, err)
		}
	}
}
