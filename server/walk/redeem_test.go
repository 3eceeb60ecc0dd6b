package walk

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// redeem exchanges a code and holds everything that comes against the book.
func (w *walk) redeem(a *asking) {
	now := time.Now()
	code := a.code
	a.code = ""
	got := w.post(a.panel, "/token", "grant_type", "authorization_code", "code", code, "redirect_uri", redirects[a.panel], "code_verifier", verifier)
	if got.status != http.StatusOK {
		w.note(a.by.Name, "%s cannot redeem: %d %s", a.panel, got.status, got.Error)
		if w.tally["code "+got.Error]++; now.Equal(a.back) {
			w.say("%s: a code cannot be redeemed at once: %d %s", a.panel, got.status, got.Error)
		}
		return
	}
	id := claims(got.ID)
	if now.Sub(a.back) > time.Minute {
		w.say("%s: a code of %s ago was redeemed", a.panel, now.Sub(a.back))
	}
	said := id.said()
	said.scopes = strings.Fields(got.Scope)
	offline := slices.Contains(said.scopes, "offline_access")
	g, more := w.whose(a, id, said, offline)
	if g == nil {
		return
	}
	g.acr, g.amr, g.time = id.Acr, strings.Join(id.Amr, " "), id.Time
	t := &tokens{
		grant: g, access: got.Access, refresh: got.Refresh, id: got.ID, expires: now.Add(time.Duration(got.Expires) * time.Second), used: now,
	}
	w.book.grants, w.tokens = append(w.book.grants, g), append(w.tokens, t)
	w.note(a.by.Name, "%s has a token for %s: acr=%s amr=%v scope %q", a.panel, g.who.name, id.Acr, id.Amr, got.Scope)
	w.tally["token "+id.Acr]++
	if slices.ContainsFunc(said.scopes, func(s string) bool { return w.book.yaml.floors[s] }) {
		w.tally["token floored"]++
	}
	// Who holds the WhatsApp of a number gets the codes of a contact there; of an own number the book says by what.
	if h := a.by.h; h.thief && len(h.reads) == 0 && h.number == "" && (ranks[id.Acr] > 0 || slices.Contains(id.Amr, "mfa")) {
		more = append(more, "a thief who knows a password has "+id.Acr)
	}
	if len(more) > 0 {
		w.say("a token says more than the book: %s\n%s", strings.Join(more, "; "), g)
	}
	if now.Equal(a.back) {
		g.scopes = said.scopes // later answers are parts of this one
	}
	w.signedIn(a.by, g)
}

// whose finds the sign-in that a token's subject says it was, and what the token says more. Where the person may be at
// that browser in two ways (signed in, and again by a login that is not proved yet), the one that bears the token out.
func (w *walk) whose(a *asking, id answer, said said, offline bool) (best *grant, more []string) {
	known := slices.ContainsFunc(w.book.people, func(p *person) bool { return p.sub == id.Sub })
	for _, c := range a.could {
		if c.sit.who.sub != id.Sub && (known || c.sit.who.sub != "") || id.Sub == "" {
			continue
		}
		if c.sit.who.sub == "" {
			c.sit.who.sub = id.Sub
		}
		g := &grant{panel: a.panel, who: c.sit.who, sit: c.sit, proofs: c.proofs, scopes: a.scopes, offline: offline, at: time.Now()}
		found := w.book.excess(g, said, g.at)
		if g.at.Equal(a.back) {
			found = append(found, w.short(a, g, id)...)
		}
		if best == nil || len(found) < len(more) {
			best, more = g, found
		}
	}
	if best == nil {
		var had []string
		for _, c := range a.could {
			had = append(had, fmt.Sprintf("%s (%q) %v", c.sit.who.name, c.sit.who.sub, c.proofs))
		}
		w.say("%s has a token for %q, who is not at %s: %v", a.panel, id.Sub, a.by.Name, had)
	}
	return best, more
}

// signedIn writes down what a token shows: a quarantine became a session, a login is proved, or was connected.
func (w *walk) signedIn(br *browser, g *grant) {
	if g.sit.waiting {
		for _, o := range br.sits {
			o.ended = o.ended || o != g.sit
		}
		g.sit.waiting = false
	}
	strong := w.book.weigh(g.who, g.proofs, false, g.at).level() > 0
	for _, e := range g.proofs {
		l := e.login
		if l == nil {
			continue
		}
		if l.of != g.who && slices.Contains(l.may, g.who) {
			if l.of != nil {
				l.of.disabled = true
				w.book.endAll(l.of)
			}
			l.of, l.linked, l.may = g.who, e.at, nil
			if !l.since.IsZero() && l.since.Before(e.at) { // another browser may have used it before this one showed it
				l.linked = l.since
			}
			l.since = time.Time{}
			w.tally["connected"]++
		}
		l.proved = l.proved || strong
		w.tally["token social"]++
	}
}

// short lists what the request demanded and the answer does not show.
func (w *walk) short(a *asking, g *grant, id answer) (less []string) {
	wt := w.book.weigh(g.who, g.proofs, false, time.Now())
	if a.params.Get("acr_values") == "mfa" && ranks[id.Acr] < 1 {
		less = append(less, "mfa was asked, and acr="+id.Acr)
	}
	if w.book.yaml.always && g.who.app != nil && !g.who.app.disabled && wt.level() < 1 {
		less = append(less, "the person has an app, and it was not asked")
	}
	if s := a.params.Get("max_age"); s != "" {
		n, _ := strconv.ParseInt(s, 10, 64)
		oldest := min(a.at.Unix(), a.back.Unix()-n)
		if id.Time < oldest {
			less = append(less, fmt.Sprintf("max_age=%d, and auth_time %d of before %d", n, id.Time, oldest))
		}
	}
	if a.params.Get("prompt") == "login" && id.Time < a.at.Unix() {
		less = append(less, fmt.Sprintf("prompt=login, and auth_time %d of before", id.Time))
	}
	for _, e := range g.proofs {
		typed := slices.ContainsFunc(g.proofs, func(e *proof) bool { return e.how == byPassword })
		if e.how == bySocial && !typed && wt.level() < 1 && (!e.login.proved || g.sit.waiting) {
			less = append(less, "a first social sign-in ended without its second step")
		}
	}
	return less
}
