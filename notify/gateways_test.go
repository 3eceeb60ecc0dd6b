package notify

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify/gatewaytest"
	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
)

const (
	hooks      = "https://sso.example.it/hooks/messages/"
	hookSecret = "c2VjcmV0LXNlY3JldC1zZWNyZXQ"
	phone      = "+393331234567"
)

// settingsFor are those of an operator who has an account at the fake.
func settingsFor(f gatewaytest.Fake) config.Settings {
	switch f := f.(type) {
	case *gatewaytest.Mobyt:
		return &mobytSettings{"https://sms.example.it", config.Secret(f.UserKey), config.Secret(f.AccessToken), "GP", "EXAMPLE", hookSecret}
	case *gatewaytest.Twilio:
		return &twilioSettings{config.Secret(f.Account), config.Secret(f.Token), "+390000000001"}
	case *gatewaytest.Vonage:
		return &vonageSettings{config.Secret(f.Key), config.Secret(f.Secret), "EXAMPLE", config.Secret(f.SignatureSecret)}
	case *gatewaytest.MetaCloud:
		return &metaCloudSettings{f.PhoneNumberID, config.Secret(f.Token), map[string]string{"it": "otp_it", "en": "otp_en"}, "v23.0", config.Secret(f.AppSecret), config.Secret(f.VerifyToken)}
	case *gatewaytest.Webhook:
		return &webhookSettings{"https://gateway.example.it/hook", config.Secret(f.Key)}
	}
	panic("no settings for " + f.Driver())
}

// channelOf is what a fake's driver serves.
func channelOf(f gatewaytest.Fake) string { return kinds[f.Driver()].Channels[0] }

// wired is the channel of a fake with its gateway alone, as the configuration makes it.
func wired(t *testing.T, f gatewaytest.Fake) map[string]Driver {
	t.Helper()
	s := settingsFor(f)
	s.Check(func(key, format string, args ...any) {
		t.Errorf("%s: %s: "+format, append([]any{f.Driver(), key}, args...)...)
	}, nil)
	drivers, err := Open(config.Channels{channelOf(f): {{Driver: f.Driver(), Name: f.Driver(), For: []string{"*"}, Settings: s}}},
		Reach{Out: outbound.New(outbound.Options{Transport: f}), Hook: hooks})
	if err != nil {
		t.Fatal(err)
	}
	return drivers
}

// code is a delivery as the worker makes it.
func code(f gatewaytest.Fake) Delivery {
	return Delivery{
		ID: "aaaabbbbccccddddeeeeffffgg", Channel: channelOf(f), Kind: "code", To: phone, Code: "012345", Lang: "it",
		Text: "012345 è il codice.\n@sso.example.it #012345", Created: time.Now(), Lasts: 10 * time.Minute,
	}
}

