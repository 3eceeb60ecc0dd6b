package main

import (
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"soglia": func() {
			os.Exit(run(context.Background(), os.Args[1:], &streams{os.Stdin, os.Stdout, os.Stderr}))
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
	})
}
