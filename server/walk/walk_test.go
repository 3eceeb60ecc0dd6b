package walk

import (
	"fmt"
	"hash/crc32"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/servertest"
)

// actsOf is how many things happen in a round, which is a world of its own.
const actsOf = 150

// TestTheWalk walks round after round until its time is over, on SQLite and on two instances over PostgreSQL in turns. A
// round is the same for the same seed.
func TestTheWalk(t *testing.T) {
	long := 5 * time.Second
	if s := os.Getenv("SOGLIA_WALK"); s != "" {
		var err error
		if long, err = time.ParseDuration(s); err != nil {
			t.Fatal(err)
		}
	}
	seed := rand.Uint64()>>1 | 1
	if from, err := strconv.ParseUint(os.Getenv("SOGLIA_WALK_FROM"), 10, 64); err == nil {
		seed = from
	}
	given, replay := strconv.ParseUint(os.Getenv("SOGLIA_WALK_SEED"), 10, 64)
	if replay == nil {
		seed = given
	}
	t.Logf("SOGLIA_WALK_SEED=%d", seed)
	sum, begin := tally{}, time.Now()
	for {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			var opts []servertest.Option
			if seed%4 == 0 {
				opts = append(opts, servertest.OnPostgres())
			}
			sum["round"]++
			sum.add(walkOnce(t, seed, opts...))
		})
		if replay == nil || t.Failed() || time.Since(begin) >= long {
			break
		}
		seed++
	}
	t.Logf("%s: %s", time.Since(begin).Round(time.Second), sum)
	if replay != nil && !t.Failed() {
		sum.degenerate(t)
	}
}

// walkOnce is one round.
func walkOnce(t *testing.T, seed uint64, opts ...servertest.Option) tally {
	dice := rand.New(rand.NewPCG(seed, 0))
	rules := newYAML()
	rules.preferred, rules.always, rules.closed = dice.IntN(3) == 0, dice.IntN(2) == 0, dice.IntN(2) == 0
	if dice.IntN(3) == 0 {
		rules.remember = 30 * 24 * time.Hour
	}
	var google *servertest.Google
	var w *walk
	first := rules // what the world begins with
	first.clients = maps.Clone(rules.clients)
	opts = append(opts, servertest.ByPhone(), servertest.WithGoogle(&google), servertest.With(func(f *config.File) {
		if w == nil {
			first.write(f)
		}
	}))
	sum := tally{}
	servertest.Run(t, func(t *testing.T, world *servertest.World) {
		w = &walk{World: world, t: t, dice: dice, google: google, book: &book{yaml: rules}, tally: sum, asked: map[string]*asking{}}
		w.instances = []*server.Server{world.Server}
		if seed%4 == 0 {
			w.instances = append(w.instances, world.Second())
			var n atomic.Int64
			world.Route(func(*http.Request) *server.Server { return w.instances[n.Add(1)%2] })
		}
		w.settle()
		for range actsOf {
			w.act()
			if w.failed {
				break
			}
		}
		t.Logf("preferred=%v always=%v closed=%v: %s; the same seed does the same: %08x", rules.preferred, rules.always, rules.closed,
			sum, crc32.ChecksumIEEE([]byte(strings.Join(w.log, "\n"))))
	}, opts...)
	return sum
}

// walk is one round.
type walk struct {
	*servertest.World
	t         *testing.T
	dice      *rand.Rand
	google    *servertest.Google
	instances []*server.Server
	book      *book
	tally     tally
	humans    []*human
	browsers  []*browser
	mails     []mail
	read      int                // messages of the memory that were read
	asked     map[string]*asking // by state
	states    int
	held      []*asking // answered, and not redeemed yet
	tokens    []*tokens
	log       []string
	failed    bool
}

// note keeps what happened, to be told should something go wrong.
func (w *walk) note(who, format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf("%s %-14s %s", time.Now().Format("02T15:04:05"), who, fmt.Sprintf(format, args...)))
}

// say is what the server said too much, or did not do.
func (w *walk) say(format string, args ...any) {
	w.t.Helper()
	if w.failed {
		return
	}
	w.failed = true
	from := max(0, len(w.log)-60)
	w.t.Errorf("SOGLIA_WALK_SEED=%s (preferred=%v always=%v closed=%v)\n%s\n\nthe last things that happened:\n%s",
		w.t.Name()[strings.LastIndexByte(w.t.Name(), '/')+1:], w.book.yaml.preferred, w.book.yaml.always, w.book.yaml.closed,
		fmt.Sprintf(format, args...), strings.Join(w.log[from:], "\n"))
}

// chance is true so often in a hundred.
func (w *walk) chance(percent int) bool { return w.dice.IntN(100) < percent }

// pause lets up to so many seconds go by.
func (w *walk) pause(most int) {
	time.Sleep(time.Duration(1+w.dice.IntN(most)) * time.Second)
}

func pick[T any](w *walk, of []T) T { return of[w.dice.IntN(len(of))] }

// act is the next thing that happens.
func (w *walk) act() {
	w.pause(40)
	var sum int
	for _, a := range acts {
		sum += a.weight
	}
	n := w.dice.IntN(sum)
	for _, a := range acts {
		if n -= a.weight; n < 0 {
			a.do(w)
			return
		}
	}
}

// acts are what can happen, and how often.
var acts = []struct {
	weight int
	do     func(*walk)
}{
	{40, (*walk).visit},
	{8, (*walk).orderly},
	{16, (*walk).refresh},
	{16, (*walk).introspect},
	{8, (*walk).userinfo},
	{2, (*walk).revoke},
	{3, (*walk).steal},
	{3, (*walk).late},
	{3, (*walk).race},
	{6, (*walk).switchOn},
	{5, (*walk).switchOff},
	{2, (*walk).renewReserve},
	{4, (*walk).addChannel},
	{4, (*walk).signOut},
	{2, (*walk).everywhere},
	{3, (*walk).forgot},
	{2, (*walk).change},
	{2, (*walk).notMe},
	{6, (*walk).operator},
	{2, (*walk).desk},
	{8, (*walk).reload},
	{8, (*walk).wait},
}

// tally counts what came out.
type tally map[string]int

func (t tally) add(o tally) {
	for k, n := range o {
		t[k] += n
	}
}

func (t tally) String() string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(t)) {
		out = append(out, fmt.Sprintf("%s %d", k, t[k]))
	}
	return strings.Join(out, ", ")
}

// degenerate fails when a kind of answer that a walk must have seen did not come: a server that refuses everything says
// nothing too much.
func (t tally) degenerate(tb testing.TB) {
	tb.Helper()
	if t["round"] < 6 {
		return // too short to say so
	}
	for _, k := range []string{"token sfa", "token mfa", "token floored", "refresh ok", "introspect active", "userinfo ok", "token social", "app on", "app off", "number on", "channel on", "code by sms", "code by whatsapp", "orderly ok"} {
		if t[k] == 0 {
			tb.Errorf("no %q in the whole walk", k)
		}
	}
	for _, k := range []string{"refresh", "introspect", "userinfo", "scope", "orderly mfa"} {
		if due, got := t[k+" due"], t[k+" given"]; got*100 < due*85 {
			tb.Errorf("%s: only %d of %d were given that nothing speaks against", k, got, due)
		}
	}
}
