package interop

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"strings"
	"testing"
)

// run runs a script with its settings in the environment until the test ends, and returns when it says that it listens.
func run(t *testing.T, cmd *exec.Cmd, settings map[string]any) {
	t.Helper()
	raw, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	if cmd.Env == nil {
		cmd.Env = cmd.Environ()
	}
	cmd.Env = append(cmd.Env, "SETTINGS="+string(raw))
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
			t.Logf("%v:\n%s", cmd.Args, complaints.String())
		}
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "ready" {
			return
		}
	}
	_ = cmd.Wait()
	t.Fatalf("%v did not start:\n%s", cmd.Args, complaints.String())
}

// port is one that was free a moment ago. It lies below those from which the system serves outgoing connections (Linux: 32768 and
// up), because one of them could take it until the program that is told of it listens.
func port(t *testing.T) int {
	t.Helper()
	for range 100 {
		at := 20000 + rand.IntN(12000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", at))
		if err == nil {
			l.Close()
			return at
		}
	}
	t.Fatal("no port is free")
	return 0
}
