package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/notify/mailtest"
)

// check --online says a line for each that was asked, and its exit code tells a no (1) from nobody being there (2).
func TestCheckOnlineAsksAndSendsNothing(t *testing.T) {
	t.Setenv("TEST_MASTER_KEY", "Xq3vR8sLw1Zb7Yt0Kd5Jm9Pc2Nf6Ha4G")
	t.Setenv("HOOK_KEY", "whsec_c29nbGlhLWZha2UtZ2F0ZXdheS1rZXktMzItYnl0ZXM=")
	server := &mailtest.Server{}
	at := server.Start(t)
	for name, c := range map[string]struct {
		more  string
		code  int
		lines []string
	}{
		"all well": {"", 0, []string{"email by smtp: ok"}},
		"nobody there": {"  webhook: {events: [factor.removed], url: \"https://127.0.0.1:1/\", secret: \"${env:HOOK_KEY}\"}\nbackchannel: {allow: [127.0.0.1]}\n", 2,
			[]string{"email by smtp: ok", "event by webhook: dial tcp 127.0.0.1:1: connect: connection refused", "1 of 2 could not be asked"}},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "soglia.yaml")
			text := "version: 1\nissuer: https://sso.example.it\nstorage: {url: \"sqlite:soglia.db\"}\nsecrets: {master_key: \"${env:TEST_MASTER_KEY}\"}\n" +
				"channels:\n  email: {url: \"smtp://" + at + "\", from: \"Example <no-reply@example.it>\"}\n" + c.more
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, json := range []string{"", " --json"} {
				var out bytes.Buffer
				if got := run(t.Context(), strings.Fields("check --online --file "+file+json), &streams{nil, &out, &out}); got != c.code {
					t.Errorf("exit code %d: %s", got, out.String())
				}
				for _, line := range c.lines {
					if json == "" && !strings.Contains(out.String(), "\n"+line) || json != "" && c.code != 0 && !strings.Contains(out.String(), "connection refused") {
						t.Errorf("no line %q: %s", line, out.String())
					}
				}
			}
		})
	}
	if len(server.Mails()) != 0 {
		t.Error("a mail was sent")
	}
}
