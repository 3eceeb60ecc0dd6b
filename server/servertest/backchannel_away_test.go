package servertest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// A panel that stays away is asked a bounded number of times, and the person reads that it could not be told.
func TestD11APanelThatStaysAwayIsListedAsNotTold(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		first, second := listen(w, panelEar, w.RP1), listen(w, panel2Ear, w.RP2)
		w.Net.Break(panelEar, servertest.Fault{Status: http.StatusServiceUnavailable})
		b := w.Browser("dora")
		got := w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP2.Login())
		b.Open(w.RP1.SignOut("id_token_hint", got.RawIDToken()))
		told := func(name string) string {
			later := w.Browser(name)
			later.Open("https://" + servertest.SSO + "/account/sessions").SignIn(w.U2)
			return later.Text()
		}
		w.Deliver()
		if page := told("soon"); !strings.Contains(page, "being told") || strings.Contains(page, "could not be reached") {
			t.Errorf("while it is tried, the page says %q", page)
		}
		for range 2 * 24 {
			time.Sleep(time.Hour)
			if err := w.Server.Drain(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		if page := told("later"); !strings.Contains(page, "could not be reached") || strings.Contains(page, "being told") {
			t.Errorf("when it is given up, the page says %q", page)
		}
		w.Net.Mend(panelEar)
		if sids := first.heard(); len(sids) != 0 {
			t.Errorf("after it was given up, the panel hears of %q", sids)
		}
		if len(second.heard()) != 1 {
			t.Error("the panel that is up was not told")
		}
		asked := 0
		for _, x := range w.Net.Seen() {
			if strings.HasPrefix(x.URL, "https://"+panelEar) {
				asked++
			}
		}
		want(t, "tries", asked, 5)
	}, servertest.With(withEars))
}
