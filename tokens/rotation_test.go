package tokens

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAnOperatorRotatesAndRetiresKeys(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		k := h.instance()
		show := func(list []KeyInfo, err error) string {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, i := range list {
				out = append(out, i.Alg+" "+string(i.State))
			}
			return strings.Join(out, ", ")
		}
		list, err := k.List(t.Context())
		if got := show(list, err); got != "RS256 active, ES256 active, EdDSA active" && strings.Count(got, "active") != 3 {
			t.Fatal(got)
		}
		i := slices.IndexFunc(list, func(i KeyInfo) bool { return i.Alg == "ES256" })
		kid := list[i].ID
		if got := show(k.Retire(t.Context(), kid, false)); got != "ES256 active, ES256 published" {
			t.Error(got)
		}
		if got := show(k.Retire(t.Context(), kid, false)); got != "ES256 active" {
			t.Error("its end is planned already:", got)
		}
		if got := show(k.Rotate(t.Context(), "ES256")); got != "ES256 published" {
			t.Error("a successor waits already:", got)
		}
		time.Sleep(24 * time.Hour)
		if got := show(k.Retire(t.Context(), kid, false)); got != "ES256 retired" {
			t.Error(got)
		}
		if got := show(k.Retire(t.Context(), kid, true)); got != "ES256 gone" {
			t.Error("it signed no more, so nothing is made:", got)
		}
		if got := show(k.List(t.Context())); strings.Count(got, "active") != 3 || strings.Contains(got, "retired") {
			t.Error(got)
		}
		if _, err := k.Rotate(t.Context(), "HS256"); !errors.Is(err, ErrKeyAlg) {
			t.Error(err)
		}
		if _, err := k.Retire(t.Context(), "x", false); !errors.Is(err, ErrKeyUnknown) {
			t.Error(err)
		}
		if ok, err := h.store.Lease(t.Context(), keyLease, "other", h.store.Now(), time.Minute); !ok || err != nil {
			t.Fatal(ok, err)
		}
		if _, err := k.Rotate(t.Context(), ""); !errors.Is(err, ErrKeyBusy) {
			t.Error(err)
		}
	})
}
