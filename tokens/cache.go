package tokens

import "sync"

// Cache is a map that forgets what was not asked for lately, without a clock or a list: when the young generation is full
// it becomes the old one. It is safe for concurrent use.
type Cache[V any] struct {
	Each int // how many a generation holds; at most twice as many are kept

	mu         sync.Mutex
	young, old map[Digest]V
}

// Get returns what was put, which is then kept for longer.
func (c *Cache[V]) Get(sum Digest) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.young[sum]; ok {
		return v, true
	}
	v, ok := c.old[sum]
	if ok {
		c.put(sum, v)
	}
	return v, ok
}

// Take returns what was put and forgets it.
func (c *Cache[V]) Take(sum Digest) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.young[sum]
	if !ok {
		v, ok = c.old[sum]
	}
	delete(c.young, sum)
	delete(c.old, sum)
	return v, ok
}

// Put keeps a value; nobody changes it afterwards.
func (c *Cache[V]) Put(sum Digest, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(sum, v)
}

func (c *Cache[V]) put(sum Digest, v V) {
	if c.young == nil || len(c.young) >= c.Each {
		c.young, c.old = make(map[Digest]V), c.young
	}
	c.young[sum] = v
}