// What each gateway makes of each way to fail, in one try. Nothing of a message may stand in an error, which is logged.
func TestR08DriversTellWhatAGatewaySaid(t *testing.T) {
	type answer int
	const (
		yes answer = iota
		refusal
		notNow
		open  // it may have been taken, and would be taken again
		again // it may have been taken, and would be known
	)
	want := map[gatewaytest.Mode]answer{
		gatewaytest.Right: yes, gatewaytest.Unauthorized: notNow, gatewaytest.Refused: refusal, gatewaytest.Busy: notNow,
		gatewaytest.Broken: notNow, gatewaytest.Hang: open, gatewaytest.Drip: open, gatewaytest.Reset: open,
		gatewaytest.ErrorInside: notNow, gatewaytest.Malformed: open,
	}
	for i, each := range gatewaytest.All() {
		cases := maps.Clone(want)
		if each.Driver() == "webhook" { // which knows a message that comes twice, and whose body means nothing
			for _, m := range []gatewaytest.Mode{gatewaytest.Hang, gatewaytest.Drip, gatewaytest.Reset} {
				cases[m] = again
			}
			cases[gatewaytest.ErrorInside], cases[gatewaytest.Malformed] = yes, yes
		}
		requests, faults := 0, 0
		for _, mode := range gatewaytest.Modes {
			t.Run(each.Driver()+"/"+mode.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := gatewaytest.All()[i]
					f.Behave(mode)
					d := code(f)
					ctx, cancel := context.WithTimeout(t.Context(), sendTime)
					defer cancel()
					taken, err := wired(t, f)[d.Channel].Send(ctx, d)
					var no *NotNow
					got := again
					switch {
					case err == nil:
						got = yes
					case errors.Is(err, ErrRefused):
						got = refusal
					case errors.As(err, &no):
						got = notNow
					case errors.Is(err, ErrUnsure):
						got = open
					}
					if got != cases[mode] {
						t.Errorf("%v, which is %d, want %d", err, got, cases[mode])
					}
					if (mode == gatewaytest.Busy) != (no != nil && no.Wait == gatewaytest.RetryAfter) {
						t.Errorf("%v asks for %+v", mode, no)
					}
					if m := f.Mistakes(); len(m) != 0 || f.Requests() != 1 {
						t.Errorf("%d requests, mistakes %q", f.Requests(), m)
					}
					if err == nil && (taken.ID != f.Taken()[0].ID || taken.Gateway != f.Driver()) {
						t.Errorf("%+v, the gateway says %q", taken, f.Taken()[0].ID)
					}
					if err != nil && (strings.Contains(err.Error(), "333") || strings.Contains(err.Error(), "012345") || strings.Contains(err.Error(), "AC0123")) {
						t.Errorf("the error tells too much: %v", err)
					}
					requests, faults = requests+f.Requests(), faults+f.Faults()
				})
			})
		}
		t.Logf("%s: %d requests, %d faults, page cited: %s", each.Driver(), requests, faults, each.Page())
	}
}

// A whole code with each gateway in each mood: never more than five requests, never one after the end, never a second
// message where the gateway knows it, one duplicate at most where it does not.
func TestR08R10EachGatewayInEachMoodGetsAMessageOnceOrHasItTwiceAtMost(t *testing.T) {
	for i, each := range gatewaytest.All() {
		for _, mode := range gatewaytest.Modes {
			t.Run(each.Driver()+"/"+mode.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := gatewaytest.All()[i]
					f.Behave(mode)
					db, _ := database(t)
					defer db.Close()
					ctx, cancel := context.WithCancel(t.Context())
					ended := make(chan error)
					w := NewWorker(db, box, wired(t, f), quiet)
					go func() { ended <- w.Run(ctx) }()
					put(t, db, func(m *Message) {
						d := code(f)
						m.Channel, m.To, m.Code, m.Lang, m.Text, m.NotAfter = d.Channel, d.To, d.Code, d.Lang, d.Text, db.Now().Add(2*time.Minute)
					})
					end := time.Now().Add(2 * time.Minute)
					time.Sleep(3 * time.Minute)
					cancel()
					<-ended
					tries := f.Requests()
					taken := f.Taken()
					most := 2
					if each.Driver() == "webhook" {
						most = 1
					}
					if tries == 0 || tries > maxTries || len(taken) > most || len(f.Mistakes()) > 0 {
						t.Errorf("%d requests, %d messages, mistakes %q", tries, len(taken), f.Mistakes())
					}
					if once := mode == gatewaytest.Right || mode == gatewaytest.Refused; once && tries != 1 {
						t.Errorf("%d requests", tries)
					}
					for _, m := range taken {
						if m.At.After(end) || m.To != phone || !strings.Contains(m.Text, "012345") || m.Text[0] != '0' {
							t.Errorf("%s after the end, to %s: %q", m.At.Sub(end), m.To, m.Text)
						}
						if m.Reference != "" && m.Reference != taken[0].Reference {
							t.Errorf("references %q and %q", m.Reference, taken[0].Reference)
						}
					}
					if depth(t, db) != 0 {
						t.Error("it is still queued")
					}
				})
			})
		}
	}
}

