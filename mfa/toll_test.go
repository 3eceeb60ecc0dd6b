package mfa

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/storage/sql"
	"github.com/soglia-sso/soglia/storage/storagetest"
)

// tollBench is a bench with text messages under the usual caps.
type tollBench struct {
	*bench
	shut []Shut // what the operator was told
}

func newTollBench(t *testing.T, url string) *tollBench {
	t.Helper()
	b := &tollBench{bench: newBenchOn(t, url)}
	cfg, grace := b.config(), 2*time.Minute
	caps := config.FileTollCaps{
		PerHour: 3000, PerDay: 20000, AccountPerHour: 10, AccountPerDay: 20, CountryPerHour: 100, CountryPerDay: 1000,
		PrefixPerHour: 20, PrefixPerDay: 100, AccountsPerNumber: 5,
	}
	cfg.Channels["sms"], cfg.Channels["whatsapp"] = cfg.Channels["email"], cfg.Channels["email"]
	cfg.Limits.Toll = config.FileToll{
		Home: []string{"IT"}, SMS: caps, WhatsApp: caps,
		Breaker: config.FileTollBreaker{Codes: 20, Window: time.Hour, Entered: 25, Lasts: time.Hour, Grace: &grace},
	}
	b.Factors = New(b.box, b.config, func(_ context.Context, _ storage.Records, d Delivery) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.sent = append(b.sent, d)
		return nil
	})
	b.Alarm = func(_ context.Context, _ storage.Records, s Shut) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.shut = append(b.shut, s)
		return nil
	}
	return b
}

// caller is a new account with a number on file.
func (b *tollBench) caller(number string) *storage.Person {
	b.t.Helper()
	id := secret.NewID()
	p := &storage.Person{ID: id, Username: id, Canonical: id, Created: b.now}
	p.Contacts = []*storage.Contact{{ID: secret.NewID(), PersonID: id, Channel: "phone", Address: number, Canonical: number, Created: b.now}}
	if err := b.store.CreatePerson(b.t.Context(), p); err != nil {
		b.t.Fatal(err)
	}
	return p
}

func (b *tollBench) sms(p *storage.Person, transaction string) Question {
	return Question{Person: p, Method: acr.SMS, Credential: p.Contacts[0].ID, Transaction: cmp.Or(transaction, p.ID), Purpose: "login", Now: b.now}
}

// ask is one code to a number of a new account; the limit that refused it, or "".
func (b *tollBench) ask(number string) (Question, string) {
	b.t.Helper()
	q := b.sms(b.caller(number), "")
	_, err := b.send(q)
	_, limit := waits(err)
	if err != nil && limit == "" {
		b.t.Fatal(err)
	}
	return q, limit
}

// number is the n-th mobile of a prefix; those of Switzerland are a digit shorter.
func number(prefix string, n int) string {
	digits := 6
	if strings.HasPrefix(prefix, "+41") {
		digits = 5
	}
	return fmt.Sprintf("%s%0*d", prefix, digits, n)
}

