package mfa

import (
	"context"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/storage"
)

// breaker judges the prefix by what became of its codes, and shuts it when few of many were entered. A code that had
// little time to be entered is left out. But an attack would be over by then: where as many again as make a prefix worth
// judging are under way, it does not wait, and takes half of what is asked for later. nil = it stays as it is.
func (s sentCode) breaker(ctx context.Context, r storage.Records, rules config.FileTollBreaker, of tollLimit, c storage.Counter, now time.Time) (*Shut, error) {
	if rules.Codes < 1 || c.Count%(1+c.Count/100) != 0 { // of a busy prefix not each code reads all the others
		return nil, nil
	}
	since, grace := now.Add(-rules.Window), time.Duration(0)
	if c.Until.After(since) { // what shut it before was told then
		since = c.Until
	}
	if rules.Grace != nil {
		grace = *rules.Grace
	}
	e, err := r.Entered(ctx, string(s.channel), of.where, since, grace, now)
	if err != nil {
		return nil, err
	}
	e.Sent++ // the code at hand
	if grace > 0 {
		e.Young++
	}
	few := func(young, percent int) bool {
		judged := e.Sent - young
		return judged >= rules.Codes && e.Entered*100 < judged*percent
	}
	if !few(e.Young, rules.Entered) && !few(min(e.Young, rules.Codes), max(1, rules.Entered/2)) {
		return nil, nil
	}
	shut := &Shut{Channel: s.channel, Rule: of.rule, Where: of.where, At: now, Until: now.Add(rules.Lasts), Sent: e.Sent, Entered: e.Entered}
	return shut, r.Pause(ctx, of.hit.Key, shut.Until)
}

// spared reports whether a number was the person's more than a day ago, and the browser is one that the person is known in: then
// neither an open breaker nor other accounts with the number keep the code from its owner, or who has a few accounts could do so to
// anybody.
func (s sentCode) spared(ctx context.Context, r storage.Records, q Question) (bool, error) {
	var since time.Time
	if own := ownFactor(q.Person, q.Credential); own != nil {
		since = own.Created
	} else if i := slices.IndexFunc(q.Person.Contacts, func(c *storage.Contact) bool { return c.ID == q.Credential }); i >= 0 {
		since = q.Person.Contacts[i].VerifiedAt
	}
	if since.IsZero() || q.Now.Sub(since) <= day {
		return false, nil
	}
	return s.known(ctx, r, q)
}
