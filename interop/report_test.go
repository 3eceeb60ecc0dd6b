package interop

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// report is the line about one program in what "make relying-parties" prints.
type report struct {
	t             *testing.T
	name, version string
	seen          []string
}

// reporting begins the line of a program; at the end of its test the file that SOGLIA_INTEROP_REPORT names gets it.
func reporting(t *testing.T, name, version string) *report {
	t.Helper()
	r := &report{t: t, name: name, version: version}
	t.Cleanup(func() {
		at := os.Getenv("SOGLIA_INTEROP_REPORT")
		if at == "" || t.Skipped() {
			return
		}
		verdict := "ok    "
		if t.Failed() {
			verdict = "FAILED"
		}
		f, err := os.OpenFile(at, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err == nil {
			_, err = fmt.Fprintf(f, "%s %s: %s\n", verdict, strings.TrimSpace(r.name+" "+r.version), strings.Join(r.seen, ", "))
		}
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			t.Error(err)
		}
	})
	return r
}

// saw takes down a thing that went as it should; where the test failed before, it is not taken down.
func (r *report) saw(what string) {
	if !r.t.Failed() {
		r.seen = append(r.seen, what)
	}
}

// version is what a program says of itself, by the command's last word of its first line; "" when it says nothing.
func version(name string, args ...string) string {
	out, _ := exec.Command(name, args...).CombinedOutput()
	first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return first
}
