package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/notify/mailtest"
)

func TestQ25AMessageIsTriedAndTheAnswerTold(t *testing.T) {
	config := func(t *testing.T, at string) string {
		file := filepath.Join(t.TempDir(), "soglia.yaml")
		text := "version: 1\nissuer: https://sso.example.it\nstorage: {url: \"sqlite:soglia.db\"}\nsecrets: {master_key: \"${env:TEST_MASTER_KEY}\"}\n" +
			"channels: {email: {url: \"smtp://" + at + "\", from: \"Example <no-reply@example.it>\"}}\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	t.Setenv("TEST_MASTER_KEY", "Xq3vR8sLw1Zb7Yt0Kd5Jm9Pc2Nf6Ha4G")
	for name, c := range map[string]struct {
		server *mailtest.Server // nil = it says nothing
		args   string
		code   int
		says   string
	}{
		"taken":              {&mailtest.Server{}, "email Mario@Bücher.example", 0, `^email by smtp: taken in [0-9.]+m?s\nanswer: .*queued`},
		"no such mailbox":    {&mailtest.Server{Refuse: mailtest.Refusal(550, 5, 1, 1)}, "email u@example.it", 1, `^email by smtp: not taken after [0-9.]+m?s: .*550`},
		"it takes none":      {&mailtest.Server{Refuse: mailtest.Refusal(554, 5, 7, 1)}, "email u@example.it", 1, `not taken after .*554`},
		"no SMTPUTF8":        {&mailtest.Server{ASCII: true}, "email nicolò@example.it", 1, `no SMTPUTF8`},
		"it says nothing":    {nil, "email u@example.it", 1, `not taken after [0-9.]+m?s: `},
		"no address":         {&mailtest.Server{}, "email nobody", 1, `not one mail address`},
		"no channel":         {&mailtest.Server{}, "sms +393331234567", 1, `no channel "sms" in .*; channels: email`},
		"no channel, typing": {&mailtest.Server{}, "mail u@example.it", 1, `channels: email`},
	} {
		t.Run(name, func(t *testing.T) {
			at, ctx := "", t.Context()
			if c.server == nil {
				at = mailtest.Silent(t)
				short, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				ctx = short
			} else {
				at = c.server.Start(t)
			}
			var out bytes.Buffer
			args := append([]string{"message", "test", "--file", config(t, at)}, strings.Fields(c.args)...)
			if got := run(ctx, args, &streams{nil, &out, &out}); got != c.code || !regexp.MustCompile(c.says).Match(out.Bytes()) {
				t.Errorf("exit code %d: %s", got, out.String())
			}
			if c.code != 0 {
				return
			}
			if m := c.server.Mails(); len(m) != 1 || m[0].To[0] != "Mario@xn--bcher-kva.example" || !strings.Contains(m[0].Data, "https://sso.example.it") {
				t.Errorf("%+v", m)
			}
		})
	}
}
