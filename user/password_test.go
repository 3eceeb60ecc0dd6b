package user

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var cheap = Cost{Memory: 64, Iterations: 1}

func cheapHasher(places int) *Hasher { return NewHasher(places, 0, func() Cost { return cheap }) }

func why(err error) Why {
	var refused *Refused
	if errors.As(err, &refused) {
		return refused.Why
	}
	return ""
}

func TestL13NewPasswordsAreJudgedWithAReason(t *testing.T) {
	about := About{Min: 12, Brand: "Soglia Hosting", Username: "mario.rossi", Addresses: []string{"m.rossi72@pasticceria.it"}}
	for _, c := range []struct {
		password string
		want     Why
	}{
		{"correct horse battery staple", ""},
		{"vT7#qLz2!pRw", ""},
		{"il mio cane mangia le olive", ""},
		{"🐕🐈🦔🐇", ""}, // 16 bytes, four signs nobody lists … but few moves
		{"shortie", WhyShort},
		{"", WhyEmpty},
		{strings.Repeat("a1B!", 257), WhyLong},
		{"with\x00inside-it", WhyCharacter},
		{"not utf8 \xff\xfe ...", WhyCharacter},
		{"123456789012", WhyPattern},
		{"aaaaaaaaaaaaaaa", WhyPattern},
		{"abcabcabcabcabc", WhyPattern},
		{"qwertyuiop1234", WhyPattern},
		{"poiuytrewq4321", WhyPattern},
		{"1qaz2wsx3edc4rfv", WhyPattern},
		{"abcdefghijkl", WhyPattern},
		{"passwordpassword", WhyCommon},
		{"Password2024!", WhyCommon},
		{"P@ssw0rd1234!!", WhyCommon},
		{"juventus1897!!", WhyCommon},
		{"IloveyouFrancesco", WhyCommon},
		{"tiamoamore2020", WhyCommon},
		{"soglia-2026!!!", WhyContext},
		{"S0gliaH0sting1", WhyContext},
		{"mario.rossi.72", WhyContext},
		{"Pasticceria123", WhyContext},
		{"mario-8472917356", ""},
	} {
		t.Run(c.password[:min(len(c.password), 20)], func(t *testing.T) {
			_, err := cheapHasher(1).NewPassword(t.Context(), c.password, about)
			if c.password == "🐕🐈🦔🐇" {
				if why(err) != WhyPattern {
					t.Errorf("four moves: %v", err)
				}
				return
			}
			if c.want == WhyCommon && why(err) == WhyPattern {
				return // both are true of it
			}
			if why(err) != c.want || (c.want == "") != (err == nil) {
				t.Errorf("%q: %v, want %q", c.password, err, c.want)
			}
		})
	}
}

func TestL13TheCurrentPasswordIsNoNewOne(t *testing.T) {
	h := cheapHasher(1)
	about := About{Min: 12}
	current, err := h.NewPassword(t.Context(), "olive verdi e nere", about)
	if err != nil {
		t.Fatal(err)
	}
	about.Current = current
	if _, err := h.NewPassword(t.Context(), "olive verdi e nere", about); why(err) != WhySame {
		t.Errorf("same password: %v", err)
	}
	if _, err := h.NewPassword(t.Context(), "olive verdi e neri", about); err != nil {
		t.Errorf("another password: %v", err)
	}
}

