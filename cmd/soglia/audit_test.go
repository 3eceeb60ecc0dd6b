package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/audit"
)

func TestAuditTailGoesOnWithWhatHappens(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("SMTP_URL", "smtp://127.0.0.1:25")
	do := func(args ...string) {
		t.Helper()
		var out bytes.Buffer
		if code := run(t.Context(), args, &streams{strings.NewReader(""), &out, &out}); code != 0 {
			t.Fatalf("%v: %d\n%s", args, code, out.String())
		}
	}
	do("init", "--issuer", "https://sso.example.it", "--redirect", "https://panel.example.it/callback")
	do("user", "add", "anna", "--email", "anna@example.it")
	do("user", "lock", "anna")

	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		// Not by run: two of them at once would parse into one table of commands.
		ended <- (&tail{Lines: 2, Follow: true, configured: configured{"soglia.yaml"}}).Run(ctx, &streams{nil, w, io.Discard})
		w.Close()
	}()
	lines := bufio.NewScanner(r)
	next := func(want string) {
		t.Helper()
		if !lines.Scan() || !strings.Contains(lines.Text(), want) {
			t.Errorf("line %q, want %s", lines.Text(), want)
		}
	}
	for range 2 { // of the person and of the sessions
		next(`"reason":"locked"`)
	}
	do("user", "unlock", "anna")
	next(`"reason":"unlocked"`)
	do("user", "lock", "anna")
	for range 2 { // of the person and of the sessions
		next(`"reason":"locked"`)
	}
	stop()
	if err := <-ended; err != nil || lines.Scan() {
		t.Errorf("%v, and %q", err, lines.Text())
	}
}

func TestAuditFindReadsAReferenceAsItIsTyped(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("SMTP_URL", "smtp://127.0.0.1:25")
	do := func(args ...string) (string, int) {
		t.Helper()
		var out bytes.Buffer
		code := run(t.Context(), args, &streams{strings.NewReader(""), &out, &out})
		return out.String(), code
	}
	do("init", "--issuer", "https://sso.example.it", "--redirect", "https://panel.example.it/callback")
	_, db, err := configured{"soglia.yaml"}.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{"7F3K-92QD", "7F3K-92QF"} {
		ev := audit.Trail{RequestID: ref}.Event(audit.AuthnFail, audit.Fail, "wrong")
		ev.At = db.Now()
		if err := db.Append(t.Context(), ev); err != nil {
			t.Fatal(err)
		}
	}
	db.Close()
	for _, typed := range []string{"7F3K-92QD", "7f3k92qd"} {
		if got, code := do("audit", "find", typed); code != 0 || strings.Count(got, "\n") != 1 || !strings.Contains(got, `"request":"7F3K-92QD"`) {
			t.Errorf("%s: %d\n%s", typed, code, got)
		}
	}
	if got, code := do("audit", "find", "7F3K-92QG"); code != 0 || !strings.Contains(got, "the log may have its line") {
		t.Errorf("%d\n%s", code, got)
	}
	if got, code := do("audit", "find", "hello"); code == 0 || !strings.Contains(got, "look like 7F3K-92QD") {
		t.Errorf("%d\n%s", code, got)
	}
}
