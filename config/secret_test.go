package config

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/soglia-sso/soglia/secret"
)

func TestSecretsAreLookedUpInCredentialsThenBesideTheFile(t *testing.T) {
	beside, credentials := t.TempDir(), t.TempDir()
	write := func(dir, name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	other := strings.ToUpper(key)
	main := write(beside, "soglia.yaml", strings.Replace(small, "${env:MASTER_KEY}", "${file:master.key}", 1))
	write(beside, "master.key", key+"\r\n")
	env := func(name string) (string, bool) { return credentials, name == "CREDENTIALS_DIRECTORY" }

	c, err := Load(main, Options{Drivers: drivers, Env: env})
	if err != nil || string(c.MasterKey) != key {
		t.Fatalf("beside the file: %v", err)
	}
	write(credentials, "master.key", other+"\n\n")
	_, err = Load(main, Options{Drivers: drivers, Env: env})
	if got := heads(t, err); len(got) != 1 || !strings.Contains(got[0], "printable") {
		t.Fatalf("one newline is trimmed, two are a mistake: %q", got)
	}
	write(credentials, "master.key", other+"\n")
	if c, err = Load(main, Options{Drivers: drivers, Env: env}); err != nil || string(c.MasterKey) != other {
		t.Fatalf("credentials first: %v", err)
	}
	absolute := write(t.TempDir(), "soglia.yaml", strings.Replace(small, "${env:MASTER_KEY}", "${file:"+filepath.Join(beside, "master.key")+"}", 1))
	if c, err = Load(absolute, Options{Drivers: drivers, Env: env}); err != nil || string(c.MasterKey) != key {
		t.Fatalf("by its full name: %v", err)
	}
}

func TestReferencesAreWholeValuesOfKnownKinds(t *testing.T) {
	for _, tt := range []struct{ value, want string }{
		{"x${env:MASTER_KEY}", "master_key: ${…} can only be the whole value"},
		{"${env:MASTER_KEY}${env:MASTER_KEY}", "master_key: ${…} can only be the whole value"},
		{"${vault:x}", "master_key: unknown reference ${vault:…}; possible are ${env:NAME} and ${file:NAME}"},
		{"${env:}", "master_key: ${env:…} needs the name of an environment variable"},
		{"${env:NOT_SET}", "master_key: environment variable NOT_SET is not set, and is not in soglia.env beside this file"},
		{"${file:../x}", `master_key: ${file:…} needs a file name without ".."`},
		{"${file:empty}", "master_key: file empty is empty"},
		{"${file:missing}", "master_key: file missing is not in $CREDENTIALS_DIRECTORY, not in /run/secrets and not beside this file"},
	} {
		t.Run(tt.value, func(t *testing.T) {
			_, err := parse(t, strings.Replace(small, "${env:MASTER_KEY}", tt.value, 1), Options{Files: fstest.MapFS{"empty": {Data: []byte("\n")}}})
			if diff := cmp.Diff([]string{"soglia.yaml:4:23: " + tt.want}, heads(t, err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestClientSecretsAreHashesOrRandomOnesElsewhere(t *testing.T) {
	hash := secret.Hash(random)
	file := func(text string) fstest.MapFS { return fstest.MapFS{"s": {Data: []byte(text)}} }
	for _, tt := range []struct {
		name, yaml string
		files      fstest.MapFS
		dev        bool
		want       string // the mistake, or "" for the hash of random
		n          int
	}{
		{name: "hash", yaml: fmt.Sprintf("{sha256: %q}", hex.EncodeToString(hash)), n: 1},
		{name: "file", yaml: `"${file:s}"`, files: file(random + "\n"), n: 1},
		{name: "environment", yaml: `"${env:CLIENT_SECRET}"`, n: 1},
		{name: "two while rotating", yaml: `["${env:CLIENT_SECRET}", "${file:s}"]`, files: file(random + "-new\n"), n: 2},
		{name: "three", yaml: `["${env:A}", "${env:B}", "${env:C}"]`, want: "secret must be one, or a list of two while rotating"},
		{name: "plain", yaml: random, want: `secret of client "a" is in plain text`},
		{name: "plain in dev", yaml: random, dev: true, n: 1},
		{name: "short", yaml: `"${file:s}"`, files: file("Ab1Cd2Ef3Gh4Ij5Kl6Mn7"), want: `secret of client "a" is not random enough: it needs 128 bits, which are 22 random letters of both cases and digits, or 32 hexadecimal digits`},
		{name: "long but not random", yaml: `"${file:s}"`, files: file(strings.Repeat("ab", 20)), want: `secret of client "a" is not random enough: it needs 128 bits, which are 22 random letters of both cases and digits, or 32 hexadecimal digits`},
		{name: "reserved characters", yaml: `"${file:s}"`, files: file(random + "+/="), want: `secret of client "a" has characters other than letters, digits and . _ ~ -`},
		{name: "misspelt hash", yaml: "{sha265: " + random + "}", want: `unknown key "sha265" in secret`},
		{name: "no hash", yaml: "{sha256: " + random + "}", want: "sha256 must be 64 hexadecimal digits"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := parse(t, small+"home: a\nclients:\n- id: a\n  redirect_uris: [\"https://x.example\"]\n  initiate_login_uri: https://x.example\n  secret: "+tt.yaml+"\n",
				Options{Files: tt.files, Dev: tt.dev})
			if err != nil && (strings.Contains(err.Error(), random) || strings.Contains(err.Error(), "Ab1Cd2")) {
				t.Errorf("the secret is shown: %v", err)
			}
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if got := c.Client("a").SecretHashes; len(got) != tt.n || string(got[0]) != string(hash) {
					t.Errorf("%d hashes", len(got))
				}
				return
			}
			if got := heads(t, err); len(got) != 1 || !strings.HasSuffix(got[0], tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// Whatever is wrong around a secret, what is printed never holds it.
func TestSecretsAreNeverShown(t *testing.T) {
	const plain = "hunter2-hunter2"
	for _, text := range []string{
		"secrets: {master_key: " + plain + ", master_kye: " + plain + "}",
		"secrets:\n  master_key: |\n    " + plain + "\n    " + plain + "\n",
		"secrets: {master_key: \"hunter2\\x2dhunter2 " + plain + "\"}",
		"secrets: {master_key: [" + plain + "]}",
		"secret: " + plain,
		"storage: {url: \"postgres://soglia:" + plain + "@db/x\"}",
		"storage: {url: \"postgres://db/x?password=" + plain + "\"}",
		"storage: {url: \"${env:PLAIN}\"}",
		"issuer: \"${env:PLAIN}\"",
		"home: \"${env:PLAIN}\"",
		"listen: \"${env:PLAIN}\"",
		"branding: {accent: \"${env:PLAIN}\"}",
		"lifetimes: {code: \"${env:PLAIN}\"}",
		"sessions: {remember_me: \"${env:PLAIN}\"}",
		"locales: {default: \"${env:PLAIN}\"}",
		"channels: {email: {url: \"smtp://a:" + plain + "@\", from: \"${env:PLAIN}\"}}",
		"channels: {sms: [{driver: twilio, token: " + plain + "}]}",
		"providers: {p: {type: oidc, client_secret: " + plain + ", client_sercet: " + plain + ", issuer: \"${env:PLAIN}\"}}",
		"clients: [{id: \"${env:PLAIN}\", secret: " + plain + ", redirect_uris: [\"${env:PLAIN}\"]}]",
		"clients: [{id: a, secret: [" + plain + ", " + plain + "], scopes: [\"${env:PLAIN}\"]}]",
		"clients: [{id: a, secret: " + plain + ", secret: " + plain + "}]",
		"secrets: {master_key: " + plain + "\nissuer: x",
		"secrets: {master_key: \"" + plain + "\x01\"}",
	} {
		t.Run(text, func(t *testing.T) {
			_, err := Parse([]byte("version: 1\n"+text+"\n"), Options{Drivers: drivers, Env: func(name string) (string, bool) {
				return plain, name == "PLAIN"
			}})
			if err == nil {
				t.Fatal("no mistake found")
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestSnapshotsAndFilesPrintWithoutTheirSecrets(t *testing.T) {
	text := small + `
channels: {email: {url: "${env:SMTP_URL}", from: no-reply@example.it}}
home: a
providers: {p: {type: oidc, issuer: "https://p.example", client_id: a, client_secret: "${env:CLIENT_SECRET}"}}
clients: [{id: a, secret: "${env:CLIENT_SECRET}", redirect_uris: ["https://x.example"], initiate_login_uri: "https://x.example"}]
`
	text = strings.Replace(text, `"sqlite:soglia.db"`, `"${env:SOGLIA_DATABASE_URL}"`, 1)
	var file *File
	c, err := parse(t, text, Options{Dev: true, Overlay: func(f *File) { f.Secrets.MasterKey = key; file = f }})
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	for _, h := range []slog.Handler{slog.NewTextHandler(&logged, nil), slog.NewJSONHandler(&logged, nil)} {
		slog.New(h).Info("loaded", "config", c, "storage", c.Storage, "email", c.Channels["email"][0], "provider", c.Providers[0], "client", c.Client("a"), "file", file)
	}
	for _, v := range []any{c, *c, c.Storage, c.Channels, c.Channels["email"][0], c.Providers, c.Clients, file, *file} {
		out, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		logged.Write(out)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&logged, verb, v)
		}
	}
	for _, hidden := range []string{key, random, "hunter2", hex.EncodeToString([]byte(key)), hex.EncodeToString([]byte("hunter2")), fmt.Sprintf("%x", secret.Hash(random))} {
		if strings.Contains(logged.String(), hidden) {
			t.Errorf("%q is shown in %s", hidden, logged.String())
		}
	}
}

// The YAML reader counts more than line feeds: the line that is printed, and masked, must be the one that it means.
func TestT08SecretsStayHiddenWhateverEndsALine(t *testing.T) {
	for _, end := range []string{"\n", "\r", "\r\n", "\u0085", "\u2028", "\u2029"} {
		text := "version: 1" + end + "issuer: nonsense\nsecrets: {master_key: " + random + "}\nlisten: []\n"
		_, err := parse(t, text, Options{})
		if err == nil || strings.Contains(err.Error(), random) || !strings.Contains(err.Error(), "\n  issuer: nonsense\n") {
			t.Errorf("%q: %v", end, err)
		}
	}
}