// A gateway that recovers gets the message, under the same id.
func TestR08AGatewayThatRecoversGetsTheMessage(t *testing.T) {
	for i, each := range gatewaytest.All() {
		t.Run(each.Driver(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := gatewaytest.All()[i]
				f.Behave(gatewaytest.Unauthorized, gatewaytest.Busy, gatewaytest.Broken, gatewaytest.Right)
				db, _ := database(t)
				defer db.Close()
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error)
				w := NewWorker(db, box, wired(t, f), quiet)
				go func() { ended <- w.Run(ctx) }()
				put(t, db, func(m *Message) { m.Channel, m.To, m.Code, m.Lang = channelOf(f), phone, "012345", "en" })
				time.Sleep(5 * time.Minute)
				cancel()
				<-ended
				if len(f.Taken()) != 1 || w.Codes()[Count{channelOf(f), sent}] != 1 || f.Requests() != 4 {
					t.Errorf("%d requests, %d messages, %v", f.Requests(), len(f.Taken()), w.Codes())
				}
			})
		})
	}
}

// Retry-After is obeyed, and one that lies beyond the code's end ends it.
func TestRetryAfterIsObeyedAndBoundedByTheCodesEnd(t *testing.T) {
	for name, c := range map[string]struct {
		wait  time.Duration
		calls int
	}{"a minute": {time.Minute, 2}, "a day": {24 * time.Hour, 1}, "nothing": {0, 2}} {
		t.Run(name, func(t *testing.T) {
			g := &gateway{send: func(_ context.Context, call int, _ Delivery) error {
				if call == 1 {
					return &NotNow{errors.New("429"), c.wait}
				}
				return nil
			}}
			bubble(t, g, func(db *sql.Store, w *Worker) {
				put(t, db)
				time.Sleep(20 * time.Minute)
				calls := g.seen()
				if len(calls) != c.calls {
					t.Fatalf("%d calls, %v", len(calls), w.Counts())
				}
				if len(calls) == 2 && calls[1].Sub(calls[0]) < c.wait {
					t.Errorf("asked again after %s", calls[1].Sub(calls[0]))
				}
			})
		})
	}
}

// What a gateway gets besides number and text.
func TestEachGatewayGetsWhatItsDocumentsAskFor(t *testing.T) {
	for _, f := range gatewaytest.All() {
		d := code(f)
		if _, err := wired(t, f)[d.Channel].Send(t.Context(), d); err != nil {
			t.Fatal(f.Driver(), err)
		}
		m := f.Taken()[0]
		body := string(m.Body)
		switch f.Driver() {
		case "mobyt":
			if m.From != "EXAMPLE" || m.Reference != d.ID || m.Segments != 1 || strings.Contains(body, "ucs2") {
				t.Errorf("%+v", m)
			}
			d.Text = "012345 — čitaj"
			if _, err := wired(t, f)["sms"].Send(t.Context(), d); err != nil || !strings.Contains(string(f.Taken()[1].Body), "ucs2") {
				t.Errorf("beyond the GSM alphabet: %v", err)
			}
		case "twilio":
			if m.Callback != hooks+"twilio" || !strings.Contains(body, "ValidityPeriod=600") {
				t.Errorf("%+v %s", m, body)
			}
		case "vonage":
			if m.Callback != hooks+"vonage" || !strings.Contains(body, `"ttl":600`) || m.Reference != d.ID {
				t.Errorf("%+v %s", m, body)
			}
		case "meta_cloud":
			if m.Template != "otp_it" || m.Language != "it" || m.Text != "012345" || m.Reference != d.ID {
				t.Errorf("%+v", m)
			}
			d.Lang = "en"
			wired(t, f)["whatsapp"].Send(t.Context(), d)
			if again := f.Taken()[1]; again.Template != "otp_en" || again.Language != "en" {
				t.Errorf("%+v", again)
			}
			d.Code = ""
			if _, err := wired(t, f)["whatsapp"].Send(t.Context(), d); !errors.Is(err, ErrRefused) || len(f.Taken()) != 2 {
				t.Errorf("what is no code went: %v", err)
			}
		case "webhook":
			if m.ID != "msg_"+d.ID {
				t.Errorf("%+v", m)
			}
		}
	}
}

