package storagetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func audit(t *testing.T, w *world) {
	ctx := t.Context()
	person := id()
	var all []*storage.Event
	for i := range 5 {
		ev := w.event("authn.ok", &storage.Grant{PersonID: person, ClientID: "panel", SessionID: "s"})
		ev.At, ev.Reason = w.in(time.Duration(i)*time.Second), "because"
		must(t, w.Append(ctx, ev))
		all = append([]*storage.Event{ev}, all...)
	}
	must(t, w.Append(ctx, &storage.Event{Name: "client.auth.fail", Outcome: "fail"}))
	got, err := w.Events(ctx, person, time.Time{}, 100)
	must(t, err)
	same(t, got, all)
	got, err = w.Events(ctx, person, all[1].At, 2)
	must(t, err)
	same(t, got, all[2:4])
	got, err = w.Events(ctx, "", time.Time{}, 100)
	must(t, err)
	if len(got) != 6 {
		t.Errorf("%d events of everyone, want 6", len(got))
	}
	oldest := all[len(all)-1]
	twin := w.event("authn.fail", &storage.Grant{PersonID: person})
	twin.At, twin.ID = oldest.At, oldest.ID+"a" // the same microsecond
	must(t, w.Append(ctx, twin))
	since, err := w.EventsSince(ctx, oldest.At, oldest.ID, 1)
	must(t, err)
	same(t, since, []*storage.Event{twin})
	since, err = w.EventsSince(ctx, all[3].At, all[3].ID, 2)
	must(t, err)
	same(t, since, []*storage.Event{all[2], all[1]})
	since, err = w.EventsSince(ctx, all[0].At, all[0].ID, 10)
	must(t, err)
	for _, ev := range since {
		if ev.PersonID == person {
			t.Errorf("%s after the last", ev.Name)
		}
	}
	page := storage.JournalPage{PersonID: person, Names: []string{"authn.ok", "authn.fail"}, Most: 2}
	var read []*storage.Event
	for {
		part, err := w.Journal(ctx, page)
		must(t, err)
		if len(part) == 0 {
			break
		}
		read = append(read, part...)
		page.At, page.ID = part[len(part)-1].At, part[len(part)-1].ID
	}
	same(t, read, append(append([]*storage.Event{}, all[:4]...), twin, oldest))
	page.At, page.ID, page.Most, page.Names, page.Since = time.Time{}, "", 10, []string{"authn.ok"}, all[2].At
	part, err := w.Journal(ctx, page)
	must(t, err)
	same(t, part, all[:3])
	for _, ev := range got {
		if ev.ID == "" || ev.At.IsZero() {
			t.Errorf("%s without id or time", ev.Name)
		}
	}

	t.Run("of many at once each is kept as it was, and one that is refused takes no other along", func(t *testing.T) {
		crowd := id()
		_, errs := race(t, func(ctx context.Context, i int) error {
			for round := range 4 {
				ev := w.event("token.issued", &storage.Grant{PersonID: crowd, ClientID: "panel", SessionID: id()})
				ev.At, ev.Detail = w.in(time.Duration(round*takers+i)*time.Second), []byte(`{"n":"'\\\"{},NULL"}`)
				if i%8 == 3 {
					ev.ID, ev.At = twin.ID, twin.At
				}
				switch err := w.Append(ctx, ev); {
				case i%8 == 3 && !errors.Is(err, storage.ErrConflict):
					return fmt.Errorf("the same again: %v", err)
				case i%8 != 3 && err != nil:
					return err
				}
			}
			return nil
		})
		for _, err := range errs {
			t.Error(err)
		}
		n, _ := w.named(t, crowd, "token.issued")
		if want := 4 * (takers - takers/8); n != want {
			t.Errorf("%d were kept, want %d", n, want)
		}
		got, err := w.Events(ctx, crowd, time.Time{}, 1000)
		must(t, err)
		for _, ev := range got {
			if string(ev.Detail) != `{"n":"'\\\"{},NULL"}` || ev.ClientID != "panel" || ev.SessionID == "" {
				t.Errorf("kept as %+v", ev)
			}
		}
	})
}
