package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
)

// gateway is a driver that fails as it is told and remembers when it was called.
type gateway struct {
	mu    sync.Mutex
	calls []time.Time
	ids   map[string]int
	send  func(ctx context.Context, call int, d Delivery) error // call counts from 1
}

func (g *gateway) Send(ctx context.Context, d Delivery) (Taken, error) {
	g.mu.Lock()
	g.calls = append(g.calls, time.Now())
	if g.ids == nil {
		g.ids = map[string]int{}
	}
	g.ids[d.ID]++
	n := len(g.calls)
	g.mu.Unlock()
	if g.send == nil {
		return Taken{}, nil
	}
	return Taken{}, g.send(ctx, n, d)
}

// seen is when it was called so far.
func (g *gateway) seen() []time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.calls)
}

// bubble runs a worker on a fresh database in a bubble until test returns.
func bubble(t *testing.T, g Driver, test func(db *sql.Store, w *Worker)) {
	synctest.Test(t, func(t *testing.T) {
		db, _ := database(t)
		w := NewWorker(db, box, map[string]Driver{"email": g}, quiet)
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		test(db, w)
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run = %v", err)
		}
		db.Close()
	})
}

func TestR08GatewayThatFailsIsTriedFiveTimesWithGrowingPauses(t *testing.T) {
	g := &gateway{send: func(context.Context, int, Delivery) error { return errors.New("500") }}
	bubble(t, g, func(db *sql.Store, w *Worker) {
		put(t, db)
		time.Sleep(5 * time.Minute)
		if len(g.seen()) != maxTries || len(g.ids) != 1 {
			t.Fatalf("%d tries under %d ids", len(g.seen()), len(g.ids))
		}
		for i := 1; i < len(g.seen()); i++ {
			pause, base := g.seen()[i].Sub(g.seen()[i-1]), 5*time.Second
			for range i - 1 {
				base *= 3
			}
			if pause < base*3/4 || pause > base*5/4+2*poll {
				t.Errorf("pause %d is %s, want about %s", i, pause, base)
			}
		}
		if n := depth(t, db); n != 0 {
			t.Errorf("%d messages are still queued", n)
		}
		if got := w.Counts(); got[Count{"email", retried}] != 4 || got[Count{"email", tries}] != 1 {
			t.Errorf("counts %v", got)
		}
	})
}

func TestR08GatewayThatRecoversGetsTheMessageOnce(t *testing.T) {
	g := &gateway{send: func(_ context.Context, call int, _ Delivery) error {
		if call < 3 {
			return errors.New("connection reset")
		}
		return nil
	}}
	bubble(t, g, func(db *sql.Store, w *Worker) {
		var waited []time.Duration
		w.Delivered = func(_ string, d time.Duration) { waited = append(waited, d) }
		begin := db.Now()
		put(t, db)
		put(t, db, func(m *Message) { m.Kind, m.Person = "notice", "p2" })
		time.Sleep(time.Minute)
		if got := w.Counts(); len(g.seen()) != 4 || got[Count{"email", sent}] != 2 || got[Count{"email", retried}] != 2 {
			t.Errorf("%d tries, counts %v", len(g.seen()), got)
		}
		if got := w.Codes(); got[Count{"email", sent}] != 1 || len(waited) != 1 {
			t.Errorf("codes %v, waited %v", got, waited)
		} else if last := g.seen()[len(g.seen())-1].Sub(begin); got[Count{"email", retried}] > 0 && waited[0] > last {
			t.Errorf("the code waited %s, the last try came after %s", waited[0], last)
		}
	})
}

func TestR08GatewayThatHangsOrPanicsIsCutOffAndKeepsNobodyElseWaiting(t *testing.T) {
	for name, misbehave := range map[string]func(context.Context){
		"hangs":                    func(ctx context.Context) { <-ctx.Done() },
		"hangs and ignores us":     func(context.Context) { time.Sleep(time.Minute) },
		"panics":                   func(context.Context) { panic("nil map") },
		"is slow but gets through": nil,
	} {
		t.Run(name, func(t *testing.T) {
			g := &gateway{send: func(ctx context.Context, call int, d Delivery) error {
				if d.To != "slow@example.it" {
					return nil
				}
				if misbehave == nil {
					time.Sleep(9 * time.Second)
					return nil
				}
				misbehave(ctx)
				return ctx.Err()
			}}
			bubble(t, g, func(db *sql.Store, w *Worker) {
				put(t, db, func(m *Message) { m.To, m.Person = "slow@example.it", "p2" })
				w.Wake()
				time.Sleep(2 * time.Second)
				begin := time.Now()
				put(t, db)
				w.Wake()
				time.Sleep(2 * time.Second)
				if w.Counts()[Count{"email", sent}] != 1 {
					t.Fatalf("the other message waits behind the slow one: %v", w.Counts())
				}
				if wait := g.seen()[len(g.seen())-1].Sub(begin); wait > time.Second && len(g.seen()) == 2 {
					t.Errorf("it waited %s", wait)
				}
				time.Sleep(6 * time.Minute)
				want := Count{"email", tries}
				if misbehave == nil {
					want = Count{"email", sent}
				}
				if w.Counts()[want] == 0 {
					t.Errorf("counts %v", w.Counts())
				}
				time.Sleep(time.Minute) // the driver that ignored us comes to its end
			})
		})
	}
}

