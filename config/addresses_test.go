package config_test

import (
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/storage/sql"
)

// Q24: an address passed the check and failed at every use, or had a parameter that nothing obeyed.
func TestQ24EveryAddressIsDialledAsItWasChecked(t *testing.T) {
	const base = `version: 1
issuer: https://sso.example.it
secrets: {master_key: "${env:MASTER_KEY}"}
`
	const sqlite = "storage: {url: \"sqlite:soglia.db\"}\n"
	smtp := func(url string) string {
		return base + sqlite + "channels: {email: {url: \"" + url + "\", from: a@example.it}}\n"
	}
	database := func(url string) string { return base + "storage: {url: \"" + url + "\"}\n" }
	provider := func(issuer string) string {
		return base + sqlite + "providers: {x: {type: oidc, client_id: a, client_secret: \"${env:CLIENT_SECRET}\", " + issuer + "}}\n"
	}
	keys := func(uri string) string {
		return base + sqlite + "clients: [{id: a, redirect_uris: [\"https://a.example/\"], jwks_uri: \"" + uri + "\"}]\n"
	}
	for text, want := range map[string]string{
		smtp("smtp://[::1]:2526"):                                          "",
		smtp("smtp://[::1]"):                                               "",
		smtp("smtps://mail.example.it"):                                    "",
		smtp("smtp://10.0.0.7:25?starttls=optional"):                       "",
		smtp("smtp://mail.example.it/"):                                    "",
		smtp("smtp://::1:2526"):                                            "5:25: url has an IPv6 address without brackets",
		smtp("smtp://mail.example.it?tls=off"):                             `5:25: url has an unknown parameter "tls"; there is starttls`,
		smtp("smtp://mail.example.it?startls=x"):                           `5:25: url has an unknown parameter "startls"`,
		smtp("smtp://mail.example.it?starttls=never"):                      "5:25: url has a starttls other than optional",
		smtp("smtp://mail.example.it?starttls=optional&starttls=optional"): "5:25: url has the parameter starttls twice",
		smtp("smtps://mail.example.it?starttls=optional"):                  "5:25: url has starttls, which is for smtp://",
		smtp("smtp://mail.example.it/queue"):                               "5:25: url has a path",
		smtp("smtp://mail.example.it#x"):                                   "5:25: url has a path",
		smtp("smtp://mail.example.it:0"):                                   "5:25: url has a port",
		smtp("smtp://10.0.0.300:25"):                                       "5:25: url has a host that looks like an IP address",
		smtp("smtp://bücher.example"):                                      "5:25: url has a host that is neither",

		database("sqlite:soglia.db"):                                        "",
		database("sqlite:///var/lib/soglia.db"):                             "",
		database("sqlite::memory:"):                                         "",
		database("sqlite://soglia.db"):                                      "4:16: storage.url names a file without slashes",
		database("sqlite:soglia.db?mode=ro"):                                "4:16: storage.url has parameters",
		database("postgres://soglia@[::1]:5432/soglia?sslmode=verify-full"): "",
		database("postgres://soglia@a.example,b.example:5433/soglia?target_session_attrs=read-write"): "",
		database("postgres:///soglia?host=/run/postgresql"):                                           "",
		database("postgres://soglia@db/soglia?search_path=sso"):                                       "",
		database("postgres://soglia@db/soglia?sslmod=require"):                                        `4:16: storage.url has an unknown parameter "sslmod"`,
		database("postgres://soglia@db/soglia?sslmode=always"):                                        "4:16: storage.url cannot be used: sslmode is invalid",
		database("postgres://soglia@db/soglia?pool_max_conns=9"):                                      `4:16: storage.url has the parameter "pool_max_conns", which is not for the URL: write storage.pool`,
		database("postgres://soglia@db/soglia?connect_timeout=9"):                                     `4:16: storage.url has the parameter "connect_timeout"`,
		database("postgres://soglia@db:54320000/soglia"):                                              "4:16: storage.url cannot be",
		database("postgres://soglia@db/soglia?sslrootcert=/nowhere/ca.pem"):                           "4:16: storage.url cannot be used: unable to read CA file",
		database("mysql://soglia@db/soglia"):                                                          "4:16: storage.url must begin with sqlite: or postgres://",

		base + sqlite + "listen: \"[::1]:8480\"\n":                                        "",
		base + sqlite + "listen: \":8480\"\n":                                             "",
		base + sqlite + "listen: \"::1:8480\"\n":                                          "5:9: listen must be host:port",
		base + sqlite + "listen: 127.0.0.1:84800\n":                                       "5:9: listen must have a port",
		base + sqlite + "listen: 127.0.0.1:http\n":                                        "5:9: listen must have a port",
		base + sqlite + "listen: 127.0.0.300:80\n":                                        "5:9: listen has a host that looks like an IP address",
		base + sqlite + "admin: \"[::1]:8489\"\n":                                         "",
		base + sqlite + "admin: 127.0.0.1:84890\n":                                        "5:8: admin must have a port",
		base + sqlite + "admin: \"[2001:db8::1]:8489\"\n":                                 "5:8: admin must be unix:/path or a loopback address",
		base + sqlite + "admin: unix:admin.sock\n":                                        "5:8: admin must be unix:/path",
		base + sqlite + "admin: unix:/" + strings.Repeat("a", 120):                        "5:8: admin has a path of 121 bytes",
		base + sqlite + "trusted_proxies: [\"::1\", \"fd00::/8\", \"::ffff:10.0.0.7\"]\n": "",
		base + sqlite + "trusted_proxies: [\"[::1]\"]\n":                                  "5:19: trusted_proxies needs addresses",

		provider(`issuer: "https://[2600::1]:8443"`):                "",
		provider(`issuer: "https://[fd00::1]", private: true`):      "",
		provider(`issuer: "https://localhost:8443", private: true`): "",
		provider(`issuer: "https://[fd00::1]"`):                     "its network is private",
		provider(`issuer: "https://10.0.0.7/realms/x"`):             "its network is private",
		provider(`issuer: "https://localhost:8443"`):                "it is this machine",
		provider(`issuer: "https://idp.example:84430"`):             "has a port that cannot be",
		provider(`issuer: "https://::1"`):                           "is not an address such as",
		provider(`issuer: "https://idp.example?x=1"`):               "must be without query",
		keys("https://a.example/jwks"):                              "",
		keys("http://localhost/jwks"):                               `scheme "http" is not allowed`,
		keys("https://169.254.169.254/jwks"):                        "its network is private",
	} {
		_, err := config.Parse([]byte(text), config.Options{Drivers: notify.Drivers(), Storage: sql.CheckURL, Env: func(name string) (string, bool) {
			v, ok := map[string]string{"MASTER_KEY": "Xq3vR8sLw1Zb7Yt0Kd5Jm9Pc2Nf6Ha4G", "CLIENT_SECRET": "sog_cs_Vb3kQ9xT2mW7rL5yH8dN1c"}[name]
			return v, ok
		}})
		told := ""
		if err != nil {
			for _, m := range err.(*config.Errors).List { // "home is missing" is not the matter
				if !strings.Contains(m.Message, "home is missing") {
					told += m.String() + "\n"
				}
			}
		}
		if want == "" && told != "" || !strings.Contains(told, want) || strings.Count(told, "soglia.yaml:") > 1 {
			t.Errorf("%s\n%swant %q", text, told, want)
		}
	}
}

