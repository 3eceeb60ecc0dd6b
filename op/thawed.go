package op

import (
	"crypto/sha256"
	"encoding/json"
	"sync"

	"github.com/soglia-sso/soglia/storage"
)

// thawed remembers what grants keep of their decisions, by the text of it: a panel that works asks for the same grant again
// and again, and reading the JSON costs more than judging it. Nobody changes what is remembered.
type thawed struct {
	mu sync.Mutex
	by generations[*frozen]
}

// thawedEach is how many a generation holds; one is about a kilobyte.
const thawedEach = 512

func (t *thawed) of(g *storage.Grant) (*frozen, error) {
	sum := sha256.Sum256(g.Frozen)
	t.mu.Lock()
	f, ok := t.by.get(sum, thawedEach)
	t.mu.Unlock()
	if ok {
		return f, nil
	}
	f = new(frozen)
	if err := json.Unmarshal(g.Frozen, f); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.by.put(sum, f, thawedEach)
	return f, nil
}