func TestNothingIsSentAfterItsTime(t *testing.T) {
	g := &gateway{send: func(ctx context.Context, _ int, _ Delivery) error { <-ctx.Done(); return ctx.Err() }}
	bubble(t, g, func(db *sql.Store, w *Worker) {
		end := db.Now().Add(20 * time.Second)
		put(t, db, func(m *Message) { m.NotAfter = end })
		time.Sleep(time.Minute)
		if len(g.seen()) == 0 {
			t.Fatal("it was never tried")
		}
		for _, at := range g.seen() {
			if !at.Before(end) {
				t.Errorf("tried %s after its end", at.Sub(end))
			}
		}
		late := g.seen()
		put(t, db, func(m *Message) { m.NotAfter = db.Now().Add(-time.Second) })
		time.Sleep(time.Minute)
		if len(g.seen()) != len(late) {
			t.Error("a message that was over when written was tried")
		}
	})
}

func TestRefusedRecipientIsNotTriedAgain(t *testing.T) {
	g := &gateway{send: func(context.Context, int, Delivery) error { return fmt.Errorf("%w: 550", ErrRefused) }}
	bubble(t, g, func(db *sql.Store, w *Worker) {
		put(t, db)
		put(t, db, func(m *Message) { m.Channel = "pigeon" })
		time.Sleep(time.Minute)
		if len(g.seen()) != 1 {
			t.Errorf("%d tries", len(g.seen()))
		}
		if got := w.Counts(); got[Count{"email", refused}] != 1 || got[Count{"other", noDriver}] != 1 || depth(t, db) != 0 {
			t.Errorf("counts %v, depth %d", got, depth(t, db))
		}
	})
}

func TestMessageSealedWithAnotherKeyIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, _ := database(t)
		defer db.Close()
		put(t, db)
		other, err := secret.NewBox(bytes.Repeat([]byte{2}, 32))
		if err != nil {
			t.Fatal(err)
		}
		w := NewWorker(db, other, map[string]Driver{"email": new(gateway)}, quiet)
		if err := w.Drain(t.Context()); err != nil || w.Counts()[Count{"email", unreadable}] != 1 {
			t.Errorf("%v, %v", w.Counts(), err)
		}
	})
}

func TestFreshMessageLeavesAtOnceEvenWhenWokenBeforeItsCommit(t *testing.T) {
	g := new(gateway)
	bubble(t, g, func(db *sql.Store, w *Worker) {
		time.Sleep(time.Minute + poll/2)
		w.Wake()
		synctest.Wait() // it has looked, and found nothing
		begin := time.Now()
		put(t, db)
		time.Sleep(poll)
		if len(g.seen()) != 1 || g.seen()[0].Sub(begin) > wakePoll {
			t.Errorf("called %d times, first after %s", len(g.seen()), g.seen()[0].Sub(begin))
		}
	})
}

func TestPeopleGetTheirMessagesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, _ := database(t)
		defer db.Close()
		memory := new(Memory)
		for i := range 6 {
			put(t, db, func(m *Message) { m.Text, m.Person, m.To = fmt.Sprint(i), fmt.Sprint(i%2), fmt.Sprint(i%2) })
			time.Sleep(time.Second)
		}
		if err := NewWorker(db, box, map[string]Driver{"email": memory}, quiet).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, s := range memory.All() {
			got[s.To] += s.Text
		}
		if got["0"] != "024" || got["1"] != "135" {
			t.Errorf("order %v", got)
		}
	})
}

