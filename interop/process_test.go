package interop

import (
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// words keeps what a program says while others read it.
type words struct {
	mu   sync.Mutex
	text []byte
}

func (w *words) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, b...)
	return len(b), nil
}

func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.text)
}

// keep runs a program until the test ends, and shows what it said when the test fails.
func keep(t *testing.T, cmd *exec.Cmd) *words {
	t.Helper()
	said := new(words)
	cmd.Stdout, cmd.Stderr = said, said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // its helpers end with it
	cmd.WaitDelay = 10 * time.Second                      // one that holds on to its output holds nobody up
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // it may be gone already
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s:\n%s", cmd.Path, said)
		}
	})
	return said
}
