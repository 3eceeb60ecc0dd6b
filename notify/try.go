package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/storage"
)

// maxTries counts the first one. docs/security.md: outbox ≤ 5 tries with jitter.
const maxTries = 5

// eventTries are an event's: the program that it is for may be away for a night, and nobody waits in front of a page.
const eventTries = 11

// The states a message ends in, and the reasons of a failure. They go to the database and to metrics.
const (
	sent   = "sent"
	failed = "failed"

	expired    = "expired"    // its time was over
	refused    = "refused"    // the gateway will never take it
	tries      = "tries"      // five were not enough
	unsure     = "unsure"     // it may have been taken twice already
	unreadable = "unreadable" // sealed with another master key
	noDriver   = "no_driver"  // its channel is not configured
	nobody     = "nobody"     // a panel that cannot be told
	retried    = "retried"
)

// try hands one message over, once, and writes down how it went. It does not end with the worker: a try under way at
// shutdown has its ten seconds.
func (w *Worker) try(ctx context.Context, m *storage.Message) {
	ctx = context.WithoutCancel(ctx)
	begin := w.store.Now()
	left := m.NotAfter.Sub(begin)
	driver := w.drivers[m.Channel]
	delivery, err := w.outbox.open(m)
	switch {
	case left <= 0:
		w.finish(ctx, m, failed, expired, nil)
		return
	case driver == nil:
		w.finish(ctx, m, failed, noDriver, nil)
		return
	case err != nil:
		w.finish(ctx, m, failed, unreadable, err)
		return
	}
	delivery.Lasts = left
	taken, err := send(ctx, driver, delivery, min(left, sendTime))
	w.troubles.note(m.Channel, m.Kind, w.store.Now(), err)
	var no *NotNow
	switch {
	case err == nil:
		w.handedOver(ctx, m, taken)
	case errors.Is(err, ErrNobody):
		w.finish(ctx, m, failed, nobody, nil)
	case errors.Is(err, ErrRefused):
		w.finish(ctx, m, failed, refused, err)
	case m.Attempts >= mostTries(m):
		w.finish(ctx, m, failed, tries, err)
	case errors.Is(err, ErrUnsure) && m.Attempts > 1: // whatever became of the tries before, this is the second to reach somebody at most
		w.finish(ctx, m, failed, unsure, err)
	default:
		wait := delay(m)
		if errors.As(err, &no) {
			wait = max(wait, no.Wait)
		}
		next := w.store.Now().Add(wait)
		if !next.Before(m.NotAfter) {
			w.finish(ctx, m, failed, expired, err)
			return
		}
		w.count(m, retried)
		w.say(ctx, slog.LevelWarn, m, retried, err)
		w.note(ctx, m, func(ctx context.Context) error { return w.store.RetryMessage(ctx, m.ID, w.name, next) })
	}
}

// send bounds a driver: in time, even one that ignores its context, and against a panic.
func send(ctx context.Context, driver Driver, d Delivery, limit time.Duration) (Taken, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	type end struct {
		taken Taken
		err   error
	}
	done := make(chan end, 1)
	go func() {
		defer func() {
			if v := recover(); v != nil {
				done <- end{err: fmt.Errorf("driver panicked: %v", v)}
			}
		}()
		taken, err := driver.Send(ctx, d)
		done <- end{taken, err}
	}()
	select {
	case e := <-done:
		return e.taken, e.err
	case <-ctx.Done():
	}
	select {
	case e := <-done: // it may have been taken at the last moment
		return e.taken, e.err
	case <-time.After(time.Second):
		return Taken{}, fmt.Errorf("no answer: %w", ctx.Err())
	}
}

// delay before try n+1: about 5, 15, 45, 135 s, half of it chance, so that a gateway that comes back is not met by
// everyone at once. Together they fit into the ten minutes of a code. A notice or an invitation, which nobody waits for, has
// its tries within hours (5 s, 1 min, 12 min, 2 h): it outlasts a gateway that is away in the meantime.
// An event has its own within a day (5 s, 30 s, 3 min, 18 min, 1 h 48 min, then every four hours).
func delay(m *storage.Message) time.Duration {
	d, grows := 5*time.Second, time.Duration(3)
	switch {
	case m.Channel == storage.ChannelEvent:
		grows = 6
	case m.NotAfter.Sub(m.Created) > 6*time.Hour:
		grows = 12
	}
	for range m.Attempts - 1 {
		d = min(d*grows, longestDelay)
	}
	return d/2 + rand.N(d/2+1) + d/4
}

