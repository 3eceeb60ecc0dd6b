package step

import (
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
)

// What is known of a code's way follows from its message, the gateway's word and the clock alone.
func TestWhatAPageSaysFollowsFromTheMessage(t *testing.T) {
	sent := time.Date(2026, 12, 1, 11, 2, 0, 0, time.UTC)
	ended, word := sent.Add(time.Second), sent.Add(5*time.Second)
	taken := func(receipt string) storage.MessageState {
		return storage.MessageState{State: "sent", Ended: ended, Reports: true, Receipt: receipt, ReceiptAt: word}
	}
	for name, c := range map[string]struct {
		m       storage.MessageState
		failing bool
		after   time.Duration
		state   string
		clock   string
		first   bool // another channel
		asks    bool
	}{
		"just queued":               {storage.MessageState{}, false, 0, templates.Queued, "", false, true},
		"queued":                    {storage.MessageState{State: "queued"}, false, time.Second, templates.Queued, "", false, true},
		"queued in an outage":       {storage.MessageState{State: "queued"}, true, time.Second, templates.Late, "", true, true},
		"queued too long":           {storage.MessageState{State: "queued"}, false, 30 * time.Second, templates.Queued, "", true, true},
		"tried in vain":             {storage.MessageState{State: "retrying"}, false, time.Second, templates.Late, "", true, true},
		"given up":                  {storage.MessageState{State: "failed", Ended: ended}, false, time.Second, templates.Unsent, "12:02", true, false},
		"taken":                     {taken(""), false, 29 * time.Second, templates.Sent, "12:02", false, true},
		"taken, in an outage since": {taken(""), true, time.Second, templates.Sent, "12:02", false, true},
		"taken half a minute ago":   {taken(""), false, 30 * time.Second, templates.Sent, "12:02", true, true},
		"taken without a name":      {storage.MessageState{State: "sent", Ended: ended}, false, time.Second, templates.Sent, "12:02", false, false},
		"under way":                 {taken("sent"), false, 30 * time.Second, templates.Sent, "12:02", true, true},
		"delivered":                 {taken("delivered"), false, time.Hour, templates.Delivered, "12:02", false, false},
		"read":                      {taken("read"), false, time.Hour, templates.Delivered, "12:02", false, false},
		"not delivered":             {taken("failed"), false, time.Second, templates.Undelivered, "12:02", true, false},
	} {
		p := &Pages{Options{Failing: func(channel string) bool { return c.failing && channel == "sms" }}}
		d := p.delivery(acr.SMS, sent, c.m, "Europe/Rome", sent.Add(c.after))
		if d.State != c.state || d.Clock() != c.clock || d.OtherFirst != c.first || (d.Again > 0) != c.asks {
			t.Errorf("%s: %+v at %q", name, d, d.Clock())
		}
		if wait := d.OtherIn > 0; wait == (d.OtherFirst || d.State == templates.Delivered) {
			t.Errorf("%s: another channel in %d seconds", name, d.OtherIn)
		}
	}
	// The longer it takes, the less often a page asks: some fifty times in a code's ten minutes.
	p, asked := &Pages{Options{Failing: func(string) bool { return false }}}, 0
	for after := time.Duration(0); after < 10*time.Minute; asked++ {
		after += time.Duration(p.delivery(acr.SMS, sent, taken(""), "", sent.Add(after)).Again) * time.Second
	}
	if asked > 60 {
		t.Errorf("a page asks %d times", asked)
	}
}
