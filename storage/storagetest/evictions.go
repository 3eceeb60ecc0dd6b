package storagetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// crowd are the open requests of one address, by a name each.
type crowd struct {
	*world
	t       *testing.T
	address string
	named   map[string]*storage.Request
	second  int
}

func (w *world) crowd(t *testing.T) *crowd {
	return &crowd{world: w, t: t, address: id(), named: map[string]*storage.Request{}}
}

// come stores a request, a second after the one before.
func (c *crowd) come(name string, browser []byte, standing storage.Standing, perBrowser, perIP int) error {
	c.second++
	q := c.request()
	q.BrowserHash, q.IP, q.Standing, q.Created = browser, c.address, standing, c.in(time.Duration(c.second)*time.Second)
	q.Expires = q.Created.Add(30 * time.Minute)
	c.named[name] = q
	return c.CreateRequest(c.t.Context(), q, perBrowser, perIP)
}

// state says what became of requests: "open", "evicted" or "gone" each.
func (c *crowd) state(names ...string) string {
	c.t.Helper()
	var out []string
	for _, name := range names {
		got, err := c.Request(c.t.Context(), c.named[name].Hash, c.in(time.Duration(c.second)*time.Second))
		switch {
		case errors.Is(err, storage.ErrNotFound):
			out = append(out, "gone")
		case err != nil:
			c.t.Fatal(err)
		case got.Evicted != !got.FinishedAt.IsZero():
			c.t.Errorf("%s: %+v", name, got)
		case got.Evicted:
			out = append(out, "evicted")
		default:
			out = append(out, "open")
		}
	}
	return strings.Join(out, " ")
}

func (c *crowd) want(names, states string) {
	c.t.Helper()
	if got := c.state(strings.Fields(names)...); got != states {
		c.t.Errorf("%s are %s, want %s", names, got, states)
	}
}

