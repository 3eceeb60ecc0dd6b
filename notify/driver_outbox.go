package notify

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/soglia-sso/soglia/config"
)

func init() { kinds["outbox"] = dev(driver(openOutbox, "email", "sms", "whatsapp")) }

// outboxSettings are those of the driver that keeps messages in memory.
type outboxSettings struct {
	// Sender; it is shown nowhere.
	From string `yaml:"from"`
}

// Check has nothing to report.
func (*outboxSettings) Check(_, _ config.Report) {}

func openOutbox(_ *outboxSettings, r Reach) (Driver, error) {
	if r.Memory == nil {
		return nil, errors.New("driver outbox keeps messages in memory and works in dev only")
	}
	return r.Memory, nil
}

// keep bounds what the memory remembers.
const keep = 1000

// Sent is a message in the memory.
type Sent struct {
	Delivery
	At time.Time
}

// Memory is the driver of soglia dev and of tests: what it is given stays in the process, for the outbox page. The zero
// value is ready.
type Memory struct {
	mu   sync.Mutex
	all  []Sent
	subs map[chan Sent]bool
}

// Send remembers the message.
func (m *Memory) Send(_ context.Context, d Delivery) (Taken, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Sent{Delivery: d, At: time.Now()}
	if len(m.all) == keep {
		m.all = slices.Delete(m.all, 0, 1)
	}
	m.all = append(m.all, s)
	for c := range m.subs {
		select {
		case c <- s:
		default: // a page that does not read misses it live and finds it in All
		}
	}
	taken := Taken{Answer: "kept in memory"}
	if d.Channel != "email" { // a mail server reports to nobody
		taken.ID = d.ID
	}
	return taken, nil
}

// All returns what is remembered, oldest first.
func (m *Memory) All() []Sent {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.all)
}

// Latest returns the newest message to an address or number.
func (m *Memory) Latest(to string) (Sent, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range slices.Backward(m.all) {
		if s.To == to {
			return s, true
		}
	}
	return Sent{}, false
}

// Subscribe returns a channel of what comes from now on, and the way to stop it.
func (m *Memory) Subscribe() (<-chan Sent, func()) {
	c := make(chan Sent, 16)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.subs == nil {
		m.subs = map[chan Sent]bool{}
	}
	m.subs[c] = true
	return c, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.subs, c)
	}
}
