package notify

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"
)

// Trouble is a channel on which the last try failed, and not because of the recipient.
type Trouble struct {
	Since time.Time // the first try that failed since a message went out
	Last  time.Time
	Cause string // for operators; it names no recipient
}

// kindLink is the kind of mails with links for passwords.
const kindLink = "link"

// recent is how long a failed try speaks for the gateway to people: later it may be well again, and nobody has tried.
const recent = 10 * time.Minute

// troubles are told to operators at once. What people read of a channel, strangers among them, must not tell whose mailbox
// is full or put off, nor that there is an account: a link to a forgotten account is mailed for whoever names it, so for
// people such a mail, which fails or not only where there is one, is none.
type troubles struct {
	mu   sync.Mutex
	by   map[string]Trouble
	told map[string]time.Time // for people: the last try that failed since a message went out
}

// note takes down how a try to hand over a message of a kind ended. A gateway that refuses one recipient works; whether it
// would take another one is not known.
func (t *troubles) note(channel, kind string, now time.Time, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.by == nil {
		t.by, t.told = map[string]Trouble{}, map[string]time.Time{}
	}
	people := kind != kindLink
	switch {
	case err == nil:
		delete(t.by, channel)
		if people {
			delete(t.told, channel)
		}
	case !errors.Is(err, ErrRefused) && !errors.Is(err, ErrRecipient):
		in := Trouble{Since: now, Last: now, Cause: err.Error()}
		if before, ok := t.by[channel]; ok {
			in.Since = before.Since
		}
		t.by[channel] = in
		if people && !errors.Is(err, errPutOff) {
			t.told[channel] = now
		}
	}
}

// Troubles are the channels that do not work now, as far as this worker has seen.
func (w *Worker) Troubles() map[string]Trouble {
	w.troubles.mu.Lock()
	defer w.troubles.mu.Unlock()
	return maps.Clone(w.troubles.by)
}

// Failing reports whether people should know that a message by this channel may be late.
func (w *Worker) Failing(channel string) bool {
	w.troubles.mu.Lock()
	defer w.troubles.mu.Unlock()
	last, ok := w.troubles.told[channel]
	return ok && w.store.Now().Sub(last) < recent
}

// Test hands one message over now, past the outbox, within the time of one try.
func Test(ctx context.Context, driver Driver, d Delivery) (taken Taken, took time.Duration, err error) {
	begin := time.Now()
	taken, err = send(ctx, driver, d, sendTime)
	return taken, time.Since(begin), err
}
