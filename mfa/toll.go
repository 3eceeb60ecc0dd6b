package mfa

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/phonenumber"
	"github.com/soglia-sso/soglia/storage"
)

// Shut is a limit of codes to telephones that shut at a time: the code at hand is the last that leaves.
type Shut struct {
	Channel       acr.Method
	Rule          string // breaker, prefix_hour, prefix_day, country_hour, country_day, all_hour, all_day, account_hour, account_day or accounts
	Where         string // the prefix or country; "" = everywhere, or one account or number, which has no name here
	At, Until     time.Time
	Sent, Entered int // of the breaker: what it judged by
}

// Others reports whether the limit is felt by others than whoever asked too much.
func (s *Shut) Others() bool { return s.Where != "" || strings.HasPrefix(s.Rule, "all_") }

// Alarm tells the operator, in the transaction of the code that shut the limit.
type Alarm func(ctx context.Context, r storage.Records, s Shut) error

// tollLimit is one counter that a code raises.
type tollLimit struct {
	rule, where string
	hit         storage.Hit
	most        int // 0 = it is only counted
	rows        int // over how many rows the cap is spread
}

// toll counts a code to a telephone against what such codes may cost, and says under which prefix. *Wait when a cap is
// reached or the prefix is shut; then nothing is counted, because the caller rolls back.
//
// All counters are raised by one statement, in one order: the account's, the prefix's, the country's, that of all. So two
// codes never wait for each other crosswise, and the row that everybody shares is taken last; a cap so high that one row
// would be too slow is spread over several.
//
// Whatever shuts, shuts with the code that fills it, which still leaves: that transaction commits, so record and mail are
// written with it, once. A refusal writes nothing.
func (s sentCode) toll(ctx context.Context, r storage.Records, number string, q Question) (string, error) {
	rules := &s.config().Limits.Toll
	caps := rules.Caps(string(s.channel))
	if caps == nil {
		return "", nil
	}
	country, prefix := place(number)
	limits := s.tollLimits(rules, caps, number, country, prefix, q)
	hits := make([]storage.Hit, len(limits))
	for i, l := range limits {
		hits[i] = l.hit
	}
	counted, err := r.Tally(ctx, nil, q.Now, hits...)
	if err != nil {
		return "", err
	}
	var wait, others *Wait // others: what anybody at the number or prefix may have used up
	var shut []Shut
	for i, l := range limits {
		c := counted[i]
		until := c.Since.Add(l.hit.Window)
		switch {
		case l.rule == "breaker" && c.Until.After(q.Now):
			others = &Wait{c.Until, l.rule}
		case l.most > 0 && c.Count > l.most:
			wait = longer(wait, &Wait{until, l.rule})
		case l.most > 0 && c.Count == l.most:
			first, err := s.first(ctx, r, l, q.Now)
			if err != nil {
				return "", err
			}
			if first {
				shut = append(shut, Shut{Channel: s.channel, Rule: l.rule, Where: l.where, At: q.Now, Until: until})
			}
		}
	}
	if wait != nil {
		return "", wait
	}
	if counted[0].Count == 1 { // this account's first code to the number today
		n, err := r.Bump(ctx, s.tollKey("number", today(q.Now), number), day, q.Now)
		if err != nil {
			return "", err
		}
		tomorrow := q.Now.UTC().Truncate(day).Add(day)
		if most := caps.AccountsPerNumber; most > 0 && n.Count > most {
			others = longer(others, &Wait{tomorrow, "accounts"})
		} else if n.Count == most {
			shut = append(shut, Shut{Channel: s.channel, Rule: "accounts", At: q.Now, Until: tomorrow})
		}
	}
	if others != nil {
		if spared, err := s.spared(ctx, r, q); err != nil || !spared {
			return "", cmp.Or(err, error(others))
		}
	} else if i := slices.IndexFunc(limits, func(l tollLimit) bool { return l.rule == "breaker" }); i >= 0 {
		tripped, err := s.breaker(ctx, r, rules.Breaker, limits[i], counted[i], q.Now)
		if err != nil {
			return "", err
		}
		if tripped != nil {
			shut = append(shut, *tripped)
		}
	}
	for _, each := range shut {
		if err := s.tell(ctx, r, each, q); err != nil {
			return "", err
		}
	}
	return prefix, nil
}

// first reports whether the row that a code has just filled is the first of its cap.
func (s sentCode) first(ctx context.Context, r storage.Limits, l tollLimit, now time.Time) (bool, error) {
	if l.rows < 2 {
		return true, nil
	}
	told, err := r.Bump(ctx, s.tollKey("told", l.rule), l.hit.Window, now)
	return told.Count == 1, err
}

