package op

import (
	"crypto/sha256"
	"sync"
)

// proven remembers which access tokens were found to be signed by a key of its key set, so that the signature of one
// that comes with every call of a panel is computed once: it costs more than the rest of the call. Only what can never
// change is remembered, that this very text was signed by that very key. Whether it is still good (its times, its grant,
// session and person) is looked at each time.
//
// It belongs to a keySet and is gone with it, so a key that is retired takes everything it signed along. Two generations
// keep it small without a clock or a list: when the young one is full it becomes the old one.
type proven struct {
	mu         sync.Mutex
	young, old map[[sha256.Size]byte]mark
}

// mark is a token that was verified.
type mark struct {
	by     *signingKey
	claims *returned // shared: nobody changes it
}

// provenEach bounds a generation; an entry is about half a kilobyte.
const provenEach = 2048

func (c *proven) get(token string) (mark, bool) {
	sum := sha256.Sum256([]byte(token))
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.young[sum]; ok {
		return s, true
	}
	s, ok := c.old[sum]
	if ok {
		c.keep(sum, s)
	}
	return s, ok
}

func (c *proven) put(token string, s mark) {
	sum := sha256.Sum256([]byte(token))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(sum, s)
}

func (c *proven) keep(sum [sha256.Size]byte, s mark) {
	if c.young == nil || len(c.young) >= provenEach {
		c.young, c.old = make(map[[sha256.Size]byte]mark, provenEach), c.young
	}
	c.young[sum] = s
}