func TestR10TwoWorkersHandEachMessageOverOnce(t *testing.T) {
	db, path := database(t)
	defer db.Close()
	other, err := sql.Open(t.Context(), "sqlite:"+path, sql.WithOffset(0), sql.WithDev())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	const messages = 120
	for i := range messages {
		put(t, db, func(m *Message) { m.Person = fmt.Sprint(i % 17) })
	}
	g := new(gateway)
	var wg sync.WaitGroup
	for i := range 4 {
		store := []storage.Store{db, other}[i%2]
		wg.Go(func() {
			if err := NewWorker(store, box, map[string]Driver{"email": g}, quiet).Drain(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(g.ids) != messages || len(g.seen()) != messages {
		t.Errorf("%d of %d messages in %d calls", len(g.ids), messages, len(g.seen()))
	}
}

func TestWorkerThatDiesLeavesItsMessagesToTheNext(t *testing.T) {
	g := new(gateway)
	bubble(t, g, func(db *sql.Store, _ *Worker) {
		time.Sleep(poll / 2)
		put(t, db)
		if rows, err := db.LeaseMessages(context.Background(), "killed", storage.ToPeople, 5, db.Now(), leaseTime); err != nil || len(rows) != 1 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		time.Sleep(leaseTime - 5*time.Second)
		if len(g.seen()) != 0 {
			t.Error("a lease was not kept")
		}
		time.Sleep(10 * time.Second)
		if len(g.seen()) != 1 {
			t.Errorf("%d tries after the lease", len(g.seen()))
		}
	})
}

func TestR16ShutdownEndsWhatIsUnderWayAndGivesTheRestBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, _ := database(t)
		defer db.Close()
		g := &gateway{send: func(context.Context, int, Delivery) error { time.Sleep(5 * time.Second); return nil }}
		w := NewWorker(db, box, map[string]Driver{"email": g}, quiet)
		for range 3 { // of one person, so one after the other
			put(t, db)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		time.Sleep(time.Second)
		cancel()
		begin := time.Now()
		<-ended
		if took := time.Since(begin); took > 20*time.Second {
			t.Errorf("shutdown took %s", took)
		}
		if w.Counts()[Count{"email", sent}] != 1 {
			t.Errorf("counts %v", w.Counts())
		}
		next := new(gateway)
		if err := NewWorker(db, box, map[string]Driver{"email": next}, quiet).Drain(t.Context()); err != nil || len(next.calls) != 2 {
			t.Errorf("the next worker found %d free messages, %v", len(next.calls), err)
		}
	})
}

// sick is a database that can be away.
type sick struct {
	storage.Store
	mu   sync.Mutex
	away bool
}

func (s *sick) set(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

func (s *sick) err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return storage.ErrAway
	}
	return nil
}

func (s *sick) LeaseMessages(ctx context.Context, worker string, to storage.Addressee, n int, now time.Time, lease time.Duration) ([]*storage.Message, error) {
	if err := s.err(); err != nil {
		return nil, err
	}
	return s.Store.LeaseMessages(ctx, worker, to, n, now, lease)
}

func (s *sick) FinishMessage(ctx context.Context, id, worker string, e storage.MessageEnd) error {
	if err := s.err(); err != nil {
		return err
	}
	return s.Store.FinishMessage(ctx, id, worker, e)
}

func TestDatabaseThatGoesAwayMeanwhileCausesNoSecondMail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, _ := database(t)
		defer inner.Close()
		db := &sick{Store: inner}
		g := &gateway{send: func(context.Context, int, Delivery) error { db.set(true); return nil }}
		w := NewWorker(db, box, map[string]Driver{"email": g}, quiet)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		put(t, inner)
		time.Sleep(3 * time.Second)
		db.set(false)
		time.Sleep(5 * time.Minute)
		cancel()
		<-ended
		if len(g.seen()) != 1 || w.Counts()[Count{"email", sent}] != 1 || depth(t, inner) != 0 {
			t.Errorf("%d mails, counts %v, depth %d", len(g.seen()), w.Counts(), depth(t, inner))
		}
	})
}

func TestLogHoldsNoRecipientAndNoWord(t *testing.T) {
	var log bytes.Buffer
	db, _ := database(t)
	defer db.Close()
	put(t, db, func(m *Message) {
		m.To, m.Subject, m.Text, m.HTML = "victim@example.it", "s918273", "t918273", "h918273"
	})
	w := NewWorker(db, box, map[string]Driver{"email": new(gateway)}, slog.New(slog.NewJSONHandler(&log, nil)))
	if err := w.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), `"result":"sent"`) || strings.Contains(log.String(), "918273") || strings.Contains(log.String(), "victim") {
		t.Errorf("log: %s", log.String())
	}
}