// tollLimits are the counters of a code, in the order in which they are taken. The first is of the account and the number.
func (s sentCode) tollLimits(rules *config.FileToll, caps *config.FileTollCaps, number, country, prefix string, q Question) []tollLimit {
	all := []tollLimit{{hit: storage.Hit{Key: s.tollKey("pair", today(q.Now), number, q.Person.ID), Window: day}}}
	add := func(rule, where string, window time.Duration, most int, of ...string) {
		if most > 0 {
			all = append(all, tollLimit{rule: rule, where: where, hit: storage.Hit{Key: s.tollKey(append([]string{rule}, of...)...), Window: window}, most: most})
		}
	}
	add("account_hour", "", time.Hour, caps.AccountPerHour, q.Person.ID)
	add("account_day", "", day, caps.AccountPerDay, q.Person.ID)
	all = append(all, tollLimit{rule: "breaker", where: prefix, hit: storage.Hit{Key: s.tollKey("breaker", prefix), Window: rules.Breaker.Window}})
	if !slices.Contains(rules.Home, country) {
		add("prefix_hour", prefix, time.Hour, caps.PrefixPerHour, prefix)
		add("prefix_day", prefix, day, caps.PrefixPerDay, prefix)
		add("country_hour", country, time.Hour, caps.CountryPerHour, country)
		add("country_day", country, day, caps.CountryPerDay, country)
	}
	for _, l := range []struct {
		rule   string
		window time.Duration
		most   int
	}{{"all_hour", time.Hour, caps.PerHour}, {"all_day", day, caps.PerDay}} {
		if l.most > 0 {
			rows, row, most := share(l.most)
			add(l.rule, "", l.window, most, strconv.Itoa(row))
			all[len(all)-1].rows = rows
		}
	}
	return all
}

// One row is raised by a few hundred codes a second, each of which holds it until its commit. A cap of ten thousand is full
// after half a minute at that pace, so what lies beyond gets rows of its own: each has its share of the cap, which is never
// exceeded, and may refuse a few codes before the very last.
const (
	perRow  = 10_000
	maxRows = 64
)

// share chooses the row of a cap by which a code is counted, and says how many codes that one takes.
func share(most int) (rows, row, its int) {
	rows = min(maxRows, 1+most/perRow)
	row = rand.IntN(rows)
	if its = most / rows; row < most%rows {
		its++
	}
	return rows, row, its
}

// tell records that a limit shut, and tells the operator when it is more than one person's matter.
func (s sentCode) tell(ctx context.Context, r storage.Records, shut Shut, q Question) error {
	ev := audit.From(ctx).Event(audit.LimitHit, audit.Fail, string(s.channel)+"_"+shut.Rule)
	ev.At = q.Now
	if strings.HasPrefix(shut.Rule, "account_") {
		ev.PersonID = q.Person.ID
	}
	detail := map[string]any{"channel": s.channel, "until": shut.Until.UTC().Format(time.RFC3339)}
	if shut.Where != "" {
		detail["where"] = shut.Where
	}
	if shut.Rule == "breaker" {
		detail["sent"], detail["entered"] = shut.Sent, shut.Entered
	}
	var err error
	if ev.Detail, err = json.Marshal(detail); err != nil {
		return err
	}
	if err := r.Append(ctx, ev); err != nil || !shut.Others() {
		return err
	}
	return s.alarm(ctx, r, shut)
}

// longer is the one of two refusals that lasts longer.
func longer(a, b *Wait) *Wait {
	if a != nil && a.Until.After(b.Until) {
		return a
	}
	return b
}

// today is a day by its date, for counters that must begin and end together.
func today(now time.Time) string { return now.UTC().Format(time.DateOnly) }

// tollKey is the name of a counter, from which nobody can read a number.
func (s sentCode) tollKey(of ...string) string {
	mac := s.box.MAC(append([]string{"toll", string(s.channel)}, of...)...)
	return "toll." + of[0] + "." + base64.RawURLEncoding.EncodeToString(mac[:16])
}

// place is where a number is: its country, and its prefix, a country and the next four digits.
func place(number string) (country, prefix string) {
	n, err := phonenumber.Parse(number, "")
	if err != nil || n.Country() == "" { // of a plan that changed, or of no country
		return number[:min(len(number), 3)], number[:min(len(number), 7)]
	}
	return n.Country(), n.Area()
}
