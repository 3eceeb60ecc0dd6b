package notify

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

// taker is a gateway with nothing else to do: it answers after a while and remembers when it took which message.
type taker struct {
	answers time.Duration
	mu      sync.Mutex
	took    map[string][]time.Time
}

func (g *taker) Send(ctx context.Context, d Delivery) (Taken, error) {
	g.mu.Lock()
	if g.took == nil {
		g.took = map[string][]time.Time{}
	}
	g.took[d.ID] = append(g.took[d.ID], time.Now())
	g.mu.Unlock()
	time.Sleep(g.answers)
	return Taken{ID: d.ID, Gateway: "taker"}, nil
}

// pair is two instances' databases, each with its own connections.
func pair(t testing.TB) [2]*sql.Store {
	t.Helper()
	url := storagetest.Postgres(t)
	var out [2]*sql.Store
	for i := range out {
		db, err := sql.Open(context.Background(), url, sql.WithOffset(0), sql.WithDev())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		out[i] = db
	}
	return out
}

// handOver queues codes on two instances at once, each for another person, and waits until all are gone. It returns when each
// was queued.
func handOver(t testing.TB, instances [2]*sql.Store, workers [2]*Worker, codes int) map[string]time.Time {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running, asking sync.WaitGroup
	for _, w := range workers {
		running.Go(func() { _ = w.Run(ctx) })
	}
	defer running.Wait()
	defer cancel()
	var mu sync.Mutex
	queued := map[string]time.Time{}
	o := Outbox{Box: box}
	for n := range 16 { // as many people ask at the same time
		asking.Go(func() {
			for i := n; i < codes; i += 16 {
				db, id := instances[i%2], fmt.Sprintf("code%04d", i)
				err := db.Tx(ctx, func(r storage.Records) error {
					return o.Enqueue(ctx, r, Message{
						ID: id, Person: fmt.Sprint("p", i), Channel: "sms", Kind: "code", To: fmt.Sprintf("+39333%07d", i), Code: "012345", Lang: "it",
						Text: "012345 è il codice.\n@sso.example.it #012345", Created: db.Now(), NotAfter: db.Now().Add(10 * time.Minute),
					})
				})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				queued[id] = time.Now()
				mu.Unlock()
				workers[i%2].Wake()
			}
		})
	}
	asking.Wait()
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		n, err := instances[0].OutboxDepth(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return queued
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d codes are still queued", n)
		}
	}
}

// R10: 1,000 codes queued on two instances reach the gateway once each.
func TestR10AThousandCodesOnTwoInstancesLeaveOnceEach(t *testing.T) {
	instances, g := pair(t), new(taker)
	var workers [2]*Worker
	for i, db := range instances {
		workers[i] = NewWorker(db, box, map[string]Driver{"sms": g}, quiet)
	}
	queued := handOver(t, instances, workers, 1000)
	if len(g.took) != 1000 || len(queued) != 1000 {
		t.Errorf("%d of %d codes left", len(g.took), len(queued))
	}
	for id, times := range g.took {
		if len(times) != 1 {
			t.Errorf("%s left %d times", id, len(times))
		}
	}
	for i, w := range workers {
		if n := w.Codes()[Count{Channel: "sms", Result: sent}]; n == 0 {
			t.Errorf("instance %d handed over none", i)
		}
	}
}

// Messages of one person go one after the other. Where the gateway is slow, the last of them would begin when their lease is over
// and another worker has them.
func TestR10NoTryOutlivesItsLease(t *testing.T) {
	g := &taker{answers: sendTime - time.Second}
	bubble(t, g, func(db *sql.Store, w *Worker) {
		other := NewWorker(db, box, map[string]Driver{"email": g}, quiet)
		for i := range 2 * batch {
			put(t, db, func(m *Message) { m.Text, m.NotAfter = fmt.Sprint(i), db.Now().Add(time.Hour) })
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error)
		go func() { ended <- other.Run(ctx) }()
		time.Sleep(30 * time.Minute)
		cancel()
		<-ended
		if len(g.took) != 2*batch {
			t.Errorf("%d of %d messages left", len(g.took), 2*batch)
		}
		for id, times := range g.took {
			if len(times) != 1 {
				t.Errorf("%s left %d times", id, len(times))
			}
		}
	})
}

// killed is the database of a worker that is killed at a moment: it writes nothing down after it and takes nothing more.
type killed struct {
	storage.Store
	gone atomic.Bool
}

func (k *killed) LeaseMessages(ctx context.Context, worker string, to storage.Addressee, n int, now time.Time, lease time.Duration) ([]*storage.Message, error) {
	if k.gone.Load() {
		return nil, storage.ErrAway
	}
	return k.Store.LeaseMessages(ctx, worker, to, n, now, lease)
}

func (k *killed) FinishMessage(ctx context.Context, id, worker string, e storage.MessageEnd) error {
	if k.gone.Load() {
		return storage.ErrAway
	}
	return k.Store.FinishMessage(ctx, id, worker, e)
}

// Of what a worker had under way when it was killed nobody knows whether a gateway took it: each of those, and no other, comes
// once more.
func TestR10AKilledWorkerRepeatsAtMostWhatItHadUnderWay(t *testing.T) {
	g := &taker{answers: 50 * time.Millisecond}
	synctest.Test(t, func(t *testing.T) {
		db, _ := database(t)
		defer db.Close()
		for i := range 200 {
			put(t, db, func(m *Message) { m.Person = fmt.Sprint(i) })
		}
		ctx, cancel := context.WithCancel(context.Background())
		doomed := &killed{Store: db}
		var both sync.WaitGroup
		both.Go(func() { _ = NewWorker(doomed, box, map[string]Driver{"email": g}, quiet).Run(ctx) })
		time.Sleep(125 * time.Millisecond)
		doomed.gone.Store(true)
		both.Go(func() { _ = NewWorker(db, box, map[string]Driver{"email": g}, quiet).Run(ctx) })
		time.Sleep(leaseTime + time.Minute)
		cancel()
		both.Wait()
		twice := 0
		for id, times := range g.took {
			if len(times) > 2 {
				t.Errorf("%s left %d times", id, len(times))
			}
			twice += len(times) - 1
		}
		if len(g.took) != 200 || twice == 0 || twice > batch {
			t.Errorf("%d of 200 messages left, %d of them twice", len(g.took), twice)
		}
	})
}

// BenchmarkHandOver is the time from a code's commit to its gateway, when 1,000 people ask at once and the gateway answers in
// 20 ms (docs/performance.md).
func BenchmarkHandOver(b *testing.B) {
	var waits []time.Duration
	for b.Loop() {
		b.StopTimer()
		instances, g := pair(b), &taker{answers: 20 * time.Millisecond}
		var workers [2]*Worker
		for i, db := range instances {
			workers[i] = NewWorker(db, box, map[string]Driver{"sms": g}, quiet)
		}
		b.StartTimer()
		queued := handOver(b, instances, workers, 1000)
		for id, at := range queued {
			waits = append(waits, max(0, g.took[id][0].Sub(at)))
		}
	}
	slices.Sort(waits)
	b.ReportMetric(waits[len(waits)/2].Seconds()*1000, "p50-ms")
	b.ReportMetric(waits[len(waits)*99/100].Seconds()*1000, "p99-ms")
}