// Code and language ride in the sealed part, and come out with it.
func TestCodeAndLanguageAreSealed(t *testing.T) {
	db, _ := database(t)
	defer db.Close()
	put(t, db, func(m *Message) { m.Code, m.Lang = "918273", "it" })
	rows, err := db.LeaseMessages(t.Context(), "w", storage.ToPeople, 1, db.Now(), leaseTime)
	if err != nil || len(rows) != 1 {
		t.Fatal(len(rows), err)
	}
	if row, _ := json.Marshal(rows[0]); strings.Contains(string(row), "918273") || strings.Contains(string(rows[0].Sealed), "918273") {
		t.Errorf("in clear: %s", row)
	}
	o := Outbox{Box: box}
	if d, err := o.open(rows[0]); err != nil || d.Code != "918273" || d.Lang != "it" {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestSettingsThatAGatewayWouldRefuseAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s config.Settings)
		driver string
		key    string
	}{
		"mobyt by http":           {func(s config.Settings) { s.(*mobytSettings).BaseURL = "http://sms.example.it" }, "mobyt", "base_url"},
		"mobyt with a query":      {func(s config.Settings) { s.(*mobytSettings).BaseURL = "https://sms.example.it/?a=b" }, "mobyt", "base_url"},
		"mobyt's kind":            {func(s config.Settings) { s.(*mobytSettings).MessageType = "gold" }, "mobyt", "message_type"},
		"mobyt's sender":          {func(s config.Settings) { s.(*mobytSettings).Sender = "Example Hosting" }, "mobyt", "sender"},
		"a sender of digits":      {func(s config.Settings) { s.(*mobytSettings).Sender = "123" }, "mobyt", "sender"},
		"mobyt's short secret":    {func(s config.Settings) { s.(*mobytSettings).ReceiptSecret = "hook" }, "mobyt", "receipt_secret"},
		"twilio's account":        {func(s config.Settings) { s.(*twilioSettings).Account = "SK1" }, "twilio", "account"},
		"twilio's sender":         {func(s config.Settings) { s.(*twilioSettings).Sender = "+0123" }, "twilio", "sender"},
		"vonage's sender":         {func(s config.Settings) { s.(*vonageSettings).Sender = strings.Repeat("x", 12) }, "vonage", "sender"},
		"meta's number":           {func(s config.Settings) { s.(*metaCloudSettings).PhoneNumberID = "+39 333" }, "meta_cloud", "phone_number_id"},
		"meta's version":          {func(s config.Settings) { s.(*metaCloudSettings).Graph = "23" }, "meta_cloud", "graph"},
		"meta's template":         {func(s config.Settings) { s.(*metaCloudSettings).Template = map[string]string{"it": "OTP IT"} }, "meta_cloud", "template"},
		"meta without a template": {func(s config.Settings) { s.(*metaCloudSettings).Template = map[string]string{} }, "meta_cloud", "template"},
		"meta's receipts, half":   {func(s config.Settings) { s.(*metaCloudSettings).VerifyToken = "" }, "meta_cloud", "app_secret"},
		"webhook's key":           {func(s config.Settings) { s.(*webhookSettings).Token = "whsec_c2hvcnQ=" }, "webhook", "token"},
		"webhook's key, bare":     {func(s config.Settings) { s.(*webhookSettings).Token = "c29nbGlhLWZha2UtZ2F0ZXdheS1rZXktMzItYnl0ZXM=" }, "webhook", "token"},
	} {
		i := slices.IndexFunc(gatewaytest.All(), func(f gatewaytest.Fake) bool { return f.Driver() == c.driver })
		s := settingsFor(gatewaytest.All()[i])
		c.change(s)
		var told []string
		s.Check(func(key, _ string, _ ...any) { told = append(told, key) }, nil)
		if !slices.Equal(told, []string{c.key}) {
			t.Errorf("%s: told of %q", name, told)
		}
	}
}
