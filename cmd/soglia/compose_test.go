package main

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
)

// Where no container engine runs, this is what can be held: the file is one, no secret has a default, and the
// configuration of its instances passes the check with the variables that it gives them.
func TestTheComposeFileAndItsConfigurationFitTogether(t *testing.T) {
	text, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]struct {
			Environment map[string]string `yaml:"environment"`
			Healthcheck struct {
				Test []string `yaml:"test"`
			} `yaml:"healthcheck"`
		} `yaml:"services"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	made, err := exec.Command("sh", "../../deploy/env.sh").Output()
	if err != nil {
		t.Fatal(err)
	}
	secrets := map[string]string{}
	for line := range strings.Lines(string(made)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		secrets[name] = value
	}
	variable := regexp.MustCompile(`\$\{(\w+)([^}]*)\}`)
	for _, name := range []string{"sso1", "sso2", "db", "balancer", "mail"} {
		if _, ok := file.Services[name]; !ok {
			t.Errorf("no service %s", name)
		}
	}
	sso := file.Services["sso1"]
	env := map[string]string{}
	for name, value := range sso.Environment {
		env[name] = variable.ReplaceAllStringFunc(value, func(ref string) string {
			m := variable.FindStringSubmatch(ref)
			if !strings.HasPrefix(m[2], ":?") {
				t.Errorf("%s has a default: %s", name, ref)
			}
			if secrets[m[1]] == "" {
				t.Errorf("deploy/env.sh makes no %s", m[1])
			}
			return secrets[m[1]]
		})
	}
	c, err := config.Load("../../deploy/soglia.yaml", config.Options{Drivers: notify.Drivers(), Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(sso.Healthcheck.Test, " "); got != "CMD /soglia healthcheck --admin "+c.Admin {
		t.Errorf("the health check asks %q, the server answers at %s", got, c.Admin)
	}
	if !strings.Contains(string(text), c.TrustedProxies[0].String()) {
		t.Error("the balancer's network is not trusted")
	}
	caddy, err := os.ReadFile("../../deploy/Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(caddy, []byte(c.Issuer+" {")) || !bytes.Contains(caddy, []byte("sso1:8480 sso2:8480")) || !strings.HasSuffix(c.Listen, ":8480") {
		t.Error("the balancer does not lead to the instances")
	}
}

// The image is built without the history, and "soglia version" in it named no commit.
func TestQ36TheImageIsToldItsCommit(t *testing.T) {
	for file, want := range map[string]string{
		"../../docker-compose.yml": `args: {COMMIT: "${COMMIT:-}"}`,
		"../../Dockerfile":         "\nARG COMMIT=\nRUN sh deploy/image.sh ",
		"../../deploy/image.sh":    "-X main.commit=${COMMIT:-}",
	} {
		if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s does not hand the commit on: %v", file, err)
		}
	}
}