// told is what the audit says of limits, oldest first.
func (b *tollBench) told() (reasons []string, details []map[string]any) {
	b.t.Helper()
	events, err := b.store.Events(b.t.Context(), "", b.now.Add(time.Hour), 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	slices.Reverse(events)
	for _, ev := range events {
		if ev.Name == audit.LimitHit {
			var d map[string]any
			if err := json.Unmarshal(ev.Detail, &d); err != nil {
				b.t.Error(err)
			}
			if strings.Contains(string(ev.Detail), "00001") {
				b.t.Errorf("a whole number: %s", ev.Detail)
			}
			reasons, details = append(reasons, ev.Reason), append(details, d)
		}
	}
	return reasons, details
}

func TestF07TollFraudAForeignPrefixIsCapped(t *testing.T) {
	b := newTollBench(t, storagetest.SQLite(t))
	for i := range 50 {
		_, limit := b.ask(number("+417912", i))
		if want := map[bool]string{false: "", true: "prefix_hour"}[i >= 20]; limit != want {
			t.Fatalf("code %d: %q, want %q", i+1, limit, want)
		}
	}
	if _, limit := b.ask(number("+417913", 0)); limit != "" {
		t.Errorf("another prefix: %q", limit)
	}
	if _, limit := b.ask(number("+393331", 0)); limit != "" {
		t.Errorf("at home: %q", limit)
	}
	reasons, details := b.told()
	if !slices.Equal(reasons, []string{"sms_prefix_hour"}) || details[0]["where"] != "+417912" || len(b.shut) != 1 || !b.shut[0].Until.Equal(b.now.Add(time.Hour)) {
		t.Errorf("%q, %v, %+v", reasons, details, b.shut)
	}
	b.now = b.now.Add(time.Hour)
	if _, limit := b.ask(number("+417912", 99)); limit != "" {
		t.Errorf("an hour later: %q", limit)
	}
}

func TestF07TollFraudAForeignCountryIsCapped(t *testing.T) {
	b := newTollBench(t, storagetest.SQLite(t))
	for i := range 105 {
		_, limit := b.ask(number(fmt.Sprintf("+4179%02d", i/10), i))
		if want := map[bool]string{false: "", true: "country_hour"}[i >= 100]; limit != want {
			t.Fatalf("code %d: %q, want %q", i+1, limit, want)
		}
	}
	if reasons, details := b.told(); !slices.Equal(reasons, []string{"sms_country_hour"}) || details[0]["where"] == "" || len(b.shut) != 1 {
		t.Errorf("%q, %v, %+v", reasons, details, b.shut)
	}
}

func TestF07TollFraudANumberServesFiveAccountsADay(t *testing.T) {
	b := newTollBench(t, storagetest.SQLite(t))
	var mine Question
	for i := range 30 {
		q, limit := b.ask("+393331000001")
		if want := map[bool]string{false: "", true: "accounts"}[i >= 5]; limit != want {
			t.Fatalf("account %d: %q, want %q", i+1, limit, want)
		}
		mine = cmpFirst(mine, q)
	}
	b.now = b.now.Add(time.Minute)
	mine.Now = b.now
	if _, err := b.send(mine); err != nil {
		t.Errorf("an account that had one: %v", err)
	}
	if reasons, _ := b.told(); !slices.Equal(reasons, []string{"sms_accounts"}) || len(b.shut) != 0 {
		t.Errorf("%q, %+v", reasons, b.shut)
	}
	b.now = b.now.UTC().Truncate(day).Add(day)
	if _, limit := b.ask("+393331000001"); limit != "" {
		t.Errorf("the next day: %q", limit)
	}
}

func cmpFirst(a, b Question) Question {
	if a.Person != nil {
		return a
	}
	return b
}

func TestF07TollFraudAnAccountIsCappedOverItsNumbers(t *testing.T) {
	b := newTollBench(t, storagetest.SQLite(t))
	p := b.caller("+393331000000")
	for i := range 12 {
		c := *p.Contacts[0]
		c.ID, c.Canonical, c.Address = secret.NewID(), number("+393332", i), number("+393332", i)
		if err := b.store.PutContact(t.Context(), &c); err != nil {
			t.Fatal(err)
		}
		p.Contacts = append(p.Contacts, &c)
		q := b.sms(p, "")
		q.Credential = c.ID
		_, err := b.send(q)
		_, limit := waits(err)
		if want := map[bool]string{false: "", true: "account_hour"}[i >= 10]; limit != want {
			t.Fatalf("code %d: %q (%v), want %q", i+1, limit, err, want)
		}
		if (&Wait{Limit: limit}).Held() && limit != "" {
			t.Error("the account's own cap is said to be another's fault")
		}
	}
	if reasons, _ := b.told(); !slices.Equal(reasons, []string{"sms_account_hour"}) || len(b.shut) != 0 {
		t.Errorf("%q, %+v", reasons, b.shut)
	}
}

func TestF07TollFraudAllCodesOfAChannelAreCapped(t *testing.T) {
	b := newTollBench(t, storagetest.SQLite(t))
	b.config().Limits.Toll.SMS.PerHour = 3
	for i := range 6 {
		_, limit := b.ask(number(fmt.Sprintf("+39%d", 3330+i), i))
		if want := map[bool]string{false: "", true: "all_hour"}[i >= 3]; limit != want {
			t.Fatalf("code %d: %q, want %q", i+1, limit, want)
		}
	}
	other := b.sms(b.caller("+393341000000"), "")
	other.Method = acr.WhatsApp
	if _, err := b.send(other); err != nil {
		t.Errorf("another channel: %v", err)
	}
	b.mustSend(b.mail(0, "mail"))
	if reasons, details := b.told(); !slices.Equal(reasons, []string{"sms_all_hour"}) || details[0]["where"] != nil || len(b.shut) != 1 {
		t.Errorf("%q, %v, %+v", reasons, details, b.shut)
	}
}

// The attack: 200 codes to one prefix at home, of which 2 are entered. Other prefixes do not feel it.
func TestF07TollFraudABreakerOpensForAPrefixWhoseCodesNobodyEnters(t *testing.T) {
	b := newTollBench(t, storagetest.SQLite(t))
	begin, sent, first := b.now, 0, 0
	for i := range 200 {
		b.now = b.now.Add(time.Second)
		q, limit := b.ask(number("+393331", i))
		switch {
		case limit == "" && first == 0:
			if sent++; sent <= 2 {
				b.enter(q, b.sent[len(b.sent)-1].Code)
			}
		case limit == "breaker":
			first = cmp.Or(first, i)
		default:
			t.Fatalf("code %d: %q", i+1, limit)
		}
	}
	if sent != 40 {
		t.Errorf("%d codes left before the breaker opened, not 40", sent)
	}
	if _, limit := b.ask(number("+393332", 0)); limit != "" {
		t.Errorf("another prefix: %q", limit)
	}
	reasons, details := b.told()
	if !slices.Equal(reasons, []string{"sms_breaker"}) || details[0]["where"] != "+393331" || details[0]["entered"] != 2.0 || len(b.shut) != 1 {
		t.Fatalf("%q, %v, %+v", reasons, details, b.shut)
	}
	// An hour later it is judged anew: what shut it does not shut it again.
	b.now = b.shut[0].Until.Add(-time.Second)
	if _, limit := b.ask(number("+393331", 1000)); limit != "breaker" {
		t.Errorf("before its end: %q", limit)
	}
	b.now = b.shut[0].Until
	if _, limit := b.ask(number("+393331", 1000)); limit != "" || b.now.Sub(begin) < time.Hour {
		t.Errorf("after its end: %q", limit)
	}
	if len(b.shut) != 1 {
		t.Errorf("%+v", b.shut)
	}
}

// Slowly, one code a minute: codes are judged once they had their time.
func TestF07TollFraudASlowAttackOpensTheBreakerToo(t *testing.T) {
	b := newTollBench(t, storagetest.SQLite(t))
	for i := range 60 {
		b.now = b.now.Add(time.Minute)
		if _, limit := b.ask(number("+393331", i)); limit == "breaker" {
			if i < 20 || i > 25 {
				t.Errorf("at code %d", i+1)
			}
			return
		}
	}
	t.Error("it stayed shut")
}

// A newsletter's day: 200 people of one prefix in five minutes. They take their time, and one of ten gives up.
func TestF07AnHonestBurstOpensNoBreaker(t *testing.T) {
	for seed := range uint64(10) {
		b := newTollBench(t, storagetest.SQLite(t))
		dice := rand.New(rand.NewPCG(seed, 1))
		type entry struct {
			at   time.Time
			q    Question
			code string
		}
		var waiting []entry
		enter := func(all bool) {
			waiting = slices.DeleteFunc(waiting, func(e entry) bool {
				due := all || !e.at.After(b.now)
				if due {
					b.enter(e.q, e.code)
				}
				return due
			})
		}
		for i := range 200 {
			b.now = b.now.Add(1500 * time.Millisecond)
			enter(false)
			q, limit := b.ask(number("+393331", i))
			if limit != "" {
				t.Fatalf("seed %d: person %d: %q after %v", seed, i+1, limit, b.shut)
			}
			if dice.IntN(10) > 0 {
				waiting = append(waiting, entry{b.now.Add(time.Duration(10+dice.IntN(80)) * time.Second), q, b.sent[len(b.sent)-1].Code})
			}
		}
		enter(true)
		if _, limit := b.ask(number("+393331", 999)); limit != "" {
			t.Error(limit)
		}
		if reasons, _ := b.told(); len(reasons) != 0 {
			t.Errorf("%q", reasons)
		}
	}
}

// What is refused is not counted, sends nothing, and is not held against anybody later.
func TestF07TollFraudARefusalCountsNothing(t *testing.T) {
	b := newTollBench(t, storagetest.SQLite(t))
	b.config().Limits.Toll.SMS.PrefixPerHour = 1
	b.ask(number("+417912", 0))
	before := len(b.sent)
	q := b.sms(b.caller(number("+417912", 1)), "")
	for range 30 {
		if _, limit := waits(second(b.send(q))); limit != "prefix_hour" {
			t.Fatal(limit)
		}
	}
	if len(b.sent) != before {
		t.Errorf("%d left", len(b.sent)-before)
	}
	b.now = b.now.Add(time.Hour)
	q.Now = b.now
	b.mustSend(q) // neither its account's hour nor its contact's was used
	if reasons, _ := b.told(); len(reasons) != 2 {
		t.Errorf("%q: once for each time it shut", reasons)
	}
}

// Fifty at once, over two connections or more: no cap is exceeded, nobody is locked up.
func TestF07TollFraudCapsHoldInParallel(t *testing.T) {
	for name, url := range engines {
		t.Run(name, func(t *testing.T) {
			b := newTollBench(t, url(t))
			limits := map[string]int{}
			var all sync.WaitGroup
			ask := func(q Question) {
				all.Go(func() {
					_, err := b.send(q)
					_, limit := waits(err)
					if err != nil && limit == "" {
						t.Error(err)
					}
					b.mu.Lock()
					defer b.mu.Unlock()
					limits[limit]++
				})
			}
			for i := range 50 {
				ask(b.sms(b.caller(number("+417912", i)), ""))
				ask(b.sms(b.caller("+393331000001"), ""))
			}
			all.Wait()
			if limits[""] != 20+5 || limits["prefix_hour"] != 30 || limits["accounts"] != 45 || len(b.sent) != 25 {
				t.Errorf("%v, %d sent", limits, len(b.sent))
			}
			if reasons, _ := b.told(); len(reasons) != 2 || len(b.shut) != 1 {
				t.Errorf("%q, %+v", reasons, b.shut)
			}
		})
	}
}

func TestSharesOfACapAddUpToIt(t *testing.T) {
	for _, most := range []int{1, 3000, 9999, 10_000, 20_000, 100_001, 5_000_000} {
		each := map[int]int{}
		rows := 0
		for range 10_000 {
			n, row, its := share(most)
			rows, each[row] = n, its
		}
		sum := 0
		for _, its := range each {
			sum += its
		}
		if sum != most || len(each) != rows || rows > maxRows {
			t.Errorf("%d: %d in %d rows of %d", most, sum, len(each), rows)
		}
	}
}

// Asking for a code is one transaction. Its message and its record are two statements more (server).
func TestStatementBudgetOfACode(t *testing.T) {
	b := newTollBench(t, storagetest.Postgres(t))
	spend := func(what string, statements, commits int, f func()) {
		t.Helper()
		if got, want := b.store.Count(f), (sql.Counts{Statements: statements, Commits: commits}); got != want {
			t.Errorf("%s: %+v, want %+v", what, got, want)
		}
	}
	mail, home, abroad := b.mail(0, "mail"), b.sms(b.caller("+393331000000"), ""), b.sms(b.caller("+41791200000"), "")
	spend("by mail", 5, 1, func() { b.mustSend(mail) })
	spend("by text, the first of the day", 8, 1, func() { b.mustSend(home) })
	spend("by text, abroad", 8, 1, func() { b.mustSend(abroad) })
	b.now = b.now.Add(time.Minute)
	home.Now = b.now
	spend("by text, again", 7, 1, func() { b.mustSend(home) })
	home.Now = b.now.Add(time.Second)
	spend("too soon", 3, 0, func() { _, _ = b.send(home) })
}

// Countries share a calling code, and plans change: a number that is none any more is counted by its first digits.
func TestF07TollFraudCountsByCountryAndFourDigits(t *testing.T) {
	for number, want := range map[string][2]string{
		"+393331234567": {"IT", "+393331"}, "+41791234567": {"CH", "+417912"}, "+447400123456": {"GB", "+447400"}, "+447911123456": {"GG", "+447911"},
		"+12025550123": {"US", "+12025"}, "+18762101234": {"JM", "+18762"}, "+390000": {"+39", "+390000"}, "+1": {"+1", "+1"}, "": {"", ""},
	} {
		if country, prefix := place(number); country != want[0] || prefix != want[1] {
			t.Errorf("%s: %s, %s", number, country, prefix)
		}
	}
}

// Whoever has a few accounts could keep the codes of others away: by numbers of their prefix, or by their number on five accounts.
// The owner of a number, in a browser where the second step was given before, gets the code; in a new one, and with a number
// that was proved today, not.
func TestF07TollFraudKeepsNoCodeFromTheOwnerInAKnownBrowser(t *testing.T) {
	b := newTollBench(t, storagetest.SQLite(t))
	mine := "+393331999999"
	own := func() *storage.Person {
		p := b.caller(mine)
		p.Contacts[0].VerifiedAt = b.now
		if err := b.store.VerifyContact(t.Context(), p.Contacts[0].ID, b.now); err != nil {
			t.Fatal(err)
		}
		return p
	}
	owner := own()
	b.now = b.now.Add(25 * time.Hour)
	young := own()
	b.person = young
	b.known("laptop")
	b.person = owner
	b.known("laptop")
	for range 5 {
		b.ask(mine)
	}
	asks := func(p *storage.Person, browser string) string {
		q := b.sms(p, "")
		q.Browser = browser
		_, err := b.send(q)
		_, limit := waits(err)
		return limit
	}
	if limit := asks(owner, "another"); limit != "accounts" {
		t.Errorf("number, a new browser: %q", limit)
	}
	if limit := asks(young, "laptop"); limit != "accounts" {
		t.Errorf("number, proved today: %q", limit)
	}
	if limit := asks(owner, "laptop"); limit != "" {
		t.Errorf("number, the owner: %q", limit)
	}
	for i := range 50 {
		b.ask(number("+393331", i))
	}
	b.now = b.now.Add(2 * time.Minute)
	if limit := asks(owner, "another"); limit != "breaker" {
		t.Errorf("breaker, a new browser: %q", limit)
	}
	if limit := asks(owner, "laptop"); limit != "" {
		t.Errorf("breaker, the owner: %q", limit)
	}
	if len(b.shut) != 1 {
		t.Errorf("%+v", b.shut)
	}
}
