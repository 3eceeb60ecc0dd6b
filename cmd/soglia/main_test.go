package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"soglia": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			context.AfterFunc(ctx, stop)
			os.Exit(run(ctx, os.Args[1:], &streams{os.Stdin, os.Stdout, os.Stderr}))
		},
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			minimal, err := os.ReadFile("../../examples/minimal.yaml")
			if err != nil {
				return err
			}
			return os.WriteFile(e.WorkDir+"/minimal.yaml", minimal, 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"port": anyPort, "exits": exits, "await": await, "says": says, "append": appendTo, "replace": replaceIn, "signal": signalAll,
		},
	})
}

// anyPort: "port" lets soglia.yaml listen where nobody else does.
func anyPort(ts *testscript.TestScript, _ bool, _ []string) {
	replaceIn(ts, false, []string{"soglia.yaml", "127.0.0.1:8480", "127.0.0.1:0"})
}

// code runs soglia and gives its exit code.
func code(ts *testscript.TestScript, args []string) int {
	code, _ := answer(ts, args)
	return code
}

// answer runs soglia and gives its exit code and what it prints.
func answer(ts *testscript.TestScript, args []string) (int, string) {
	program, err := exec.LookPath("soglia")
	ts.Check(err)
	c := exec.Command(program, args...)
	c.Dir = ts.Getenv("WORK")
	c.Env = append(os.Environ(), "SMTP_URL="+ts.Getenv("SMTP_URL"))
	out, _ := c.Output()
	return c.ProcessState.ExitCode(), string(out)
}

// signalAll: "signal HUP" or "signal TERM" goes to what runs in the background.
func signalAll(ts *testscript.TestScript, _ bool, args []string) {
	sig := map[string]os.Signal{"HUP": syscall.SIGHUP, "TERM": syscall.SIGTERM}[args[0]]
	for _, c := range ts.BackgroundCmds() {
		ts.Check(c.Process.Signal(sig))
	}
}

// exits: "exits CODE ARGS…".
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := code(ts, args[1:]); got != want {
		ts.Fatalf("soglia %v exits with %d, want %d", args[1:], got, want)
	}
}

// await: "await [CODE] ARGS…" asks again until soglia exits with CODE, 0 unless given.
func await(ts *testscript.TestScript, _ bool, args []string) {
	want := 0
	if n, err := strconv.Atoi(args[0]); err == nil {
		want, args = n, args[1:]
	}
	for range 600 {
		if code(ts, args) == want {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("soglia %v never exits with %d", args, want)
}

// says: "says TEXT ARGS…" asks again until what soglia prints holds TEXT.
func says(ts *testscript.TestScript, _ bool, args []string) {
	for range 600 {
		if _, out := answer(ts, args[1:]); strings.Contains(out, args[0]) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("soglia %v never says %s", args[1:], args[0])
}

// appendTo: "append FILE LINE".
func appendTo(ts *testscript.TestScript, _ bool, args []string) {
	name := ts.MkAbs(args[0])
	text, err := os.ReadFile(name)
	ts.Check(err)
	ts.Check(os.WriteFile(name, append(text, args[1]+"\n"...), 0o600))
}

// replaceIn: "replace FILE OLD NEW", every one.
func replaceIn(ts *testscript.TestScript, _ bool, args []string) {
	name := ts.MkAbs(args[0])
	text, err := os.ReadFile(name)
	ts.Check(err)
	ts.Check(os.WriteFile(name, bytes.ReplaceAll(text, []byte(args[1]), []byte(args[2])), 0o600))
}