// longestDelay is beyond what anything but an event comes to.
const longestDelay = 4 * time.Hour

// mostTries counts the first one.
func mostTries(m *storage.Message) int {
	if m.Channel == storage.ChannelEvent {
		return eventTries
	}
	return maxTries
}

func (w *Worker) finish(ctx context.Context, m *storage.Message, state, reason string, cause error) {
	result, level := state, slog.LevelInfo
	switch {
	case reason == nobody:
		result, level = reason, slog.LevelDebug
	case state == failed:
		result, level = reason, slog.LevelError
	}
	w.count(m, result)
	w.say(ctx, level, m, result, cause)
	w.note(ctx, m, func(ctx context.Context) error {
		return w.store.FinishMessage(ctx, m.ID, w.name, storage.MessageEnd{State: state, Reason: reason, At: w.store.Now()})
	})
}

// handedOver notes a gateway's yes, and leaves a record where another gateway should have said it.
func (w *Worker) handedOver(ctx context.Context, m *storage.Message, taken Taken) {
	w.count(m, sent)
	attrs := []slog.Attr{}
	if taken.Gateway != "" {
		attrs = append(attrs, slog.String("gateway", taken.Gateway))
	}
	if taken.InsteadOf != "" {
		attrs = append(attrs, slog.String("instead_of", taken.InsteadOf), slog.String("because", taken.Because.Error()))
	}
	w.say(ctx, slog.LevelInfo, m, sent, nil, attrs...)
	w.note(ctx, m, func(ctx context.Context) error {
		end := storage.MessageEnd{State: sent, Gateway: taken.Gateway, GatewayID: taken.ID, At: w.store.Now()}
		if taken.InsteadOf == "" {
			return w.store.FinishMessage(ctx, m.ID, w.name, end)
		}
		ev := audit.From(ctx).Event(audit.MessageTakenOver, audit.OK, m.Channel)
		ev.At, ev.PersonID = end.At, m.PersonID
		ev.Detail, _ = json.Marshal(map[string]string{"kind": m.Kind, "gateway": taken.Gateway, "instead_of": taken.InsteadOf})
		return w.store.Tx(ctx, func(r storage.Records) error {
			if err := r.FinishMessage(ctx, m.ID, w.name, end); err != nil {
				return err
			}
			return r.Append(ctx, ev)
		})
	})
}

// note writes the end of a try down. It insists, because a message handed over and not noted is sent again when its lease
// is over.
func (w *Worker) note(ctx context.Context, m *storage.Message, write func(context.Context) error) {
	for pause := 250 * time.Millisecond; ; pause *= 2 {
		bounded, cancel := context.WithTimeout(ctx, noteTime)
		err := write(bounded)
		cancel()
		if err == nil {
			return
		}
		final := errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrNotFound) // not ours any more
		if final || pause > 4*time.Second {
			w.say(ctx, slog.LevelError, m, "unnoted", err)
			return
		}
		time.Sleep(pause)
	}
}

// say logs without the recipient or a word of the message.
func (w *Worker) say(ctx context.Context, level slog.Level, m *storage.Message, result string, cause error, more ...slog.Attr) {
	attrs := []slog.Attr{
		slog.String("message", m.ID), slog.String("channel", w.channel(m)), slog.String("kind", m.Kind),
		slog.String("result", result), slog.Int("try", m.Attempts),
	}
	if cause != nil {
		attrs = append(attrs, slog.String("cause", cause.Error()))
	}
	w.log.LogAttrs(ctx, level, "message", append(attrs, more...)...)
}

// channel is a bounded label.
func (w *Worker) channel(m *storage.Message) string {
	if _, ok := w.drivers[m.Channel]; ok {
		return m.Channel
	}
	return "other"
}
