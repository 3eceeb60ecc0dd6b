package storagetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func outbox(t *testing.T, w *world) {
	ctx := t.Context()
	put := func(t *testing.T) *storage.Message {
		m := &storage.Message{ID: id(), PersonID: id(), Channel: "email", Kind: "code", Sealed: []byte("sealed"),
			Created: w.now, NotAfter: w.in(10 * time.Minute), Due: w.now}
		must(t, w.Enqueue(ctx, m))
		must(t, w.PutCode(ctx, &storage.Code{ID: m.ID, Transaction: m.ID, Purpose: "login", PersonID: m.PersonID, ContactID: id(), Channel: m.Channel,
			MAC: hash(), MaxTries: 3, Created: w.now, Expires: m.NotAfter}))
		return m
	}
	// state is what the page that waits for the code of a message is told.
	state := func(t *testing.T, id string) storage.MessageState {
		t.Helper()
		latest, err := w.LatestCode(ctx, id, "login")
		must(t, err)
		awaited, err := w.AwaitedCode(ctx, id, w.now)
		must(t, err)
		same(t, awaited.Code, *latest)
		return latest.Message
	}
	lease := func(t *testing.T, worker string, at time.Time) []*storage.Message {
		got, err := w.LeaseMessages(ctx, worker, storage.ToPeople, 10, at, time.Minute)
		must(t, err)
		return got
	}

	t.Run("a message is leased, given back, leased again, finished", func(t *testing.T) {
		m := put(t)
		want(t, "twice", w.Enqueue(ctx, m), storage.ErrConflict)
		said := func(want string) {
			t.Helper()
			if got := state(t, m.ID).State; got != want {
				t.Errorf("it is %s, want %s", got, want)
			}
		}
		said("queued")
		got := lease(t, "a", w.now)
		said("queued")
		m.Attempts = 1
		same(t, got, []*storage.Message{m})
		if again := lease(t, "b", w.now); len(again) != 0 {
			t.Error("leased twice")
		}
		want(t, "another's", w.FinishMessage(ctx, m.ID, "b", storage.MessageEnd{State: "sent", At: w.now}), storage.ErrConflict)
		want(t, "another's", w.RetryMessage(ctx, m.ID, "b", w.now), storage.ErrConflict)
		must(t, w.RetryMessage(ctx, m.ID, "a", w.in(time.Minute)))
		said("retrying")
		if early := lease(t, "b", w.in(30*time.Second)); len(early) != 0 {
			t.Error("leased before its time")
		}
		if n := len(lease(t, "b", w.in(time.Minute))); n != 1 {
			t.Errorf("%d leased when due, want 1", n)
		}
		lost := lease(t, "c", w.in(2*time.Minute)) // b died
		if len(lost) != 1 || lost[0].Attempts != 3 {
			t.Errorf("after the lease %d messages", len(lost))
		}
		n, err := w.OutboxDepth(ctx)
		must(t, err)
		if n != 1 {
			t.Errorf("depth %d, want 1", n)
		}
		said("retrying")
		must(t, w.FinishMessage(ctx, m.ID, "c", storage.MessageEnd{State: "sent", At: w.now}))
		said("sent")
		want(t, "finished twice", w.FinishMessage(ctx, m.ID, "c", storage.MessageEnd{State: "sent", At: w.now}), storage.ErrConflict)
		n, err = w.OutboxDepth(ctx)
		must(t, err)
		if n != 0 || len(lease(t, "d", w.in(5*time.Minute))) != 0 {
			t.Error("a finished message is still there")
		}
	})

	t.Run("nothing goes out after its time", func(t *testing.T) {
		put(t)
		if late := lease(t, "a", w.in(10*time.Minute)); len(late) != 0 {
			t.Error("leased at its NotAfter")
		}
		for _, m := range lease(t, "a", w.now) {
			must(t, w.FinishMessage(ctx, m.ID, "a", storage.MessageEnd{State: "failed", Reason: "gone", At: w.now}))
		}
	})

	t.Run("receipts only move forward, and reach the gateway's own message alone", func(t *testing.T) {
		finish := func(gateway, gatewayID string) string {
			m := put(t)
			for _, one := range lease(t, "a", w.now) {
				must(t, w.FinishMessage(ctx, one.ID, "a", storage.MessageEnd{State: "sent", Gateway: gateway, GatewayID: gatewayID, At: w.now}))
			}
			return m.ID
		}
		mine, other, mail := finish("twilio", "SM1"), finish("vonage", "SM1"), finish("smtp", "")
		receipt := func(id string) string {
			s := state(t, id)
			alone, err := w.MessageState(ctx, id)
			must(t, err)
			same(t, *alone, s)
			if s.State != "sent" || s.Reports != (id != mail) || !s.Ended.Equal(w.now) || (s.Receipt == "") != s.ReceiptAt.IsZero() {
				t.Errorf("%+v", s)
			}
			return s.Receipt
		}
		note := func(gateway, id, state string) {
			t.Helper()
			must(t, w.NoteReceipt(ctx, &storage.Receipt{Gateway: gateway, GatewayID: id, State: state, At: w.now}))
		}
		for i, step := range []struct{ gateway, id, said, want string }{
			{"twilio", "SM1", "sent", "sent"}, {"twilio", "SM1", "sent", "sent"}, {"twilio", "SM1", "delivered", "delivered"},
			{"twilio", "SM1", "sent", "delivered"}, {"twilio", "SM1", "failed", "delivered"}, {"twilio", "SM1", "queued", "delivered"},
			{"twilio", "SM1", "", "delivered"}, {"vonage", "SM1", "read", "delivered"}, {"twilio", "SM2", "read", "delivered"},
			{"smtp", "", "read", "delivered"}, {"twilio", "SM1", "read", "read"}, {"twilio", "SM1", "failed", "read"},
			{"twilio", "SM1", "delivered", "read"},
		} {
			note(step.gateway, step.id, step.said)
			if got := receipt(mine); got != step.want {
				t.Errorf("step %d: %q, want %q", i, got, step.want)
			}
		}
		if a, b := receipt(other), receipt(mail); a != "read" || b != "" {
			t.Errorf("of another gateway %q, of a mail %q", a, b)
		}
		none, err := w.MessageState(ctx, id())
		must(t, err)
		same(t, *none, storage.MessageState{})
		failed := finish("twilio", "SM3")
		note("twilio", "SM3", "failed")
		note("twilio", "SM3", "delivered")
		if got := receipt(failed); got != "failed" {
			t.Errorf("%q", got)
		}
	})

	t.Run("who reads a message got it when it was delivered", func(t *testing.T) {
		m := put(t)
		for _, one := range lease(t, "a", w.now) {
			must(t, w.FinishMessage(ctx, one.ID, "a", storage.MessageEnd{State: "sent", Gateway: "twilio", GatewayID: "SM4", At: w.now}))
		}
		for i, said := range []string{"sent", "delivered", "read"} {
			must(t, w.NoteReceipt(ctx, &storage.Receipt{Gateway: "twilio", GatewayID: "SM4", State: said, At: w.in(time.Duration(i) * time.Minute)}))
		}
		same(t, state(t, m.ID), storage.MessageState{State: "sent", Ended: w.now, Reports: true, Receipt: "read", ReceiptAt: w.in(time.Minute)})
	})

	t.Run("many workers get every message once", func(t *testing.T) {
		const messages = 100
		for range messages {
			put(t)
		}
		var mu sync.Mutex
		seen := map[string]int{}
		_, errs := race(t, func(ctx context.Context, i int) error {
			for {
				mu.Lock()
				done := len(seen) == messages
				mu.Unlock()
				if done {
					return nil
				}
				got, err := w.LeaseMessages(ctx, fmt.Sprint("worker", i), storage.ToPeople, 7, w.now, time.Hour)
				if err != nil {
					return err
				}
				mu.Lock()
				for _, m := range got {
					seen[m.ID]++
				}
				mu.Unlock()
			}
		})
		for _, err := range errs {
			t.Error(err)
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("%s was leased %d times", id, n)
			}
		}
	})
}

