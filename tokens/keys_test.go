package tokens

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

// house is a database with keys that are a day old, and one instance on it.
type house struct {
	*Keys
	cfg   *config.Config
	store storage.Store
	box   *secret.Box
}

var testBox = sync.OnceValue(func() *secret.Box {
	box, err := secret.NewBox([]byte(strings.Repeat("k", 32)))
	if err != nil {
		panic(err)
	}
	return box
})

// testKeys are made once: an RSA key takes longer than a test.
var testKeys = sync.OnceValue(func() []*storage.Key {
	then := time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC) // a bubble's clock starts in 2000
	var keys []*storage.Key
	for _, alg := range Algorithms {
		k, err := makeKey(testBox(), alg, then, then)
		if err != nil {
			panic(err)
		}
		keys = append(keys, k)
	}
	return keys
})

func newHouse(t testing.TB, database string) *house {
	t.Helper()
	store, err := sql.Open(t.Context(), database, sql.WithOffset(0), sql.WithDev())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	for _, k := range testKeys() {
		row := *k
		if err := store.PutKey(t.Context(), &row); err != nil {
			t.Fatal(err)
		}
	}
	h := &house{store: store, box: testBox(), cfg: &config.Config{
		Signing: config.Signing{PublishBefore: 24 * time.Hour}, Sessions: config.Sessions{Absolute: 12 * time.Hour},
		Lifetimes: config.Lifetimes{AccessToken: 10 * time.Minute, IDToken: 10 * time.Minute},
	}}
	h.Keys = h.instance()
	if err := h.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

// instance is one more, which knows nothing yet.
func (h *house) instance() *Keys {
	return New(h.store, h.box, func() *config.Config { return h.cfg })
}

func inBubble(t *testing.T, f func(t *testing.T, h *house)) {
	t.Helper()
	database := storagetest.SQLite(t)
	synctest.Test(t, func(t *testing.T) { f(t, newHouse(t, database)) })
}

func TestTheFirstStartMakesKeysAndASecondInstanceTakesThem(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		old := h.store.Now().Add(-time.Hour)
		for _, k := range h.set().keys {
			row := *k.row
			row.RetiredAt, row.GoneAt = old, old
			if err := h.store.UpdateKey(ctx, &row); err != nil {
				t.Fatal(err)
			}
		}
		one, two := h.instance(), h.instance()
		errs := make(chan error, 2)
		for _, k := range []*Keys{one, two} {
			go func() { errs <- k.Ensure(ctx) }()
		}
		for range 2 {
			if err := <-errs; err != nil {
				t.Fatal(err)
			}
		}
		for _, alg := range Algorithms {
			a, err1 := one.set().signer(alg, h.store.Now())
			b, err2 := two.set().signer(alg, h.store.Now())
			if err1 != nil || err2 != nil || a.row.ID != b.row.ID {
				t.Errorf("%s: %v %v", alg, err1, err2)
			}
		}
	})
}

func TestReadyAsksForAKeyOfEveryAlgorithm(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		if err := h.Ready(); err != nil {
			t.Fatal(err)
		}
		row := *h.set().keys[1].row
		row.RetiredAt = h.store.Now()
		if err := h.store.UpdateKey(t.Context(), &row); err != nil {
			t.Fatal(err)
		}
		if err := h.load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := h.Ready(); err == nil || !strings.Contains(err.Error(), row.Alg) {
			t.Errorf("%v", err)
		}
	})
}

func TestTheJWKSIsTheSameUntilTheKeysChange(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { h.Run(ctx, slog.New(slog.DiscardHandler)); close(done) }()
		first := h.JWKS()
		time.Sleep(10 * time.Second)
		if h.JWKS() != first {
			t.Error("nothing changed, and it is another document")
		}
		if _, err := h.instance().Rotate(t.Context(), "ES256"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if now := h.JWKS(); now == first || strings.Count(string(now.Body), `"kid"`) != 4 || now.MaxAge != 5*time.Minute {
			t.Errorf("%v %s", now.MaxAge, now.Body)
		}
		stop()
		<-done
	})
}

func TestASealedKeyOfAnotherMasterKeyIsAClearError(t *testing.T) {
	row := *testKeys()[0]
	box, err := secret.NewBox([]byte(strings.Repeat("z", 32)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openKey(box, &row); err == nil || !strings.Contains(err.Error(), row.ID) {
		t.Errorf("%v", err)
	}
}