// What stands where a parameter would may be the rest of a password.
func TestQ24AnAddressThatIsWrongIsNotTold(t *testing.T) {
	for _, url := range []string{
		"smtp://u:hush?hush2=1@mail.example.it", "smtp://u:hush#hush2@mail.example.it", "postgres://u:hush?hush2=1@db/x", "postgres://u:hush/hush2@db/x",
		"postgres://u:hush@db/x?sslmode=hush2", "postgres://u:hush%zz@db/x",
	} {
		text := `version: 1
issuer: https://sso.example.it
secrets: {master_key: "${env:KEY}"}
storage: {url: "${env:URL}"}
channels: {email: {url: "${env:URL}", from: a@example.it}}
`
		_, err := config.Parse([]byte(text), config.Options{Drivers: notify.Drivers(), Storage: sql.CheckURL, Env: func(name string) (string, bool) {
			if name == "URL" {
				return url, true
			}
			return "Xq3vR8sLw1Zb7Yt0Kd5Jm9Pc2Nf6Ha4G", true
		}})
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// Q25: mail from a machine's own name is refused where it arrives, and nobody is told.
func TestQ25ASenderThatNobodyCanAnswerIsWarnedOf(t *testing.T) {
	for from, warned := range map[string]bool{
		"Soglia <no-reply@localhost>": true, "no-reply@sso.localhost": true, "no-reply@mail.lan": true, "no-reply@host.local": true,
		"no-reply@mail.home.arpa": true, "Soglia <no-reply@example.it>": false, "no-reply@bücher.example": false,
	} {
		text := `version: 1
issuer: https://sso.example.it
secrets: {master_key: "${env:KEY}"}
storage: {url: "sqlite:soglia.db"}
branding: {support: {phone: "+39 0000 000000"}}
channels: {email: {url: "smtp://127.0.0.1:25", from: "` + from + `"}}
`
		c, err := config.Parse([]byte(text), config.Options{Drivers: notify.Drivers(), Env: func(string) (string, bool) {
			return "Xq3vR8sLw1Zb7Yt0Kd5Jm9Pc2Nf6Ha4G", true
		}})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(c.Warnings) == 1 && strings.HasPrefix(c.Warnings[0].String(), "warning: soglia.yaml:6:54: mail from @"); got != warned || !warned && len(c.Warnings) > 0 {
			t.Errorf("%s: %v", from, c.Warnings)
		}
	}
}

func TestInnerNamesAndTheHealthListenerAreChecked(t *testing.T) {
	const base = `version: 1
issuer: https://sso.example.it
secrets: {master_key: "${env:MASTER_KEY}"}
storage: {url: "sqlite:soglia.db"}
admin: 127.0.0.1:8489
`
	for text, want := range map[string]string{
		"internal_issuer_hosts: [\"soglia:8480\", sso.internal, \"[fd00::7]:8480\", 10.0.0.7]": "",
		"internal_issuer_hosts: [\"http://soglia\"]":                                           "must be host or host:port",
		"internal_issuer_hosts: [\"soglia/x\"]":                                                "must be host or host:port",
		"internal_issuer_hosts: [\"a@soglia\"]":                                                "must be host or host:port",
		"internal_issuer_hosts: [\"soglia:99999\"]":                                            "must be host or host:port",
		"internal_issuer_hosts: [\"*.internal\"]":                                              "must be host or host:port",
		"internal_issuer_hosts: [SSO.internal]":                                                "must be in lower case",
		"internal_issuer_hosts: [sso.example.it]":                                              "is the issuer's own name",
		"internal_issuer_hosts: [a.internal, a.internal]":                                      "twice",
		"health: 0.0.0.0:9090":                                                                 "",
		"health: \":9090\"":                                                                    "",
		"health: \"9090\"":                                                                     "health must be host:port",
		"health: 127.0.0.1:8489":                                                               "a listener of its own",
		"health: 127.0.0.1:8480":                                                               "a listener of its own",
	} {
		_, err := config.Parse([]byte(base+text+"\n"), config.Options{Env: func(string) (string, bool) { return strings.Repeat("Vb3kQ9xT2mW7rL5yH8dN1c", 2), true }})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
