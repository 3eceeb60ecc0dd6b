package tokens

import (
	"crypto/sha256"
	"fmt"
	"testing"
)

func TestACacheIsBoundedAndForgetsTheOldest(t *testing.T) {
	const each = 256
	sum := func(token string) Digest { return sha256.Sum256([]byte(token)) }
	c := Cache[string]{Each: each}
	c.Put(sum("kept in use"), "kept")
	for i := range 10 * each {
		c.Put(sum(fmt.Sprint(i)), "")
		if i%100 == 0 {
			if got, ok := c.Get(sum("kept in use")); !ok || got != "kept" {
				t.Fatalf("what is used all the time was forgotten after %d others", i)
			}
		}
	}
	if n := len(c.young) + len(c.old); n > 2*each {
		t.Errorf("%d are remembered", n)
	}
	if _, ok := c.Get(sum("0")); ok {
		t.Error("the oldest is still remembered")
	}
	if got, ok := c.Take(sum("kept in use")); !ok || got != "kept" {
		t.Error("not given")
	}
	if _, ok := c.Take(sum("kept in use")); ok {
		t.Error("given twice")
	}
}
