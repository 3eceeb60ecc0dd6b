package demo

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/web"
)

// receipts plays what gateways of text messages and WhatsApp report: it notes the same as /hooks/messages would. How a channel
// goes on is chosen on the outbox page.
type receipts struct {
	note func(context.Context, *storage.Receipt) error

	mu      sync.Mutex
	moods   map[string]string // by channel
	states  map[string]string // by message: the newest
	changed chan struct{}     // closed at each news
}

// step is one report, so long after the message.
type step struct {
	after time.Duration
	state string
}

// moods are how a channel may go on, in the order they are offered; the first is how it goes on by itself.
var moods = []struct {
	name, title string
	steps       []step
}{
	{"delivered", "arrives", []step{{time.Second, notify.ReceiptSent}, {2 * time.Second, notify.ReceiptDelivered}}},
	{"slow", "arrives after 45 seconds", []step{{time.Second, notify.ReceiptSent}, {45 * time.Second, notify.ReceiptDelivered}}},
	{"failed", "does not arrive", []step{{time.Second, notify.ReceiptSent}, {2 * time.Second, notify.ReceiptFailed}}},
}

// reporting are the channels whose gateways send receipts.
var reporting = []string{"sms", "whatsapp"}

func newReceipts() *receipts {
	return &receipts{moods: map[string]string{}, states: map[string]string{}, changed: make(chan struct{})}
}

// play reports what becomes of each message that is taken, until ctx ends.
func (r *receipts) play(ctx context.Context, memory *notify.Memory) {
	came, stop := memory.Subscribe()
	defer stop()
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		select {
		case s := <-came:
			if slices.Contains(reporting, s.Channel) {
				wg.Go(func() { r.report(ctx, s) })
			}
		case <-ctx.Done():
			return
		}
	}
}

func (r *receipts) report(ctx context.Context, s notify.Sent) {
	mood := r.mood(s.Channel)
	for _, m := range moods {
		if m.name != mood {
			continue
		}
		for _, step := range m.steps {
			select {
			case <-time.After(time.Until(s.At.Add(step.after))):
			case <-ctx.Done():
				return
			}
			// The gateway's name is its channel's (inTheOutbox), and the driver calls a message by our id.
			if r.note(ctx, &storage.Receipt{Gateway: s.Channel, GatewayID: s.ID, State: step.state, At: time.Now()}) == nil {
				r.say(func() { r.states[s.ID] = step.state })
			}
		}
	}
}

// say changes something that pages show.
func (r *receipts) say(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
	close(r.changed)
	r.changed = make(chan struct{})
}

// news is closed at the next report.
func (r *receipts) news() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}

func (r *receipts) mood(channel string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.moods[channel]; m != "" {
		return m
	}
	return moods[0].name
}

// state is the newest report of a message; "" = none.
func (r *receipts) state(id string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.states[id]
}

// moodChoice is the switch of a channel on the outbox page.
type moodChoice struct {
	Channel, Title string
	Options        []moodOption
}

type moodOption struct {
	Name, Title string
	Chosen      bool
}

func (r *receipts) choices() (all []moodChoice) {
	for _, channel := range reporting {
		c := moodChoice{Channel: channel, Title: channelTitles[channel]}
		for _, m := range moods {
			c.Options = append(c.Options, moodOption{m.name, m.title, m.name == r.mood(channel)})
		}
		all = append(all, c)
	}
	return all
}

// choose sets how messages go on from now on.
func (d *dev) choose(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	for _, channel := range reporting {
		for _, m := range moods {
			if form.Get(channel) == m.name {
				d.receipts.say(func() { d.receipts.moods[channel] = m.name })
			}
		}
	}
	http.Redirect(w, r, "/dev/outbox", http.StatusSeeOther)
	return nil
}
