package interop

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/panels"
)

// forgeries are the spellings of a header that some applications take for one.
func forgeries(name string) []string {
	low := strings.ToLower(strings.ReplaceAll(name, "-", "_"))
	mixed := strings.Replace(name, "-", "_", 1)
	return []string{name, strings.ReplaceAll(name, "-", "_"), low, mixed, strings.Replace(low, "_", "-", 1)}
}

// Whoever asked said by themselves who they are and at which level, in the headers in which the gateway says it: where the gateway
// had nothing to say the application read that, and in another spelling always.
func TestQ83WhatCallersSayOfThemselvesDoesNotReachTheApplication(t *testing.T) {
	for name, gateway := range map[string]struct {
		pkg   string
		file  string // of the snippet
		start func(dir, listen, text string) *exec.Cmd
		names []string // of the headers that the application reads, the person's first
		all   []string // others that it might read
	}{
		"caddy": {"caddy", "/etc/caddy/Caddyfile", func(dir, listen, text string) *exec.Cmd {
			conf := filepath.Join(dir, "Caddyfile")
			must(0, os.WriteFile(conf, []byte("{\n\tadmin off\n}\n"+text), 0o600))
			c := exec.Command("caddy", "run", "--adapter", "caddyfile", "--config", conf)
			c.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
			return c
		}, []string{"X-Auth-Request-User", "X-Auth-Request-Groups"}, []string{"X-Auth-Request-Email", "X-Auth-Request-Preferred-Username"}},
		"nginx": {"nginx-light", "/etc/nginx/snippets/soglia.conf", func(dir, listen, text string) *exec.Cmd {
			conf, temp := filepath.Join(dir, "nginx.conf"), ""
			for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
				temp += kind + "_temp_path " + dir + "/" + kind + ";\n"
			}
			must(0, os.WriteFile(conf, []byte("daemon off;\npid "+dir+"/nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n"+temp+
				"server {\nlisten "+listen+";\n"+text+"\n}\n}\n"), 0o600))
			return exec.Command(installed(t, "nginx", "nginx-light"), "-c", conf)
		}, []string{"X-Forwarded-User", "X-Acr"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			installed(t, name, gateway.pkg)
			asked := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Auth-Request-User", "dora") // and no level: that is not known of everybody
				w.WriteHeader(http.StatusAccepted)
			}))
			t.Cleanup(asked.Close)
			at := port(t)
			values := panels.Values{
				Issuer: "https://sso.example.it", ClientID: "panel", Base: "http://" + address(at), Redirect: "http://" + address(at) + "/oauth2/callback",
				Scopes: []string{"openid"}, Level: "mfa", Levels: []string{"mfa"}, Area: "billing",
			}
			files, err := panels.Lookup(name).Files(values)
			if err != nil {
				t.Fatal(err)
			}
			read := append(gateway.names, gateway.all...)
			for _, f := range files {
				if f.Name == gateway.file {
					text := strings.NewReplacer("127.0.0.1:4180", strings.TrimPrefix(asked.URL, "http://"), "127.0.0.1:8080", application(t, read...)).Replace(f.Text)
					serve(t, gateway.start(t.TempDir(), address(at), text), address(at))
				}
			}
			for _, path := range []string{"/", "/billing"} {
				for _, header := range read {
					for _, spelled := range forgeries(header) {
						if status, _, told := asks(t, at, path, "", spelled, "forged"); status != 200 || strings.Contains(told, "forged") || !strings.Contains(told, "dora") {
							t.Errorf("%s with %s: %d, and the application reads %q", path, spelled, status, told)
						}
					}
				}
			}
		})
	}
}
