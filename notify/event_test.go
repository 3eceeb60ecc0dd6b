package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify/gatewaytest"
	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

var update = flag.Bool("update", false, "write the examples of docs/events.md")

// telling lets a worker tell events to an operator's program, in a bubble; pass lets time pass.
func telling(t *testing.T, names []string, test func(t *testing.T, db storage.Store, f *gatewaytest.Webhook, pass func(time.Duration))) {
	synctest.Test(t, func(t *testing.T) {
		raw, _ := database(t)
		defer raw.Close()
		f := gatewaytest.NewWebhook()
		key, err := secret.WebhookKey(f.Key)
		if err != nil {
			t.Fatal(err)
		}
		to := &config.Webhook{Events: names, URL: "https://crm.example.it/hook", Key: key}
		db := NewEvents(to, box).Around(raw)
		if err := db.CreatePerson(t.Context(), &storage.Person{
			ID: "mfrggzdfmztwq2lknnwg23tpob", Username: "anna", Canonical: "anna", CustomerNumber: "K-1001", ExternalID: "C-1001", Created: db.Now(),
		}); err != nil {
			t.Fatal(err)
		}
		w := NewWorker(db, box, map[string]Driver{storage.ChannelEvent: OpenEvents(to, outbound.New(outbound.Options{Transport: f}))}, quiet)
		test(t, db, f, func(d time.Duration) {
			for range d / time.Minute {
				time.Sleep(time.Minute)
				if err := w.Drain(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	})
}

func happened(name, reason, detail string) *storage.Event {
	ev := &storage.Event{Name: name, Outcome: "ok", Reason: reason, Actor: "mfrggzdfmztwq2lknnwg23tpob", PersonID: "mfrggzdfmztwq2lknnwg23tpob", RequestID: "7F3K-92QD", IP: "203.0.113.7", UserAgent: "Firefox"}
	if detail != "" {
		ev.Detail = []byte(detail)
	}
	return ev
}

func TestAnEventIsToldOnceForAnActThatWasDone(t *testing.T) {
	telling(t, []string{"factor.removed"}, func(t *testing.T, db storage.Store, f *gatewaytest.Webhook, pass func(time.Duration)) {
		undone := errors.New("undone")
		record := func(r storage.Records) error {
			return r.Append(t.Context(), happened("factor.removed", "totp", ""), happened("factor.added", "sms", ""))
		}
		if err := db.Tx(t.Context(), func(r storage.Records) error { return errors.Join(record(r), undone) }); !errors.Is(err, undone) {
			t.Fatal(err)
		}
		if pass(time.Minute); f.Requests() != 0 {
			t.Error("an act that was undone is told")
		}
		if err := db.Tx(t.Context(), record); err != nil {
			t.Fatal(err)
		}
		if err := db.Append(t.Context(), happened("factor.removed", "sms", "")); err != nil { // alone
			t.Fatal(err)
		}
		pass(time.Minute)
		if got := f.Taken(); len(got) != 2 || got[0].Event != "factor.removed" || got[1].Event != "factor.removed" || got[0].ID == got[1].ID {
			t.Errorf("told: %+v", got)
		}
		events, err := db.Events(t.Context(), "", time.Time{}, 10)
		if err != nil || len(events) != 3 {
			t.Errorf("%d records, %v", len(events), err)
		}
		if !slices.ContainsFunc(events, func(ev *storage.Event) bool { return "msg_"+ev.ID == f.Taken()[0].ID }) {
			t.Error("webhook-id does not name the record")
		}
		if m := f.Mistakes(); len(m) != 0 {
			t.Errorf("mistakes: %q", m)
		}
	})
}

func TestAnActThatCannotBeToldIsNotDone(t *testing.T) {
	telling(t, []string{"factor.removed"}, func(t *testing.T, db storage.Store, f *gatewaytest.Webhook, pass func(time.Duration)) {
		put(t, db, func(m *Message) { m.ID = "taken" })
		ev := happened("factor.removed", "totp", "")
		ev.ID = "taken"
		if err := db.Append(t.Context(), ev); !errors.Is(err, storage.ErrConflict) {
			t.Errorf("Append = %v", err)
		}
		if all, err := db.Events(t.Context(), "", time.Time{}, 10); err != nil || len(all) != 0 {
			t.Errorf("%d records, %v", len(all), err)
		}
	})
}

// Whatever the program answers, and however often its connection breaks, it hears of the event within a day of tries.
func TestAnEventWaitsOutAProgramInEachMood(t *testing.T) {
	for _, mode := range gatewaytest.Modes {
		t.Run(mode.String(), func(t *testing.T) {
			telling(t, []string{"factor.removed"}, func(t *testing.T, db storage.Store, f *gatewaytest.Webhook, pass func(time.Duration)) {
				f.Behave(mode)
				if err := db.Append(t.Context(), happened("factor.removed", "totp", "")); err != nil {
					t.Fatal(err)
				}
				pass(10 * time.Hour) // a night
				bad := f.Requests()
				f.Behave(gatewaytest.Right)
				pass(10 * time.Hour)
				if got := f.Taken(); len(got) != 1 || got[0].Event != "factor.removed" || bad > 8 || f.Requests() > bad+1 {
					t.Errorf("%d of it came, in %d tries and %d", len(got), bad, f.Requests()-bad)
				}
			})
		})
	}
}

func TestAnEventThatNobodyTakesEndsWithItsDay(t *testing.T) {
	telling(t, []string{"factor.removed"}, func(t *testing.T, db storage.Store, f *gatewaytest.Webhook, pass func(time.Duration)) {
		f.Behave(gatewaytest.Refused)
		if err := db.Append(t.Context(), happened("factor.removed", "totp", "")); err != nil {
			t.Fatal(err)
		}
		pass(24 * time.Hour)
		n := f.Requests()
		pass(5 * time.Hour)
		if n < 8 || n > eventTries || f.Requests() != n {
			t.Errorf("%d tries in a day, %d later", n, f.Requests()-n)
		}
	})
}

// The examples of docs/events.md are what is sent, byte for byte but for white space, and every event has one.
func TestEachEventIsDocumentedWithWhatIsSent(t *testing.T) {
	examples := map[string]*storage.Event{
		"consent.given":            happened("consent.given", "", `{"scope":"openid dns"}`),
		"consent.revoked":          happened("consent.revoked", "", ""),
		"contact.change.done":      happened("contact.change.done", "email", `{"address":"a•••@e•••.it"}`),
		"contact.change.requested": happened("contact.change.requested", "email", `{"address":"a•••@e•••.it"}`),
		"contact.primary":          happened("contact.primary", "email", `{"contact":"nbswy3dpeb3w64tmmqqhi33eme","address":"a•••@e•••.it"}`),
		"contact.reverted":         happened("contact.reverted", "", `{"address":"a•••@e•••.it"}`),
		"contact.removed":          happened("contact.removed", "phone", `{"contact":"nbswy3dpeb3w64tmmqqhi33eme","address":"••• ••• 567"}`),
		"factor.added":             happened("factor.added", "sms", ""),
		"factor.removed":           happened("factor.removed", "totp", `{"reason":"swap"}`),
		"idp.link":                 happened("idp.link", "google", ""),
		"idp.unlink":               happened("idp.unlink", "google", ""),
		"mfa.paused":               happened("mfa.paused", "totp", ""),
		"person.created":           happened("person.created", "", ""),
		"person.disabled":          happened("person.disabled", "locked", `{"uid":1000}`),
		"person.invited":           happened("person.invited", "", ""),
		"person.updated":           happened("person.updated", "", ""),
		"pw.reset.used":            happened("pw.reset.used", "reset", ""),
		"rest.waived":              happened("rest.waived", "", `{"reason":"she came with her passport"}`),
	}
	for _, name := range []string{"consent.given", "consent.revoked"} {
		examples[name].ClientID = "dns-panel"
	}
	for _, name := range []string{"person.disabled", "rest.waived"} {
		examples[name].Actor, examples[name].RequestID = "operator", ""
	}
	for _, name := range []string{"person.created", "person.invited", "person.updated", "contact.removed"} {
		examples[name].Actor = "crm"
	}
	examples["contact.reverted"].Actor = "" // a link, and nobody who signed in
	examples["mfa.paused"].Outcome, examples["mfa.paused"].Actor = "fail", ""
	doc, err := os.ReadFile("../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	telling(t, config.Events, func(t *testing.T, db storage.Store, f *gatewaytest.Webhook, pass func(time.Duration)) {
		for i, name := range config.Events {
			ev := examples[name]
			if ev == nil {
				t.Fatalf("no example of %s", name)
			}
			ev.ID, ev.At = "ge3dknzrgezdgnbvgy3tqojqg"+string(rune('a'+i)), db.Now()
			if err := db.Append(t.Context(), ev); err != nil {
				t.Fatal(err)
			}
		}
		pass(time.Minute)
		for _, m := range f.Taken() {
			var pretty bytes.Buffer
			body := bytes.ReplaceAll(m.Body, []byte(time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)), []byte("2026-12-01T10:00:00Z"))
			if err := json.Indent(&pretty, body, "", "  "); err != nil {
				t.Fatal(err)
			}
			told[m.Event] = pretty.String()
			for _, never := range []string{"203.0.113.7", "Firefox", "1000", "passport", "333"} {
				if strings.Contains(pretty.String(), never) {
					t.Errorf("%s tells %s", m.Event, never)
				}
			}
		}
	})
	sections := regexp.MustCompile("(?s)(### `([a-z.]+)`\n.*?```json\n)(.*?)(\n```\n)")
	if *update {
		doc = sections.ReplaceAllFunc(doc, func(section []byte) []byte {
			m := sections.FindSubmatch(section)
			return slices.Concat(m[1], []byte(told[string(m[2])]), m[4])
		})
		if err := os.WriteFile("../docs/events.md", doc, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var documented []string
	for _, m := range sections.FindAllSubmatch(doc, -1) {
		name := string(m[2])
		documented = append(documented, name)
		if string(m[3]) != told[name] {
			t.Errorf("the example of %s is not what is sent (go test ./notify -run Documented -update):\n%s", name, told[name])
		}
	}
	if !slices.Equal(documented, config.Events) {
		t.Errorf("documented %v, want %v", documented, config.Events)
	}
	names, err := os.ReadFile("../audit/names.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range config.Events {
		if !bytes.Contains(names, []byte(`"`+name+`"`)) {
			t.Errorf("no record is called %s", name)
		}
	}
}
