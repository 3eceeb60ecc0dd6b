package storagetest

import (
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

func rounds(t *testing.T, w *world) {
	ctx := t.Context()

	t.Run("the codes that came back, in the order in which they did", func(t *testing.T) {
		s := w.session(t, w.person(t))
		var want []storage.RedeemedCode
		for _, seconds := range []int{-60, 3, 1, 2} { // one long ago
			g := w.grant(t, s)
			r := w.redemption(g)
			r.Now = w.in(time.Duration(seconds) * time.Second)
			must(t, w.Redeem(ctx, r))
			want = append(want, storage.RedeemedCode{Issued: g.Created, Redeemed: r.Now})
		}
		w.grant(t, s) // not yet
		got, err := w.RedeemedCodes(ctx, s.ID, "panel", w.now)
		must(t, err)
		same(t, got, []storage.RedeemedCode{want[2], want[3], want[1]})
		for _, of := range [][2]string{{s.ID, "another"}, {"another", "panel"}} {
			got, err = w.RedeemedCodes(ctx, of[0], of[1], w.now)
			must(t, err)
			if len(got) > 0 {
				t.Errorf("of %v: %v", of, got)
			}
		}
	})
}
