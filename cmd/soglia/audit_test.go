package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
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
