package servertest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// The journal of 90 days: one's own records in words, newest first, paged without a gap or a repetition, and nobody else's
// whatever the address says.
func TestTheJournalIsThePersonsOwn(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		at := w.Store.Now()
		var all []*storage.Event
		for i := range 70 { // three of each moment
			all = append(all, &storage.Event{ID: fmt.Sprintf("R%03d", i), At: at.Add(-time.Duration(i/3) * time.Hour), Name: "authn.fail", Outcome: "fail", Reason: "wrong", PersonID: w.U1.ID, IP: fmt.Sprintf("192.0.2.%d", i)})
		}
		all = append(all,
			&storage.Event{ID: "OLD", At: at.Add(-91 * 24 * time.Hour), Name: "authn.fail", Outcome: "fail", PersonID: w.U1.ID, IP: "198.51.100.1"},
			&storage.Event{ID: "OTHER", At: at, Name: "authn.fail", Outcome: "fail", PersonID: w.U2.ID, IP: "198.51.100.2"},
			&storage.Event{ID: "QUIET", At: at, Name: "token.refreshed", Outcome: "ok", PersonID: w.U1.ID, IP: "198.51.100.3"})
		if err := w.Store.Append(t.Context(), all...); err != nil {
			t.Fatal(err)
		}
		b := w.Browser("ugo")
		w.SignedIn(b, w.RP1, w.U1)
		b.Open(accountURL).Click("Activity").WantStep("account_activity").WantText("Verified: Authenticator app").WantText("This device")
		seen := map[string]int{}
		for range 5 {
			for _, word := range strings.Fields(b.Text()) {
				if strings.HasPrefix(word, "192.0.2.") || strings.HasPrefix(word, "198.51.100.") {
					seen[word]++
				}
			}
			if !b.Has("older") {
				break
			}
			b.Submit("older").WantStep("account_activity")
		}
		for i := range 70 {
			want(t, fmt.Sprint("entry ", i), seen[fmt.Sprintf("192.0.2.%d", i)], 1)
		}
		want(t, "addresses", len(seen), 70)
		for _, forged := range []string{"x", "MTc2", "MSBB", "%00"} {
			b.Open(accountURL + "/activity?after=" + forged)
			if strings.Contains(b.Text(), "198.51.100.") {
				t.Errorf("%q shows what is not the person's", forged)
			}
		}
	})
}
