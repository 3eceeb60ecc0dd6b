package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// profiled is laid over the server's command when a profile is wanted: the product itself offers none, on no listener
// (docs/security.md W12).
const profiled = `package main

import (
	"log"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"runtime"
)

func init() {
	runtime.SetMutexProfileFraction(100)
	l, err := net.Listen("unix", os.Getenv("SOGLIA_BENCH_PROFILE"))
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.Serve(l, nil)) }()
}
`

// tools are the programs of a run.
type tools struct {
	soglia, limits, oidcload string
	size                     int64 // of soglia, as it is shipped
}

// build makes them. root is the product's folder, dir where they go.
func build(ctx context.Context, root, dir string, profile bool) (*tools, error) {
	t := &tools{soglia: filepath.Join(dir, "soglia"), limits: filepath.Join(dir, "limits"), oidcload: filepath.Join(dir, "oidcload")}
	for _, b := range []struct{ in, pkg, out string }{
		{root, "./cmd/soglia", t.soglia}, {filepath.Join(root, "bench"), "./limits", t.limits}, {filepath.Join(root, "bench"), "./oidcload", t.oidcload},
	} {
		args := []string{"build", "-trimpath", "-ldflags=-s -w", "-o", b.out}
		if profile && b.out == t.soglia {
			lay, err := overlay(root, dir)
			if err != nil {
				return nil, err
			}
			args = append(args, "-overlay", lay)
		}
		cmd := exec.CommandContext(ctx, "go", append(args, b.pkg)...)
		cmd.Dir = b.in
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("building %s: %w: %s", b.pkg, err, out)
		}
	}
	at, err := os.Stat(t.soglia)
	if err != nil {
		return nil, err
	}
	t.size = at.Size()
	return t, nil
}

func overlay(root, dir string) (string, error) {
	source, lay := filepath.Join(dir, "profiled.go"), filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "cmd/soglia/profiled.go"): source}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(source, []byte(profiled), 0o600); err != nil {
		return "", err
	}
	return lay, os.WriteFile(lay, text, 0o600)
}
