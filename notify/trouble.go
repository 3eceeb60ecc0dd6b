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

// recent is how long a failed try speaks for the gateway to people: later it may be well again, and nobody has tried.
const recent = 10 * time.Minute

type troubles struct {
	mu sync.Mutex
	by map[string]Trouble
}

// note takes down how a try on a channel ended. A gateway that refuses one recipient works; whether it would take
// another one is not known. And what strangers read of a channel must not tell whose mailbox is full.
func (t *troubles) note(channel string, now time.Time, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err == nil:
		delete(t.by, channel)
	case !errors.Is(err, ErrRefused) && !errors.Is(err, ErrRecipient):
		if t.by == nil {
			t.by = map[string]Trouble{}
		}
		in := Trouble{Since: now, Last: now, Cause: err.Error()}
		if before, ok := t.by[channel]; ok {
			in.Since = before.Since
		}
		t.by[channel] = in
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
	t, ok := w.Troubles()[channel]
	return ok && w.store.Now().Sub(t.Last) < recent
}

// Test hands one message over now, past the outbox, within the time of one try. answer is what the gateway said.
func Test(ctx context.Context, driver Driver, d Delivery) (answer string, took time.Duration, err error) {
	begin := time.Now()
	taken, err := send(ctx, driver, d, sendTime)
	return taken.Answer, time.Since(begin), err
}
