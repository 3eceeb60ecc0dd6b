package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/notify/gatewaytest"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
)

// A test message by SMS or WhatsApp names gateway, time and answer, and the receipt where a server runs to which it comes.
func TestATestMessageToATelephoneSaysWhoTookItAndWhatBecameOfIt(t *testing.T) {
	admin := httptest.NewServer(http.NotFoundHandler()) // whatever answers there is a server that runs
	defer admin.Close()
	t.Setenv("TEST_MASTER_KEY", "Xq3vR8sLw1Zb7Yt0Kd5Jm9Pc2Nf6Ha4G")
	twilio, meta := gatewaytest.NewTwilio(), gatewaytest.NewMetaCloud()
	for name, value := range map[string]string{"SID": twilio.Account, "TWILIO": twilio.Token, "WA": meta.Token, "APP": meta.AppSecret, "VERIFY": meta.VerifyToken} {
		t.Setenv("TEST_"+name, value)
	}
	for name, c := range map[string]struct {
		channel, to string
		fake        gatewaytest.Fake
		mode        gatewaytest.Mode
		running     bool
		says        string // "" = nothing goes out
		wrong       string
	}{
		"SMS":                        {"sms", "+39 333.123 4567", twilio, gatewaytest.Right, false, `(?s)^sms by twilio-it \(twilio\): taken in [0-9.]+[mµ]?s\nanswer: id SM[0-9a-f]{32}\nreceipt: no server runs here`, ""},
		"SMS with a receipt":         {"sms", "+39 333.123 4567", twilio, gatewaytest.Right, true, `(?s)answer: id SM[0-9a-f]{32}\nreceipt: sent after [0-9.]+m?s\nreceipt: delivered after `, ""},
		"WhatsApp with a receipt":    {"whatsapp", "+393331234567", meta, gatewaytest.Right, true, `(?s)^whatsapp by meta_cloud: taken .*receipt: delivered after `, ""},
		"the gateway lets no one in": {"sms", "+393331234567", twilio, gatewaytest.Unauthorized, false, "", `sms by twilio-it \(twilio\): not taken after [0-9.]+[mµ]?s: .*status 401`},
		"no prefix":                  {"sms", "333 1234567", twilio, gatewaytest.Right, false, "", "country's prefix"},
		"no number":                  {"whatsapp", "anna@example.it", meta, gatewaytest.Right, false, "", "country's prefix"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			text := "version: 1\nissuer: https://sso.example.it\nstorage: {url: \"sqlite:" + filepath.Join(dir, "soglia.db") + "\"}\nsecrets: {master_key: \"${env:TEST_MASTER_KEY}\"}\n" +
				"channels:\n  sms: [{driver: twilio, name: twilio-it, account: \"${env:TEST_SID}\", token: \"${env:TEST_TWILIO}\", sender: \"+390000000001\"}]\n" +
				"  whatsapp: {driver: meta_cloud, phone_number_id: \"" + meta.PhoneNumberID + "\", token: \"${env:TEST_WA}\", template: {it: otp_it, en: otp_en}, app_secret: \"${env:TEST_APP}\", verify_token: \"${env:TEST_VERIFY}\"}\n"
			if c.running {
				text += "admin: " + strings.TrimPrefix(admin.URL, "http://") + "\n"
			}
			file := filepath.Join(dir, "soglia.yaml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := sql.Open(t.Context(), "sqlite:"+filepath.Join(dir, "soglia.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			before := len(c.fake.Taken())
			if c.fake.Behave(c.mode); c.running {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go reports(ctx, db, c.fake, before)
			}
			var out bytes.Buffer
			err = (&testMessage{Channel: c.channel, To: c.to, configured: configured{file}, transport: c.fake}).Run(t.Context(), &streams{nil, &out, &out})
			if c.wrong != "" {
				if err == nil || !regexp.MustCompile(c.wrong).MatchString(err.Error()) || len(c.fake.Taken()) != before {
					t.Errorf("%v: %s", err, out.String())
				}
				return
			}
			if err != nil || !regexp.MustCompile(c.says).Match(out.Bytes()) {
				t.Fatalf("%v: %s", err, out.String())
			}
			taken := c.fake.Taken()
			if m := taken[len(taken)-1]; len(taken) != before+1 || m.To != "+393331234567" || m.Segments > 1 || c.running && c.channel == "sms" && m.Callback != "https://sso.example.it/hooks/messages/twilio-it" {
				t.Errorf("%+v", m)
			}
			if n, err := db.OutboxDepth(t.Context()); err != nil || n != 0 {
				t.Errorf("%d messages wait in the outbox, %v", n, err)
			}
		})
	}
}

// reports is a running server that hears of the message that came after the first n.
func reports(ctx context.Context, db *sql.Store, f gatewaytest.Fake, n int) {
	name := map[string]string{"twilio": "twilio-it", "meta_cloud": "meta_cloud"}[f.Driver()]
	for said := "sent"; ctx.Err() == nil; time.Sleep(700 * time.Millisecond) {
		if all := f.Taken(); len(all) > n {
			db.NoteReceipt(ctx, &storage.Receipt{Gateway: name, GatewayID: all[n].ID, State: said, At: db.Now()})
			if time.Since(all[n].At) > 1500*time.Millisecond {
				said = "delivered"
			}
		}
	}
}
