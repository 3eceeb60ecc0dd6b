package servertest

import (
	"fmt"
	"net/http"
	"testing"
)

// Q16: a browser that is opened again restores its tabs, all at once, and each panel page asks for a code.
func TestQ16NineRestoredTabsAreNoLoop(t *testing.T) {
	Run(t, func(t *testing.T, w *World) {
		b := w.Browser("anna")
		w.SignedIn(b, w.RP1, w.V)
		before := w.RP1.Answers()
		var tabs []*Browser
		for i := range 9 { // each at the panel, then each with us, before any is back at the panel
			tab := b.Tab(fmt.Sprint(i)).Do(http.MethodGet, w.RP1.Login("acr_values", "sfa"), nil)
			tabs = append(tabs, tab.Do(http.MethodGet, tab.Header().Get("Location"), nil))
		}
		for i, tab := range tabs {
			if tab.Status() != http.StatusFound {
				t.Fatalf("tab %d: %d", i+1, tab.Status())
			}
			tab.Open(tab.Header().Get("Location"))
			if got := w.RP1.Last(); got.Error != "" || got.IDToken.Subject != w.V.ID {
				t.Errorf("tab %d: %+v", i+1, got)
			}
		}
		if n := w.RP1.Answers() - before; n != 9 {
			t.Errorf("%d answers", n)
		}
	})
}

// Q16: a panel that is never content is stopped, and the person can try again at once.
func TestQ16ASequentialLoopIsAPageThatTriesAgain(t *testing.T) {
	Run(t, func(t *testing.T, w *World) {
		b := w.Browser("anna")
		w.SignedIn(b, w.RP1, w.V, "acr_values", "sfa")
		for range 4 { // with the one that signed in: five
			b.Open(w.RP1.Login("acr_values", "sfa"))
			if b.URL().Host != w.RP1.Host() {
				t.Fatalf("%s: %d", b.URL(), b.Status())
			}
		}
		n := w.RP1.Answers()
		b.Open(w.RP1.Login("acr_values", "sfa"))
		for b.URL().Host == w.RP1.Host() && w.RP1.Answers() < n+2 {
			b.Open(w.RP1.Login("acr_values", "sfa"))
		}
		b.WantStatus(http.StatusTooManyRequests).WantText("Try again")
		n = w.RP1.Answers()
		b.Click("Try again")
		if w.RP1.Answers() != n+1 || w.RP1.Last().Error != "" {
			t.Errorf("the person tries again: %s, %d", b.URL(), b.Status())
		}
	})
}

// Q47: so is one that is refused, again and again.
func TestQ47ARefusalLoopIsAPageThatTriesAgain(t *testing.T) {
	Run(t, func(t *testing.T, w *World) {
		b := w.Browser("new here")
		ask := w.RP1.Login("code_challenge", "", "code_challenge_method", "")
		for i := range 5 {
			b.Open(ask)
			if got := w.RP1.Last(); w.RP1.Answers() != i+1 || got.Error != "invalid_request" {
				t.Fatalf("round %d: %+v", i+1, got)
			}
		}
		b.Open(ask).WantStatus(http.StatusTooManyRequests).WantText("Try again")
		b.Click("Try again")
		if w.RP1.Answers() != 6 || w.RP1.Last().Error != "invalid_request" {
			t.Errorf("the person tries again: %s, %d", b.URL(), b.Status())
		}
		w.Browser("somebody else").Open(ask)
		if w.RP1.Answers() != 7 {
			t.Error("another browser was stopped")
		}
	})
}