func evictions(t *testing.T, w *world) {
	ctx := t.Context()

	t.Run("a browser's oldest makes room, unless a step succeeded in it", func(t *testing.T) {
		c, mine := w.crowd(t), hash()
		must(t, c.come("proved", mine, storage.Proved, 3, 0))
		must(t, c.come("first", mine, storage.SignedIn, 3, 0))
		must(t, c.come("second", mine, storage.Returned, 3, 0))
		must(t, c.come("another's", hash(), storage.Returned, 3, 0))
		must(t, c.come("third", mine, storage.Returned, 3, 0))
		must(t, c.come("fourth", mine, storage.Returned, 3, 0))
		c.want("proved first second third fourth another's", "open evicted evicted open open open")
		must(t, w.FinishRequest(ctx, c.named["third"].Hash, w.now))
		must(t, c.come("fifth", mine, storage.Returned, 3, 0))
		c.want("proved fourth fifth", "open open open")
	})

	t.Run("nothing makes room that was proved", func(t *testing.T) {
		c, mine := w.crowd(t), hash()
		for i := range 2 {
			must(t, c.come(fmt.Sprint(i), mine, storage.Proved, 2, 2))
		}
		want(t, "a browser's third", c.come("x", mine, storage.Returned, 2, 0), storage.ErrConflict)
		want(t, "an address's third", c.come("y", hash(), storage.Fresh, 0, 2), nil)
		c.want("0 1 x y", "open open gone open")
		want(t, "no limit", c.come("z", mine, storage.Fresh, 0, 0), nil)
	})

	t.Run("at an address those go first that brought no cookie, then those of the fullest browser", func(t *testing.T) {
		c, full, half := w.crowd(t), hash(), hash()
		must(t, c.come("alone", hash(), storage.Returned, 0, 8))
		must(t, c.come("inside", hash(), storage.SignedIn, 0, 8))
		must(t, c.come("full1", full, storage.Returned, 0, 8))
		must(t, c.come("half1", half, storage.Returned, 0, 8))
		must(t, c.come("full2", full, storage.Returned, 0, 8))
		must(t, c.come("half2", half, storage.Returned, 0, 8))
		must(t, c.come("full3", full, storage.Returned, 0, 8))
		must(t, c.come("half3", half, storage.Returned, 0, 8))
		must(t, w.FinishRequest(ctx, c.named["half3"].Hash, w.now))
		must(t, c.come("unbound", nil, storage.Fresh, 0, 8))
		must(t, c.come("single", hash(), storage.Returned, 0, 8))
		const all = "alone inside full1 full2 full3 half1 half2 unbound fresh"
		must(t, c.come("fresh", hash(), storage.Fresh, 0, 8))
		c.want(all, "open open open open open open open evicted open")
		must(t, c.come("a", hash(), storage.Returned, 0, 8))
		c.want(all, "open open open open open open open evicted evicted")
		must(t, c.come("b", hash(), storage.Returned, 0, 8))
		c.want(all, "open open evicted open open open open evicted evicted")
		must(t, c.come("c", hash(), storage.Returned, 0, 8)) // two of each: the oldest of them
		c.want(all, "open open evicted open open evicted open evicted evicted")
		must(t, c.come("d", hash(), storage.SignedIn, 0, 8)) // with a session: on top, as the one before
		c.want(all, "open open evicted open open evicted open evicted evicted")
		must(t, c.come("e", hash(), storage.Fresh, 0, 8)) // the last browser with two
		c.want(all, "open open evicted evicted open evicted open evicted evicted")
		must(t, c.come("f", hash(), storage.Returned, 0, 8))
		c.want("a b c d e f", "open open open open evicted open")
		must(t, c.come("g", hash(), storage.Returned, 0, 8)) // one each: the oldest
		c.want(all, "evicted open evicted evicted open evicted open evicted evicted")
	})

	t.Run("what was evicted is opened again, at the cost of another", func(t *testing.T) {
		c, mine := w.crowd(t), hash()
		for _, name := range []string{"1", "2", "3"} {
			must(t, c.come(name, mine, storage.Returned, 2, 2))
		}
		q, err := w.Request(ctx, c.named["1"].Hash, w.now)
		must(t, err)
		q.Standing = storage.SignedIn
		must(t, w.ReopenRequest(ctx, q, 2, 2, w.in(10*time.Second)))
		if q.Evicted || !q.FinishedAt.IsZero() {
			t.Errorf("%+v", q)
		}
		got, err := w.Request(ctx, q.Hash, w.now)
		must(t, err)
		if got.Standing != storage.SignedIn || got.Evicted {
			t.Errorf("%+v", got)
		}
		c.want("1 2 3", "open evicted open")
		must(t, w.FinishRequest(ctx, q.Hash, w.now))
		want(t, "twice", w.FinishRequest(ctx, q.Hash, w.now), storage.ErrUsed)
		must(t, w.ReopenRequest(ctx, q, 2, 2, w.in(10*time.Second)))
		got, err = w.Request(ctx, q.Hash, w.now)
		must(t, err)
		if got.FinishedAt.IsZero() {
			t.Error("a finished one was opened again")
		}
	})

	t.Run("of the evicted of an address the latest are kept", func(t *testing.T) {
		c := w.crowd(t)
		for i := range 12 {
			must(t, c.come(fmt.Sprint(i), hash(), storage.Returned, 0, 2))
		}
		c.want("0 1 2 3 9 10 11", "gone gone evicted evicted evicted open open")
	})

	t.Run("the open ones are counted", func(t *testing.T) {
		before, err := w.OpenRequests(ctx, w.now)
		must(t, err)
		c := w.crowd(t)
		for i := range 5 {
			must(t, c.come(fmt.Sprint(i), hash(), storage.Returned, 0, 3))
		}
		must(t, w.FinishRequest(ctx, c.named["4"].Hash, w.now))
		n, err := w.OpenRequests(ctx, w.now)
		must(t, err)
		if n-before != 2 {
			t.Errorf("%d more", n-before)
		}
	})
}
