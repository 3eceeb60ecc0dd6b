package cases

import (
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// How much is played: clients at once on every grant, each doing so many random things.
const (
	sessionsOf = 5
	grantsOf   = 4  // of each session, one of them offline
	clientsOf  = 3  // of each grant
	actsOf     = 16 // of each client, at most
	refusalsOf = 3  // after so many it leaves: a dead grant has little to tell
)

// What random clients saw over two instances must be what one client at a time would have seen: whatever was answered
// stays true for every later question, on the other instance too.
func TestHistoriesOfCodesAndRefreshTokensAreLinearizable(t *testing.T) {
	seed := rand.Uint64()
	if s, err := strconv.ParseUint(os.Getenv("SOGLIA_TEST_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("SOGLIA_TEST_SEED=%d", seed)
	var played []*history
	for f, option := range map[fate]servertest.Option{
		stays: servertest.With(func(*config.File) {}), again: rotated(time.Minute), replaced: rotated(0),
	} {
		t.Run(string(f), func(t *testing.T) {
			inArenas(t, func(a *arena) { played = append(played, a.play(seed, f)) }, option)
		})
	}
	for _, h := range played { // outside of the bubbles, whose clock would never end it
		won := map[act]int{}
		for _, part := range grants.Partition(h.all) {
			for _, op := range part {
				if op.Output.(reply).ok {
					won[op.Input.(call).act]++
				}
			}
			if got := porcupine.CheckOperationsTimeout(grants, part, time.Minute); got != porcupine.Ok {
				t.Errorf("a grant's history is %s:\n%s", got, listing(part))
			}
		}
		t.Logf("tokens %s: %d operations, successes %v", h.tokens, len(h.all), won)
		for _, what := range []act{redeem, refresh, introspect} {
			if won[what] == 0 {
				t.Errorf("no %s succeeded: this history shows nothing", what)
			}
		}
	}
}

// history is what the clients did, by a clock that counts calls and returns: the bubble's own stands still.
type history struct {
	tokens fate
	clock  atomic.Int64
	mu     sync.Mutex
	all    []porcupine.Operation
	known  map[string][]string // refresh tokens by grant, newest last
}

// note does something to grants and keeps it; it reports whether that got anything.
func (h *history) note(client int, does act, on []*played, token string, do func() reply) bool {
	from := h.clock.Add(1)
	out := do()
	to := h.clock.Add(1)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, g := range on {
		h.all = append(h.all, porcupine.Operation{
			ClientId: client, Input: call{grant: g.code, offline: g.offline, tokens: h.tokens, act: does, token: token}, Call: from, Output: out, Return: to,
		})
		if out.token != "" && !slices.Contains(h.known[g.code], out.token) {
			h.known[g.code] = append(h.known[g.code], out.token)
		}
	}
	return out.ok
}

// pick is a token of the grant's: most often the newest one known, sometimes an old one; "" before there is any.
func (h *history) pick(g *played, dice *rand.Rand) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	known := h.known[g.code]
	switch {
	case len(known) == 0:
		return ""
	case dice.IntN(10) == 0:
		return known[dice.IntN(len(known))]
	}
	return known[len(known)-1]
}

// played is a grant in the game, with the others of its session.
type played struct {
	code    string
	offline bool
	session []*played
	out     probe // signs out of the session
}

// play lets everybody loose and gives what happened.
func (a *arena) play(seed uint64, f fate) *history {
	h := &history{tokens: f, known: map[string][]string{}}
	var all []*played
	for range sessionsOf {
		b := a.Browser("dora")
		a.SignedIn(b, a.RP2, a.U2)
		hint := a.prober(rivals).send(redemption(a.RP2, a.code(b, a.RP2))).tokens().ID
		out := probe{method: http.MethodGet, target: "/end_session?id_token_hint=" + hint, header: head("Cookie", cookies(b))}
		session := make([]*played, grantsOf)
		for i := range session {
			session[i] = &played{code: a.code(b, a.RP2), session: session, out: out}
			if i == 1 {
				session[i].offline = true
				session[i].code = a.code(b, a.RP2, "scope", "openid offline_access", "prompt", "consent")
			}
		}
		all = append(all, session...)
	}
	var clients sync.WaitGroup
	for i, g := range all {
		if i%3 != 0 { // two thirds are redeemed in peace: a code that all go for at once dies at once
			a.do(h, g, -1, redeem, "")
		}
	}
	for i, g := range all {
		for j := range clientsOf {
			client := i*clientsOf + j
			dice := rand.New(rand.NewPCG(seed, uint64(client)))
			clients.Go(func() {
				for acts, refusals := 0, 0; acts < actsOf && refusals < refusalsOf; acts++ {
					if !a.do(h, g, client, roll(dice), h.pick(g, dice)) {
						refusals++
					}
				}
			})
		}
	}
	clients.Wait()
	return h
}

// roll is what to do next. Ends are rare, or nothing would live long enough to be worth a look.
func roll(dice *rand.Rand) act {
	switch n := dice.IntN(100); {
	case n < 30:
		return refresh
	case n < 92:
		return introspect
	case n < 95:
		return redeem
	case n < 99:
		return revoke
	}
	return endSession
}

// do asks the server and holds the answer against the few that are defined; it reports whether anything was got. Without
// a token there is only the code.
func (a *arena) do(h *history, g *played, client int, does act, token string) (got bool) {
	if token == "" && does != endSession {
		does = redeem
	}
	if does == redeem || does == endSession {
		token = ""
	}
	p, on, says := a.prober(client+2), []*played{g}, []string{"200"}
	var ask probe
	switch does {
	case redeem:
		ask, says = redemption(a.RP2, g.code), []string{"200", "400 invalid_grant"}
	case refresh:
		ask, says = renewal(a.RP2, token), []string{"200", "400 invalid_grant"}
	case revoke, introspect:
		ask = ofPanel(a.RP2, "/"+string(does), "token", token)
	case endSession:
		ask, on, says = g.out, g.session, []string{"200 logged_out"}
	}
	return h.note(client, does, on, token, func() reply {
		got := p.send(ask)
		if !slices.Contains(says, got.says()) {
			a.t.Errorf("%s was answered %q", does, got.says())
		}
		t := got.tokens()
		return reply{ok: t.Refresh != "" || t.Active, token: t.Refresh}
	})
}

// listing is a history for people, in the order of the calls.
func listing(ops []porcupine.Operation) string {
	slices.SortFunc(ops, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	var b strings.Builder
	for _, op := range ops {
		b.WriteString(strconv.FormatInt(op.Call, 10) + "-" + strconv.FormatInt(op.Return, 10) + "\t" + grants.DescribeOperation(op.Input, op.Output) + "\n")
	}
	return b.String()
}