// telling: what goes to people, to panels and to the operator's program waits for nothing that goes to the others.
func telling(t *testing.T, w *world) {
	ctx := t.Context()
	p := w.person(t)
	stay := storage.ClientSession{ClientID: "panel", Sid: "sid", SessionID: "session"}
	word := &storage.Message{
		ID: id(), PersonID: p.ID, Channel: storage.ChannelLogout, Kind: storage.ChannelLogout, Stay: stay, Created: w.now, NotAfter: w.in(time.Hour), Due: w.now,
	}
	mail := &storage.Message{ID: id(), PersonID: p.ID, Channel: "email", Kind: "notice", Created: w.now, NotAfter: w.in(time.Hour), Due: w.now}
	event := &storage.Message{
		ID: id(), PersonID: p.ID, Channel: storage.ChannelEvent, Kind: "factor.removed", Sealed: []byte("sealed"), Created: w.now, NotAfter: w.in(time.Hour), Due: w.now,
	}
	must(t, w.Enqueue(ctx, word))
	must(t, w.Enqueue(ctx, mail))
	must(t, w.Enqueue(ctx, event))
	for to, want := range map[storage.Addressee]*storage.Message{storage.ToPeople: mail, storage.ToPanels: word, storage.ToOperator: event} {
		got, err := w.LeaseMessages(ctx, "a", to, 10, w.now, time.Minute)
		must(t, err)
		var mine []*storage.Message
		for _, m := range got {
			if m.ID == word.ID || m.ID == mail.ID || m.ID == event.ID {
				mine = append(mine, m)
			}
		}
		want.Attempts = 1
		same(t, mine, []*storage.Message{want})
	}
	told, err := w.Logouts(ctx, p.ID, 10)
	must(t, err)
	same(t, told, []*storage.Logout{{ClientID: "panel", SessionID: "session", State: "queued", Ended: w.now}})
	must(t, w.FinishMessage(ctx, word.ID, "a", storage.MessageEnd{State: "sent", Gateway: "panel", At: w.in(time.Second)}))
	told, err = w.Logouts(ctx, p.ID, 10)
	must(t, err)
	same(t, told, []*storage.Logout{{ClientID: "panel", SessionID: "session", State: "sent", Ended: w.now, At: w.in(time.Second)}})
}

// overdue: sessions whose limit is over are listed until they are ended.
func overdue(t *testing.T, w *world) {
	ctx := t.Context()
	p := w.person(t)
	idle, live, ended := w.session(t, p), w.session(t, p), w.session(t, p)
	must(t, w.TouchSession(ctx, live.ID, w.in(50*time.Minute), w.in(3*time.Hour)))
	must(t, w.end(ctx, ended))
	at := w.in(2 * time.Hour)
	list := func(at time.Time) (mine []string) {
		t.Helper()
		all, err := w.OverdueSessions(ctx, at, 1000)
		must(t, err)
		for _, s := range all {
			if s.PersonID == p.ID {
				mine = append(mine, s.ID)
			}
		}
		return mine
	}
	same(t, list(w.in(time.Minute)), []string(nil))
	same(t, list(at), []string{idle.ID})
	must(t, w.end(ctx, idle))
	same(t, list(at), []string(nil))
	if got := list(w.in(13 * time.Hour)); len(got) != 1 || got[0] != live.ID {
		t.Errorf("after the absolute limit %v", got)
	}
}
