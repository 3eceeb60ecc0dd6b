package interop

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
	for _, name := range []string{"oidc-provider", "openid-client"} {
		if _, err := os.Stat(filepath.Join(folder, name, "package.json")); err != nil {
			missing(t, "node", name+" is not installed: see the package comment")
		}
	}
	return folder
}

// start runs a script until the test ends, and returns when it listens.
func start(t *testing.T, script string, settings map[string]any) {
	t.Helper()
	raw, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", script)
	cmd.Env = append(os.Environ(), "SOGLIA_NODE_MODULES="+modules(t), "SETTINGS="+string(raw), "NODE_ENV=test")
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may be gone already
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s:\n%s", script, complaints.String())
		}
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "ready" {
			return
		}
	}
	_ = cmd.Wait()
	t.Fatalf("%s did not start:\n%s", script, complaints.String())
}

// port is one that was free a moment ago.
func port(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
