package notify

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// The worker's numbers. No try begins that could outlast its lease, so that no other worker takes a message that is still
// under way here. Thirty-two at once are a thousand codes in two seconds on two instances, at gateways that take a tenth of one
// to answer; and they are what a worker that is killed may leave open whether it was taken.
const (
	batch     = 32
	sendTime  = 10 * time.Second // one try
	leaseTime = 2 * time.Minute
	poll      = 2 * time.Second
	wakePoll  = 100 * time.Millisecond
	noteTime  = 5 * time.Second // to write down how a try ended
)

// Worker hands messages over. Any number of them, in any number of processes, share one outbox.
type Worker struct {
	store   storage.Store
	outbox  Outbox
	drivers map[string]Driver
	log     *slog.Logger
	name    string
	wake    chan struct{}
	counts  counts
	codes   counts

	troubles troubles

	Delivered Delivered // nil = nobody asks
}

// NewWorker makes a worker with one driver per channel. log may be nil.
func NewWorker(store storage.Store, box *secret.Box, byChannel map[string]Driver, log *slog.Logger) *Worker {
	return &Worker{
		store: store, outbox: Outbox{Box: box}, drivers: byChannel, log: cmp.Or(log, slog.Default()), name: secret.NewID(),
		wake: make(chan struct{}, 1),
	}
}

// Wake makes the worker look at once. It may be called inside the transaction that enqueues: the worker looks a few times
// in quick succession.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends. Tries under way then get their time to end; what was leased and not begun is given back.
func (w *Worker) Run(ctx context.Context) error {
	var programs sync.WaitGroup
	defer programs.Wait()
	programs.Go(func() { w.run(ctx, storage.ToPanels, nil) })
	if w.drivers[storage.ChannelEvent] != nil {
		programs.Go(func() { w.run(ctx, storage.ToOperator, nil) })
	}
	return w.run(ctx, storage.ToPeople, w.wake)
}

// run works for one addressee. A panel that hangs takes up places that codes do not wait for.
func (w *Worker) run(ctx context.Context, to storage.Addressee, wake <-chan struct{}) error {
	var (
		wg    sync.WaitGroup
		busy  atomic.Int64
		freed = make(chan struct{}, 1)
		pause = time.NewTimer(0)
	)
	defer pause.Stop()
	defer wg.Wait()
	done := func(n int) {
		busy.Add(int64(-n))
		select {
		case freed <- struct{}{}:
		default:
		}
	}
	for failures, quick := 0, 0; ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-freed:
		case <-pause.C:
		case <-wake:
			quick = 5
		}
		next := poll
		if room := batch - int(busy.Load()); room > 0 { // not the whole batch at once, or one gateway that hangs would keep the others waiting
			n, err := w.take(ctx, to, room, &wg, done)
			busy.Add(int64(n))
			switch {
			case err != nil && ctx.Err() == nil:
				failures++
				next = min(poll<<min(failures, 5), 30*time.Second)
				w.log.LogAttrs(ctx, slog.LevelWarn, "outbox unreadable", slog.String("cause", err.Error()), slog.Int("failures", failures))
			case n == room:
				failures, next = 0, 0 // there may be more
			case quick > 0:
				failures, quick, next = 0, quick-1, wakePoll
			default:
				failures = 0
			}
		}
		pause.Reset(next)
	}
}

// Drain hands over what is due now and returns when nothing is left that is. What failed waits for its next try.
func (w *Worker) Drain(ctx context.Context) error {
	for n, to := 0, storage.ToPeople; ; {
		var wg sync.WaitGroup
		var err error
		n, err = w.take(ctx, to, batch, &wg, func(int) {})
		wg.Wait()
		switch {
		case err != nil, n == 0 && to == storage.ToOperator:
			return err
		case n == 0:
			to++
		}
	}
}

// take leases up to n messages and has each tried once: people side by side, the messages of one in their order, and so with
// panels. It returns at once; done hears how many were dealt with.
func (w *Worker) take(ctx context.Context, to storage.Addressee, n int, wg *sync.WaitGroup, done func(int)) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	now := w.store.Now()
	got, err := w.store.LeaseMessages(ctx, w.name, to, n, now, leaseTime)
	if err != nil {
		return 0, err
	}
	slices.SortStableFunc(got, func(a, b *storage.Message) int {
		return cmp.Or(a.Created.Compare(b.Created), a.Due.Compare(b.Due))
	})
	queues := map[string][]*storage.Message{}
	for _, m := range got {
		whose := m.PersonID
		if to == storage.ToPanels {
			whose = m.Stay.ClientID
		}
		queues[whose] = append(queues[whose], m)
	}
	for _, queue := range queues {
		wg.Go(func() {
			for _, m := range queue {
				if ctx.Err() != nil || w.store.Now().Sub(now) > leaseTime-sendTime-noteTime {
					w.giveBack(ctx, m)
				} else {
					w.try(ctx, m)
				}
				done(1)
			}
		})
	}
	return len(got), nil
}

// giveBack ends a lease whose try did not begin. The message keeps its place before those that came after it.
func (w *Worker) giveBack(ctx context.Context, m *storage.Message) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	if err := w.store.RetryMessage(ctx, m.ID, w.name, m.Due); err != nil {
		w.log.LogAttrs(ctx, slog.LevelWarn, "message keeps its lease", slog.String("message", m.ID), slog.String("cause", err.Error()))
	}
}
