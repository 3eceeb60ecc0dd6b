package op

import (
	"crypto/sha256"
	"sync"
)

// proven remembers which access tokens are signed by a key of its key set, so that the signature of one that comes with
// every call of a panel is computed once: it costs more than the rest of the call. Only what can never change is
// remembered, that this very text was signed by that very key. Whether it is still good (its times, its grant, session
// and person) is looked at each time.
//
// It belongs to a keySet and is gone with it, so a key that is retired takes everything it signed along. Most tokens that
// are made never come back to this instance: of those, only the hash and the key are kept, without a pointer that the
// garbage collector would have to follow.
type proven struct {
	mu     sync.Mutex
	made   generations[int32] // by the index of the key
	new    generations[mark]  // made just now: a panel asks userinfo with its token at once
	claims generations[mark]  // came back
}

// mark is a token and what it says.
type mark struct {
	by     *signingKey
	claims *returned // shared: nobody changes it
}

// How many a generation holds; a mark is about half a kilobyte.
const (
	madeEach   = 4096
	newEach    = 128
	claimsEach = 1024
)

type digest = [sha256.Size]byte

// digestOf hashes a token without a copy of it on the heap, as long as it is no longer than ours are.
func digestOf(token string) digest {
	var room [1024]byte
	return sha256.Sum256(append(room[:0], token...))
}

func (c *proven) get(sum digest) (mark, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m, ok := c.claims.get(sum, claimsEach); ok {
		return m, true
	}
	return c.new.get(sum, newEach)
}

func (c *proven) put(sum digest, m mark) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.claims.put(sum, m, claimsEach)
}

// minted notes what the key of that index signed.
func (c *proven) minted(sum digest, key int, m mark) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made.put(sum, int32(key), madeEach)
	c.new.put(sum, m, newEach)
}

// maker is the index of the key that made the token, here.
func (c *proven) maker(sum digest) (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key, ok := c.made.get(sum, madeEach)
	return int(key), ok
}
