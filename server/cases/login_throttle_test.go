package cases

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

const notThePassword = "not the password at all"

// guess posts one sign-in form from a browser of its own and returns the status.
func guess(w *servertest.World, ip, name, password string) int {
	w.T.Helper()
	b := w.Browser("guesser")
	b.IP = ip
	b.Open(w.RP1.Login()).WantStep("login").FillID("username", name).FillID("password", password).Submit("login-submit")
	if b.Status() == http.StatusTooManyRequests {
		if n, err := strconv.Atoi(b.Header().Get("Retry-After")); err != nil || n < 1 || n > 900 {
			w.T.Errorf("Retry-After: %q", b.Header().Get("Retry-After"))
		}
	}
	return b.Status()
}

// guesses sorts the answers to a series of guesses.
func guesses(n int, try func(i int) int) map[int]int {
	seen := map[int]int{}
	for i := range n {
		seen[try(i)]++
	}
	return seen
}

func TestL04ThirtyGuessesAtOneAccountAreFive(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		seen := guesses(30, func(int) int { return guess(w, "203.0.113.50", w.U1.Username, notThePassword) })
		want(t, "looked at, throttled", fmt.Sprint(seen), "map[422:5 429:25]")
		want(t, "the right password meanwhile", guess(w, "203.0.113.50", w.U1.Username, w.U1.Password), 429)
		reasons := map[string]int{}
		for _, e := range w.Records("authn.fail") {
			reasons[e.Reason]++
			if e.PersonID != w.U1.ID || e.Actor != "" || e.Outcome != "fail" || e.ClientID != "panel" || e.IP != "203.0.113.50" || e.RequestID == "" {
				t.Errorf("record: %+v", e)
			}
		}
		want(t, "records", fmt.Sprint(reasons), "map[throttled_account:26 wrong:5]")
		time.Sleep(2 * time.Second)
		want(t, "the owner, a moment later: the second factor comes", guess(w, "203.0.113.50", w.U1.Username, w.U1.Password), 200)
	})
}

// One account is one counter: however it is spelt, wherever the guess comes from, whatever a header pretends, on whichever
// instance, and after a restart.
func TestL04OneAccountIsOneCounter(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		servers := []*server.Server{w.Server, w.Second()}
		turn := 0
		w.Route(func(r *http.Request) *server.Server {
			turn++
			r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.18.%d.%d", turn>>8, turn&255)) // no proxy is trusted here
			r.Header.Set("Forwarded", fmt.Sprintf("for=198.18.%d.%d", turn>>8, turn&255))
			return servers[turn%2]
		})
		names := []string{"ugo", "UGO", " ugo ", "ugo@rossi.test", "Ugo@ROSSI.test", "uGo", "\tugo", "ugo@rossi.TEST"}
		seen := guesses(40, func(i int) int {
			return guess(w, fmt.Sprintf("203.0.113.%d", 1+i), names[i%len(names)], notThePassword)
		})
		// Each of the two names says "wait" by itself, after five; that both are one account shows in the records only (Q68).
		want(t, "told that it is wrong, told to wait", fmt.Sprint(seen), "map[422:10 429:30]")
		reasons := map[string]int{}
		for _, e := range w.Records("authn.fail") {
			reasons[e.Reason]++
		}
		want(t, "looked at, throttled", fmt.Sprint(reasons), "map[throttled_account:35 wrong:5]")
		servers[0], servers[1] = w.Second(), w.Second()
		want(t, "after a restart", guess(w, "203.0.113.200", "ugo", w.U1.Password), 429)
		want(t, "somebody else", guess(w, "203.0.113.201", w.V.Username, notThePassword), 422)
		for _, e := range w.Records("authn.fail") {
			if e.PersonID == w.U1.ID && !strings.HasPrefix(e.IP, "203.0.113.") {
				t.Errorf("a header made the address %s", e.IP)
			}
		}
	})
}

func TestL04OnePasswordOnTwoHundredPeople(t *testing.T) {
	for name, ip := range map[string]func(i int) string{
		"one address": func(int) string { return "203.0.113.50" },
		"one /64":     func(i int) string { return fmt.Sprintf("[2001:db8:0:1:%x::%x]", i, i*7+1) },
	} {
		servertest.Run(t, func(t *testing.T, w *servertest.World) {
			real := map[int]string{3: w.U1.Username, 7: w.U2.Email, 11: w.V.Username}
			seen := guesses(200, func(i int) int {
				time.Sleep(100 * time.Millisecond) // a sprayer keeps below the limit of floods
				who := real[i]
				if who == "" {
					who = "person" + strconv.Itoa(i)
				}
				return guess(w, ip(i), who, notThePassword)
			})
			want(t, name+": looked at, throttled", fmt.Sprint(seen), "map[422:30 429:170]")
			recorded(t, w, "authn.fail", storage.Event{Outcome: "fail", Reason: "throttled_ip", ClientID: "panel"})
			want(t, name+": from elsewhere", guess(w, "203.0.113.99", w.V.Username, w.V.Password), 200)
		})
	}
}

func TestL04TwoHundredAddressesDoNotKeepTheOwnerOut(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		laptop := w.Browser("laptop")
		w.SignedIn(laptop, w.RP1, w.V)
		time.Sleep(13 * time.Hour)
		seen := guesses(200, func(i int) int {
			return guess(w, fmt.Sprintf("198.18.%d.%d", i>>7, i&127), w.V.Username, notThePassword)
		})
		want(t, "looked at, throttled", fmt.Sprint(seen), "map[422:5 429:195]")
		want(t, "a device that is not known", guess(w, "203.0.113.77", w.V.Username, w.V.Password), 429)
		got := w.SignedIn(laptop, w.RP1, w.V)
		want(t, "the owner on a known device", got.IDToken.Subject, w.V.ID)
		thief := w.Browser("thief") // the mark is the cookie's, not a name that one can give oneself
		thief.SetCookie(servertest.SSO, &http.Cookie{Name: "__Host-soglia_browser", Value: strings.Repeat("A", 43), Path: "/", Secure: true})
		thief.Open(w.RP1.Login()).SignIn(w.V).WantStatus(429)
	})
}
