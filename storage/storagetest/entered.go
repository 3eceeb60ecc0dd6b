package storagetest

import (
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func entered(t *testing.T, w *world) {
	ctx := t.Context()
	put := func(at time.Time, change func(*storage.Code)) *storage.Code {
		c := &storage.Code{ID: id(), Transaction: id(), Purpose: "login", PersonID: id(), ContactID: id(), Channel: "sms", Prefix: "+393331",
			MAC: hash(), MaxTries: 3, Created: at, Expires: at.Add(10 * time.Minute)}
		if change != nil {
			change(c)
		}
		must(t, w.PutCode(ctx, c))
		return c
	}
	enter := func(c *storage.Code) {
		ok, _, err := w.TryCode(ctx, &storage.CodeTry{ID: c.ID, Transaction: c.Transaction, Purpose: c.Purpose, PersonID: c.PersonID, MAC: c.MAC, Now: c.Created})
		if must(t, err); !ok {
			t.Error("the right code was refused")
		}
	}
	judged := func(want storage.Entered) {
		t.Helper()
		got, err := w.Entered(ctx, "sms", "+393331", w.in(-time.Hour), 2*time.Minute, w.now)
		must(t, err)
		same(t, got, want)
	}
	judged(storage.Entered{})
	put(w.in(-time.Hour), nil)
	put(w.now, func(c *storage.Code) { c.Channel = "whatsapp" })
	put(w.now, func(c *storage.Code) { c.Prefix = "+393332" })
	put(w.now, func(c *storage.Code) { c.Channel, c.Prefix = "email", "" })
	judged(storage.Entered{})
	put(w.in(-time.Minute*2), nil)
	enter(put(w.in(-time.Minute*2), nil))
	judged(storage.Entered{Sent: 2, Entered: 1})
	enter(put(w.in(-time.Minute), nil))
	put(w.in(-time.Minute), nil)
	judged(storage.Entered{Sent: 4, Entered: 2, Young: 1})

	// A message that no gateway took says nothing of the prefix; one that waits for its first try will leave.
	message := func(c *storage.Code) {
		must(t, w.Enqueue(ctx, &storage.Message{ID: c.ID, Channel: "sms", Created: c.Created, NotAfter: c.Expires, Due: c.Created}))
	}
	lease := func() {
		_, err := w.LeaseMessages(ctx, "a", storage.ToPeople, 100, w.now, time.Minute)
		must(t, err)
	}
	message(put(w.in(-time.Minute), nil))
	judged(storage.Entered{Sent: 5, Entered: 2, Young: 2})
	lease()
	judged(storage.Entered{Sent: 5, Entered: 2, Young: 2})
	refused, again, taken := put(w.in(-time.Minute), nil), put(w.in(-time.Minute), nil), put(w.in(-time.Minute), nil)
	for _, c := range []*storage.Code{refused, again, taken} {
		message(c)
	}
	lease()
	must(t, w.FinishMessage(ctx, refused.ID, "a", storage.MessageEnd{State: "failed", At: w.now}))
	must(t, w.RetryMessage(ctx, again.ID, "a", w.in(time.Second)))
	must(t, w.FinishMessage(ctx, taken.ID, "a", storage.MessageEnd{State: "sent", At: w.now}))
	judged(storage.Entered{Sent: 6, Entered: 2, Young: 3})
	message(put(w.in(-11*time.Minute), nil)) // nobody took it in time
	judged(storage.Entered{Sent: 6, Entered: 2, Young: 3})
}
