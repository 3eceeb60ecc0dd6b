package interop

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// modules is the folder of the installed packages.
func modules(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("SOGLIA_NODE_MODULES")
	if folder == "" {
		folder = "node_modules"
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("node"); err != nil {
		missing(t, "node", "no Node is installed here")
	}
	for _, name := range []string{"oidc-provider", "openid-client", "oauth4webapi", "jose"} {
		if _, err := os.Stat(filepath.Join(folder, name, "package.json")); err != nil {
			missing(t, "node", name+" is not installed: see the package comment")
		}
	}
	return folder
}

// start runs a script of Node.
func start(t *testing.T, script string, settings map[string]any) {
	t.Helper()
	cmd := exec.Command("node", script)
	cmd.Env = append(os.Environ(), "SOGLIA_NODE_MODULES="+modules(t), "NODE_ENV=test")
	if authority, ok := settings["authority"]; ok {
		cmd.Env = append(cmd.Env, fmt.Sprint("NODE_EXTRA_CA_CERTS=", authority))
	}
	run(t, cmd, settings)
}

// moduleVersion is that of an installed package.
func moduleVersion(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(modules(t), name, "package.json"))
	var said struct{ Version string }
	if err == nil {
		err = json.Unmarshal(raw, &said)
	}
	if err != nil {
		t.Fatal(err)
	}
	return said.Version
}