func TestL09PasswordsAreTakenAsTheyAre(t *testing.T) {
	h := cheapHasher(1)
	long := strings.Repeat("Zx8!", 255)
	for name, c := range map[string]struct {
		set, try string
		ok       bool
	}{
		"same":                     {"olive verdi e nere", "olive verdi e nere", true},
		"differs in byte 73":       {strings.Repeat("k", 72) + "a", strings.Repeat("k", 72) + "b", false},
		"1024 bytes":               {long + "1234", long + "1234", true},
		"1024 bytes, last differs": {long + "1234", long + "1235", false},
		"composed and decomposed":  {"perché no, ragazzi", "perche\u0301 no, ragazzi", true},
		"space before":             {"olive verdi e nere", " olive verdi e nere", false},
		"space after is kept":      {"olive verdi e nere ", "olive verdi e nere ", true},
		"case":                     {"olive verdi e nere", "Olive verdi e nere", false},
		"full width is not folded": {"olive verdi e nere1", "olive verdi e nere１", false},
		"emoji":                    {"🦔 riccio e 🐇 coniglio", "🦔 riccio e 🐇 coniglio", true},
	} {
		t.Run(name, func(t *testing.T) {
			place, err := h.Place(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer place.Done()
			set, err1 := Normalise(c.set)
			try, err2 := Normalise(c.try)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			if ok, stale := place.Verify(place.Hash(set), try); ok != c.ok || stale {
				t.Errorf("ok = %v, stale = %v", ok, stale)
			}
		})
	}
	if _, err := Normalise(strings.Repeat("a", 1025)); why(err) != WhyLong {
		t.Errorf("1025 bytes: %v", err)
	}
}

func TestVerifyCostsOneHashWhateverIsStored(t *testing.T) {
	h := cheapHasher(1)
	place, err := h.Place(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer place.Done()
	good := place.Hash("olive verdi e nere")
	costlier := strings.Replace(good, "t=1", "t=2", 1)
	for name, phc := range map[string]string{
		"right": good, "none": "", "garbage": "$argon2id$", "foreign": "$2y$10$abcdefghijklmnopqrstuv", "another cost": costlier,
		"four gigabytes": strings.Replace(good, "m=64", "m=4194304", 1), "argon2i": strings.Replace(good, "argon2id", "argon2i", 1),
		"two lanes": strings.Replace(good, "p=1", "p=2", 1),
	} {
		before := h.Hashes()
		ok, _ := place.Verify(phc, "olive verdi e nere")
		if n := h.Hashes() - before; n != 1 {
			t.Errorf("%s: %d hashes", name, n)
		}
		if ok != (name == "right") {
			t.Errorf("%s: ok = %v", name, ok)
		}
	}
}

func TestAHashOfAnotherCostIsStale(t *testing.T) {
	cost := cheap
	h := NewHasher(1, 0, func() Cost { return cost })
	place, err := h.Place(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer place.Done()
	phc := place.Hash("olive verdi e nere")
	cost.Iterations = 2
	if ok, stale := place.Verify(phc, "olive verdi e nere"); !ok || !stale {
		t.Errorf("right password, old cost: ok %v, stale %v", ok, stale)
	}
	if ok, stale := place.Verify(phc, "olive verdi e neri"); ok || stale {
		t.Errorf("wrong password, old cost: ok %v, stale %v", ok, stale)
	}
}

func TestL14NeverMoreHashesAtOnceThanPlaces(t *testing.T) {
	h := cheapHasher(4)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			place, err := h.Place(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			defer place.Done()
			place.Hash("olive verdi e nere")
		})
	}
	all.Wait()
	if h.Most() > 4 || h.Hashes() != 100 {
		t.Errorf("%d at once, %d in all", h.Most(), h.Hashes())
	}
}

func TestL14WhoWaitsTwoSecondsIsTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := cheapHasher(1)
		held, err := h.Place(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		if _, err := h.Place(t.Context()); !errors.Is(err, ErrBusy) || time.Since(begin) != hashWait {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := h.Place(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("caller gone: %v", err)
		}
		held.Done()
		held.Done() // harmless
		again, err := h.Place(t.Context())
		if err != nil {
			t.Fatalf("free again: %v", err)
		}
		again.Done()
	})
}

func TestL14AFullQueueTurnsAwayAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := cheapHasher(1)
		held, err := h.Place(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer held.Done()
		for range queueEach {
			go h.Place(t.Context())
		}
		synctest.Wait()
		begin := time.Now()
		if _, err := h.Place(t.Context()); !errors.Is(err, ErrBusy) || time.Since(begin) != 0 {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		time.Sleep(hashWait)
	})
}

// The processor that is kept free for everyone else is lent to who has waited half the longest wait, one at a time.
func TestL14WhoWaitedLongTakesTheSparePlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHasher(1, 1, func() Cost { return cheap })
		held, err := h.Place(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer held.Done()
		begin := time.Now()
		spare, err := h.Place(t.Context())
		if err != nil || time.Since(begin) != hashWait/2 {
			t.Fatalf("after %v: %v", time.Since(begin), err)
		}
		if _, err := h.Place(t.Context()); !errors.Is(err, ErrBusy) {
			t.Errorf("a third hash beside place and spare: %v", err)
		}
		spare.Done()
		again, err := h.Place(t.Context())
		if err != nil {
			t.Fatalf("the spare place did not come back: %v", err)
		}
		again.Done()
	})
}

// Half of the longest wait costs nobody the turn: it opens the spare place, and is no new beginning.
func TestL14WhoCameFirstHashesFirst(t *testing.T) {
	for _, spare := range []int{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			h := NewHasher(1, spare, func() Cost { return cheap })
			held, err := h.Place(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for range spare {
				lent, err := h.Place(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer lent.Done()
			}
			var order []int
			for i := range 4 {
				go func() {
					if place, err := h.Place(t.Context()); err == nil {
						order = append(order, i)
						place.Done()
					}
				}()
				synctest.Wait()
				time.Sleep(hashWait / 5)
			}
			held.Done()
			synctest.Wait()
			if !slices.Equal(order, []int{0, 1, 2, 3}) {
				t.Errorf("%d spare: %v", spare, order)
			}
		})
	}
}

// However a wait ends, what it held comes back: afterwards every place and the whole queue are free.
func TestL14AWaitThatIsGivenUpKeepsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHasher(2, 1, func() Cost { return cheap })
		var all sync.WaitGroup
		for i := range 3 * cap(h.queue) {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%25)*hashWait/20)
				defer cancel()
				place, err := h.Place(ctx)
				if err != nil {
					return
				}
				defer place.Done()
				time.Sleep(time.Duration(i%7) * hashWait / 40)
			})
			time.Sleep(hashWait / 200)
		}
		all.Wait()
		if len(h.queue)+len(h.first)+len(h.places)+len(h.spare) != 0 {
			t.Errorf("queue %d, first %d, places %d, spare %d are still taken", len(h.queue), len(h.first), len(h.places), len(h.spare))
		}
	})
}
