package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// everywhere is the prefix of whatever no other prefix serves.
const everywhere = "*"

// route is one gateway of a channel.
type route struct {
	name     string
	driver   Driver
	prefixes []string // "+39", or everywhere
	breaker  breaker
}

// router is the gateways of a channel, in the order of the configuration. The one with the longest prefix of a number takes
// the message. Another with the same prefix takes over where that one surely did not take it, or has failed so often that
// it is not even asked. It knows no other channel.
type router []*route

// Send hands the message to the first gateway that takes it. After an error that leaves open whether it was taken nobody
// else is asked in this try.
func (r router) Send(ctx context.Context, d Delivery) (Taken, error) {
	all := r.serving(d.To)
	if len(all) == 0 {
		return Taken{}, fmt.Errorf("%w: no gateway serves this prefix", ErrRefused)
	}
	var first, last error // why the first one did not take it; what is worth another try, else the last refusal
	asked := false
	for i, g := range all {
		if !g.breaker.admit() && (i < len(all)-1 || asked) { // one that nobody can stand in for is asked all the same
			first = orElse(first, errLeftAlone)
			continue
		}
		asked = true
		taken, err := g.driver.Send(ctx, d)
		g.breaker.note(err)
		if err == nil {
			taken.Gateway = g.name
			if i > 0 {
				taken.InsteadOf, taken.Because = all[0].name, first
			}
			return taken, nil
		}
		err = fmt.Errorf("%s: %w", g.name, err)
		first = orElse(first, err)
		var no *NotNow
		refused := errors.Is(err, ErrRefused)
		if last == nil || errors.Is(last, ErrRefused) || !refused {
			last = err
		}
		if !refused && !errors.As(err, &no) {
			break
		}
	}
	return Taken{}, last
}

var errLeftAlone = errors.New("left alone after failures in a row")

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// serving are the gateways with the longest prefix of a number that any has.
func (r router) serving(to string) (found []*route) {
	longest := -1
	for _, g := range r {
		n := g.serves(to)
		if n > longest {
			longest, found = n, nil
		}
		if n == longest && n >= 0 {
			found = append(found, g)
		}
	}
	return found
}

// serves is the length of the longest prefix that fits, -1 = none does.
func (g *route) serves(to string) int {
	longest := -1
	for _, p := range g.prefixes {
		if p == everywhere {
			longest = max(longest, 0)
		} else if strings.HasPrefix(to, p) {
			longest = max(longest, len(p))
		}
	}
	return longest
}

// The breaker's numbers.
const (
	failuresToOpen = 3 // in a row
	openFor        = 30 * time.Second
	longestRest    = 15 * time.Minute // that a gateway may ask for
)

// breaker knows when a gateway failed so often, or asked so plainly to be left alone, that another one should be asked. The
// zero value is closed. It lives as long as the configuration, in one process.
type breaker struct {
	mu    sync.Mutex
	inRow int
	until time.Time // open until then
}

// admit says whether the gateway should be asked. While it is open one message at a time tries, every openFor.
func (b *breaker) admit() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if now.Before(b.until) {
		return false
	}
	if b.inRow >= failuresToOpen {
		b.until = now.Add(openFor)
	}
	return true
}

// note takes down how a try ended. A message that was refused says nothing against the gateway.
func (b *breaker) note(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var no *NotNow
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, ErrRecipient): // nothing was learnt of the gateway
		return
	case err == nil, errors.Is(err, ErrRefused):
		b.inRow, b.until = 0, time.Time{}
		return
	}
	if b.inRow++; b.inRow >= failuresToOpen {
		b.until = time.Now().Add(openFor)
	}
	if errors.As(err, &no) && no.Wait > 0 {
		if rest := time.Now().Add(min(no.Wait, longestRest)); rest.After(b.until) {
			b.until = rest
		}
	}
}
