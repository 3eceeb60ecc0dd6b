package user

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

const (
	right = "olive verdi e nere"
	wrong = "olive verdi e neri"
)

// door is a server's password check with two people: mario with a password, and anna who only comes by a provider.
type door struct {
	*SignIn
	t      *testing.T
	store  *sql.Store
	hasher *Hasher
	mario  *storage.Person
	now    time.Time
}

func newDoor(t *testing.T) *door {
	t.Helper()
	return newDoorOn(t, storagetest.SQLite(t))
}

// engines are where races are run: they wait for each other's rows in different ways.
var engines = map[string]func(testing.TB) string{"SQLite": storagetest.SQLite, "PostgreSQL": storagetest.Postgres}

func onEachEngine(t *testing.T, f func(*testing.T, *door)) {
	for name, url := range engines {
		t.Run(name, func(t *testing.T) { f(t, newDoorOn(t, url(t))) })
	}
}

func newDoorOn(t *testing.T, url string) *door {
	t.Helper()
	store, err := sql.Open(t.Context(), url, sql.WithOffset(0), sql.WithDev())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	box, err := secret.NewBox(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	cfg := &config.Config{
		Identifiers: []string{ByUsername, ByEmail},
		Limits:      config.Limits{WrongPasswordsFree: 5, WrongPasswordsPerIP: 30, PerIPWindow: 10 * time.Minute, DelayMax: 15 * time.Minute},
	}
	d := &door{t: t, store: store, hasher: cheapHasher(4), now: time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)}
	d.SignIn = NewSignIn(store, box, d.hasher, func() *config.Config { return cfg })
	phc, err := d.hasher.NewPassword(t.Context(), right, About{Min: 12})
	if err != nil {
		t.Fatal(err)
	}
	d.mario = d.person(New{Username: "Mario.Rossi", Emails: []NewEmail{{Address: "Mario@Example.com"}}, PasswordHash: phc})
	d.person(New{Username: "anna", Emails: []NewEmail{{Address: "anna@example.com"}}})
	d.person(New{Username: "one", Emails: []NewEmail{{Address: "both@example.com"}}, PasswordHash: phc})
	d.person(New{Username: "two", Emails: []NewEmail{{Address: "both@example.com"}}, PasswordHash: phc})
	off := d.person(New{Username: "off", Emails: []NewEmail{{Address: "off@example.com"}}, PasswordHash: phc})
	off.Disabled = true
	if err := store.UpdatePerson(t.Context(), off); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *door) person(n New) *storage.Person {
	d.t.Helper()
	n.Now = d.now
	p, err := Create(d.t.Context(), d.store, n)
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

func (d *door) try(identifier, password, ip, device string) error {
	p, err := d.Password(d.t.Context(), Attempt{Identifier: identifier, Password: password, IPKey: ip, Device: device, Now: d.now})
	if err == nil && p == nil {
		d.t.Error("neither a person nor an error")
	}
	return err
}

func (d *door) wrongs(n int, identifier, ip, device string) {
	d.t.Helper()
	for i := range n {
		if err := d.try(identifier, wrong, ip, device); !errors.Is(err, ErrWrong) {
			d.t.Fatalf("wrong password %d: %v", i+1, err)
		}
	}
}

func throttled(err error) (time.Time, bool) {
	var t *Throttled
	if errors.As(err, &t) {
		return t.Until, true
	}
	return time.Time{}, false
}

// resting reports a wrong password that would have been one also if it had been right.
func resting(err error) bool { return errors.As(err, new(*Resting)) && errors.Is(err, ErrWrong) }

func TestEverySpellingOpensTheAccount(t *testing.T) {
	d := newDoor(t)
	for _, identifier := range []string{"mario.rossi", "MARIO.Rossi", " mario.rossi ", "mario@example.com", "MARIO@EXAMPLE.COM", "ｍario.rossi"} {
		if err := d.try(identifier, right, "ip", ""); err != nil {
			t.Errorf("%q: %v", identifier, err)
		}
	}
	p, err := d.Password(t.Context(), Attempt{Person: d.mario, Password: right, Now: d.now})
	if err != nil || p.ID != d.mario.ID {
		t.Errorf("re-authentication: %v, %v", p, err)
	}
}

// A crash, or a race, between the check and what follows it gives no free guess: an attempt counts until it is settled, and
// its settling is undone with the transaction it was part of.
func TestAnAttemptCountsUntilItIsSettled(t *testing.T) {
	onEachEngine(t, func(t *testing.T, d *door) {
		check := func() (*Right, error) {
			r, _, err := d.Check(t.Context(), Attempt{Identifier: "mario.rossi", Password: right, IPKey: "ip", Device: "browser", Now: d.now})
			return r, err
		}
		hit := storage.Hit{Key: "mine", Window: time.Hour}
		undone := errors.New("undone")
		for range 5 {
			r, err := check()
			if err != nil {
				t.Fatal(err)
			}
			err = d.store.Tx(t.Context(), func(db storage.Records) error {
				if _, err := r.Settle(t.Context(), db, hit); err != nil {
					return err
				}
				return undone
			})
			if !errors.Is(err, undone) {
				t.Fatal(err)
			}
		}
		if _, err := check(); err == nil {
			t.Error("five unsettled attempts, and the sixth is looked at")
		}
		d.now = d.now.Add(2 * time.Second)
		r, err := check()
		if err != nil {
			t.Fatal(err)
		}
		err = d.store.Tx(t.Context(), func(db storage.Records) error {
			counted, err := r.Settle(t.Context(), db, hit)
			if err == nil && (len(counted) != 1 || counted[0].Count != 1) {
				t.Errorf("the caller's hit: %v", counted)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		d.wrongs(4, "mario@example.com", "ip", "") // the account's counter began anew; that of the name typed did not
		d.wrongs(4, "mario.rossi", "ip", "browser")
	})
}

func TestL02NobodyCanTellWhyItIsWrong(t *testing.T) {
	type cost struct{ hashes, statements, commits int }
	for kind, cases := range map[string]map[string]string{
		"user name": {"right account, wrong password": "mario.rossi", "unknown": "nobody", "disabled": "off", "social only": "anna"},
		"mail address": {"right account, wrong password": "mario@example.com", "unknown": "nobody@example.com", "ambiguous": "both@example.com",
			"disabled": "off@example.com", "social only": "anna@example.com"},
	} {
		for _, device := range []string{"", "some browser"} {
			costs := map[cost][]string{}
			for name, identifier := range cases {
				d := newDoor(t)
				password := right
				if name == "right account, wrong password" {
					password = wrong
				}
				before := d.hasher.Hashes()
				counts := d.store.Count(func() {
					if err := d.try(identifier, password, "ip", device); err != ErrWrong {
						t.Errorf("%s, %s: %v", kind, name, err)
					}
				})
				c := cost{int(d.hasher.Hashes() - before), counts.Statements, counts.Commits}
				costs[c] = append(costs[c], name)
				if c.hashes != 1 {
					t.Errorf("%s, %s: %d hashes", kind, name, c.hashes)
				}
			}
			if len(costs) != 1 {
				t.Errorf("%s: they cost differently: %v", kind, costs)
			}
		}
	}
}

func TestTheAuditLearnsWhoWasTried(t *testing.T) {
	d := newDoor(t)
	for identifier, who := range map[string]string{"mario.rossi": "mario.rossi", "MARIO@example.com": "mario.rossi", "off": "off", "nobody": ""} {
		p, err := d.Password(t.Context(), Attempt{Identifier: identifier, Password: wrong, IPKey: "ip", Now: d.now})
		got := ""
		if p != nil {
			got = p.Canonical
		}
		if !errors.Is(err, ErrWrong) || got != who {
			t.Errorf("%s: %q, %v", identifier, got, err)
		}
	}
	d.wrongs(3, "mario.rossi", "ip", "") // five with those above: the next one waits
	p, err := d.Password(t.Context(), Attempt{Identifier: "mario.rossi", Password: right, IPKey: "ip", Now: d.now})
	if !resting(err) || p == nil || p.Canonical != "mario.rossi" {
		t.Errorf("throttled: %v, %v", p, err)
	}
}

func TestL02ThrottlingIsTheSameForNobody(t *testing.T) {
	for _, identifier := range []string{"mario.rossi", "nobody"} {
		d := newDoor(t)
		d.wrongs(5, identifier, "ip", "")
		until, ok := throttled(d.try(identifier, wrong, "ip", ""))
		if !ok || until != d.now.Add(time.Second) {
			t.Errorf("%s: until %v, %v", identifier, until, ok)
		}
	}
}

// What is told of one name after wrong passwords under another is the same whether they are one account or nobody's: the
// answer, when it says "wait", what it costs, and when the address has had enough.
func TestQ68TwoNamesOfOneAccountAreTwoNamesOfNobody(t *testing.T) {
	type seen struct {
		throttled string
		hashes    int64
	}
	watch := func(name, mail, password string) (out []seen) {
		d := newDoor(t)
		ask := func(identifier, password string) {
			before := d.hasher.Hashes()
			err := d.try(identifier, password, "ip", "")
			answer := ""
			if until, ok := throttled(err); ok {
				answer = until.Sub(d.now).String()
			} else if !errors.Is(err, ErrWrong) {
				t.Errorf("%s: %v", identifier, err)
			}
			out = append(out, seen{answer, d.hasher.Hashes() - before})
		}
		for range 6 {
			ask(name, wrong)
		}
		for range 3 {
			ask(mail, password)
		}
		ask(mail, wrong)
		for range 4 {
			ask(mail, wrong)
			d.now = d.now.Add(time.Second)
		}
		ask(mail, wrong)    // rests again
		for i := range 40 { // the address has a limit too, and the account's rest does not spare it
			ask(fmt.Sprintf("%s%d", mail, i), wrong)
			ask(mail, password)
		}
		return out
	}
	want := watch("nobody", "nobody@example.com", wrong)
	for _, password := range []string{wrong, right} {
		got := watch("mario.rossi", "mario@example.com", password)
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("try %d: %+v, of nobody %+v", i+1, got[i], want[i])
			}
		}
	}
	d := newDoor(t)
	for i := range 20 {
		if err := d.try([]string{"mario.rossi", "mario@example.com"}[i%2], wrong, fmt.Sprint(i), ""); err == nil {
			t.Fatal("a wrong password")
		}
	}
	for _, name := range []string{"mario.rossi", "mario@example.com", "MARIO@example.com"} {
		if d.try(name, right, "another ip", "") == nil {
			t.Errorf("%s: a throttled account was opened", name)
		}
	}
	d.now = d.now.Add(15 * time.Minute)
	if err := d.try("mario@example.com", right, "ip", ""); err != nil {
		t.Errorf("after the wait: %v", err)
	}
}

func TestL04TheDelayGrowsFromTheFifthWrongPassword(t *testing.T) {
	d := newDoor(t)
	d.wrongs(4, "mario.rossi", "ip", "")
	for i, want := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900} {
		d.wrongs(1, "mario.rossi", fmt.Sprint("ip", i), "")
		for _, password := range []string{wrong, right} {
			before := d.hasher.Hashes()
			until, ok := throttled(d.try("mario.rossi", password, fmt.Sprint("ip", i), ""))
			if !ok || until != d.now.Add(want*time.Second) {
				t.Fatalf("after %d wrong: until %v, %v; want %d s", i+5, until, ok, want)
			}
			if d.hasher.Hashes() != before {
				t.Error("a throttled attempt was hashed")
			}
		}
		d.now = d.now.Add(want * time.Second)
	}
	if err := d.try("mario.rossi", right, "ip", ""); err != nil {
		t.Errorf("the owner, having waited: %v", err)
	}
	d.wrongs(4, "mario@example.com", "ip", "") // the account begins anew
	// The name that was guessed at does not: nobody sees by it that its owner came (Q68).
	if _, ok := throttled(d.try("mario.rossi", wrong, "ip", "")); !ok {
		t.Error("a name's counter told that its owner had signed in")
	}
}

func TestL04OneCounterForEverySpellingAndAddress(t *testing.T) {
	d := newDoor(t)
	for i, identifier := range []string{"mario.rossi", "MARIO.ROSSI", "mario@example.com", "Mario@EXAMPLE.com", " mario.rossi"} {
		d.wrongs(1, identifier, fmt.Sprint("ip", i), "")
	}
	if err := d.try("mario@example.com", right, "another ip", ""); !resting(err) {
		t.Errorf("a sixth attempt: %v", err)
	}
	if err := d.try("one", right, "another ip", ""); err != nil {
		t.Errorf("another account: %v", err)
	}
}

func TestL04ThrottledAttemptsDoNotLengthenTheWait(t *testing.T) {
	d := newDoor(t)
	d.wrongs(5, "mario.rossi", "ip", "")
	for range 50 {
		if _, ok := throttled(d.try("mario.rossi", wrong, "ip", "")); !ok {
			t.Fatal("looked at")
		}
	}
	d.now = d.now.Add(time.Second)
	if err := d.try("mario.rossi", right, "ip", ""); err != nil {
		t.Errorf("the owner a second later: %v", err)
	}
}

func TestL04OnePasswordOnManyPeopleFromOneAddress(t *testing.T) {
	d := newDoor(t)
	for i := range 30 {
		d.wrongs(1, fmt.Sprint("person", i), "ip", "")
	}
	until, ok := throttled(d.try("person30", wrong, "ip", ""))
	if !ok || until != d.now.Add(10*time.Minute) {
		t.Errorf("31st: until %v, %v", until, ok)
	}
	if _, ok := throttled(d.try("mario.rossi", right, "ip", "")); !ok {
		t.Error("a right password from there was looked at")
	}
	d.wrongs(1, "person30", "another ip", "")
	d.now = d.now.Add(10 * time.Minute)
	d.wrongs(1, "person30", "ip", "")
}

func TestL04RightPasswordsDoNotCountAgainstAnAddressNorClearIt(t *testing.T) {
	d := newDoor(t)
	for i := range 29 {
		d.wrongs(1, fmt.Sprint("person", i), "ip", "")
	}
	for range 40 { // an office behind one address
		if err := d.try("mario.rossi", right, "ip", ""); err != nil {
			t.Fatal(err)
		}
	}
	d.wrongs(1, "person29", "ip", "")
	if _, ok := throttled(d.try("person30", wrong, "ip", "")); !ok {
		t.Error("the 31st wrong one was looked at: signing in to an own account had cleared the address")
	}
}

func TestL04AKnownDeviceKeepsGettingIn(t *testing.T) {
	d := newDoor(t)
	if err := d.try("mario.rossi", right, "home", "laptop"); err != nil {
		t.Fatal(err)
	}
	d.wrongs(5, "mario.rossi", "stranger", "")
	for i := range 30 {
		d.try(fmt.Sprint("person", i), wrong, "home", "") // a bad neighbour behind the same address
	}
	if _, ok := throttled(d.try("mario.rossi", right, "office", "")); !ok {
		t.Error("an unknown device was looked at")
	}
	if err := d.try("Mario@example.com", right, "home", "laptop"); err != nil {
		t.Errorf("the owner's laptop: %v", err)
	}
	if _, ok := throttled(d.try("mario.rossi", right, "office", "")); !ok {
		t.Error("the laptop's success cleared the stranger's counter")
	}
	// The laptop has a counter too, and it is its own.
	d.wrongs(5, "mario.rossi", "home", "laptop")
	if _, ok := throttled(d.try("mario.rossi", right, "home", "laptop")); !ok {
		t.Error("guessing on a known device is not slowed down")
	}
	// Known for one person is not known for another.
	d.wrongs(1, "one", "elsewhere", "laptop")
	d.now = d.now.Add(DeviceWindow + time.Hour)
	d.wrongs(5, "mario.rossi", "stranger", "")
	if _, ok := throttled(d.try("mario.rossi", right, "home", "laptop")); !ok {
		t.Error("known for ever")
	}
}

func TestADeviceInUseStaysKnown(t *testing.T) {
	d := newDoor(t)
	for range 5 {
		if err := d.try("mario.rossi", right, "home", "laptop"); err != nil {
			t.Fatal(err)
		}
		d.now = d.now.Add(DeviceWindow * 2 / 3)
	}
	d.wrongs(5, "mario.rossi", "stranger", "")
	if err := d.try("mario.rossi", right, "home", "laptop"); err != nil {
		t.Error(err)
	}
}

func TestL04ManyGuessesAtOnceAreNotMoreThanTheLimit(t *testing.T) {
	onEachEngine(t, func(t *testing.T, d *door) {
		before := d.hasher.Hashes()
		var looked atomic.Int64
		var all sync.WaitGroup
		for i := range 32 {
			all.Go(func() {
				_, err := d.Password(context.Background(), Attempt{Identifier: "mario.rossi", Password: wrong, IPKey: fmt.Sprint(i), Now: d.now})
				if errors.Is(err, ErrWrong) {
					looked.Add(1)
				} else if _, ok := throttled(err); !ok {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if looked.Load() != 5 || d.hasher.Hashes()-before != 5 {
			t.Errorf("%d looked at, %d hashes; want 5", looked.Load(), d.hasher.Hashes()-before)
		}
	})
}

func TestL14ABusyServerCostsNobodyAnAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t)
		for range 4 {
			place, err := d.hasher.Place(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer place.Done()
		}
		for range 10 {
			if err := d.try("nobody", right, "ip", ""); !errors.Is(err, ErrBusy) {
				t.Fatal(err)
			}
		}
		c, err := d.store.Counter(t.Context(), d.key("account", "text nobody"), d.now)
		if err != nil || c.Count != 0 {
			t.Errorf("%+v, %v", c, err)
		}
	})
}

func TestImpossiblePasswordsAreRefusedBeforeAnything(t *testing.T) {
	d := newDoor(t)
	before := d.hasher.Hashes()
	counts := d.store.Count(func() {
		for password, want := range map[string]Why{"": WhyEmpty, string(make([]byte, 1025)): WhyLong, "a\x00b": WhyCharacter} {
			if err := d.try("mario.rossi", password, "ip", ""); why(err) != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
	})
	if counts.Statements != 0 || d.hasher.Hashes() != before {
		t.Errorf("%d statements, %d hashes", counts.Statements, d.hasher.Hashes()-before)
	}
}

func TestAnOldHashIsRenewedAtTheNextSignIn(t *testing.T) {
	d := newDoor(t)
	costlier := Cost{Memory: 128, Iterations: 2}
	d.hasher.cost = func() Cost { return costlier }
	if err := d.try("mario.rossi", right, "ip", ""); err != nil {
		t.Fatal(err)
	}
	p, err := d.store.Person(t.Context(), d.mario.ID)
	if err != nil {
		t.Fatal(err)
	}
	if c, _, _, err := decode(p.PasswordHash); err != nil || c != costlier {
		t.Errorf("cost %+v, %v", c, err)
	}
	before := d.hasher.Hashes()
	if err := d.try("mario.rossi", right, "ip", ""); err != nil || d.hasher.Hashes()-before != 1 {
		t.Errorf("%v, %d hashes", err, d.hasher.Hashes()-before)
	}
}

// Between the look at a password and the session on it its owner may set another one.
func TestG05APasswordThatWasReplacedMeanwhileOpensNothing(t *testing.T) {
	onEachEngine(t, func(t *testing.T, d *door) {
		got, _, err := d.Check(t.Context(), Attempt{Identifier: "mario.rossi", Password: right, IPKey: "ip", Now: d.now})
		if err != nil {
			t.Fatal(err)
		}
		still := func() error {
			return d.store.Tx(t.Context(), func(r storage.Records) error { return HoldPassword(t.Context(), r, got.Person) })
		}
		if err := still(); err != nil {
			t.Errorf("as it was: %v", err)
		}
		p, err := d.store.Person(t.Context(), d.mario.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := SetPassword(t.Context(), d.store, p, "another", Proof{}, 0, d.now.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if err := still(); !errors.Is(err, ErrWrong) {
			t.Errorf("replaced: %v", err)
		}
	})
}
