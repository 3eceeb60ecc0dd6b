package walk

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// someTokens is what some panel got; nil when nobody has anything. The newest are the most likely.
func (w *walk) someTokens(fit func(*tokens) bool) *tokens {
	all := slices.DeleteFunc(slices.Clone(w.tokens), func(t *tokens) bool { return fit != nil && !fit(t) })
	if len(all) == 0 {
		return nil
	}
	if n := len(all); n > 8 && w.chance(70) {
		all = all[n-8:]
	}
	return pick(w, all)
}

// due reports whether nothing speaks against the whole of a grant: then the server must give it.
func (w *walk) due(t *tokens) bool {
	now, c := time.Now(), w.book.yaml.clients[t.panel]
	wt := w.book.grantWorth(t.grant, now)
	near := now.Add(2 * time.Minute)
	return wt.over == "" && now.Sub(t.used) < 13*24*time.Hour && now.Sub(t.at) < 80*24*time.Hour &&
		(t.offline || t.sit.alive(&w.book.yaml, near)) && !c.require && c.may("openid")
}

// counted counts what was due and given.
func (w *walk) counted(what string, due, given bool, t *tokens) {
	if due {
		w.tally[what+" due"]++
		if given {
			w.tally[what+" given"]++
		} else {
			w.note(t.panel, "%s: refused, though nothing speaks against it: %s", what, t.grant)
		}
	}
}

// whole counts which scopes nothing speaks against, and which of them were given.
func (w *walk) whole(t *tokens, given []string) {
	wt := w.book.grantWorth(t.grant, time.Now())
	for _, s := range t.scopes {
		if y := &w.book.yaml; y.clients[t.panel].may(s) && (!y.floors[s] || wt.apart && y.age[s] == 0) {
			w.tally["scope due"]++
			if slices.Contains(given, s) {
				w.tally["scope given"]++
			} else {
				w.note(t.panel, "scope %s is missing, though nothing speaks against it: %s", s, t.grant)
			}
		}
	}
}

// same holds that what is said of a sign-in is what was said of it before, or nothing.
func (t *tokens) same(a *answer) (more []string) {
	if a.Acr == "" && len(a.Amr) == 0 && a.Time == 0 {
		return nil
	}
	if a.Acr != t.acr || strings.Join(a.Amr, " ") != t.amr || a.Time != t.time {
		return []string{"acr, amr and auth_time are others than at the sign-in: " + a.Acr + " " + strings.Join(a.Amr, " ")}
	}
	return nil
}

// refresh is a panel's program using a refresh token.
func (w *walk) refresh() {
	t := w.someTokens(func(t *tokens) bool { return t.refresh != "" && !w.book.yaml.clients[t.panel].gone })
	if t == nil {
		return
	}
	if w.chance(6) && t.former != "" && t.former != t.refresh && time.Since(t.turned) > 15*time.Second && w.book.yaml.clients[t.panel].public {
		w.reuse(t)
		return
	}
	w.refreshThis(t)
}

func (w *walk) refreshThis(t *tokens) {
	params := []string{"grant_type", "refresh_token", "refresh_token", t.refresh}
	if w.chance(15) {
		params = append(params, "scope", "openid")
	}
	due, used := w.due(t), t.refresh
	got := w.post(t.panel, "/token", params...)
	w.note(t.panel, "refreshes for %s (%s): %d %s scope %q", t.who.name, t.at.Format("02T15:04:05"), got.status, got.Error, got.Scope)
	w.counted("refresh", due, got.status == http.StatusOK, t)
	if got.status != http.StatusOK {
		if c := w.book.yaml.clients[t.panel]; t.offline && !c.may("offline_access") {
			t.ended = true // its next use
		}
		return
	}
	w.tally["refresh ok"]++
	now := time.Now()
	t.take(got, now)
	t.sit.touch(&w.book.yaml, now)
	id := claims(got.ID)
	said := id.said()
	said.scopes = strings.Fields(got.Scope)
	more := append(w.book.excess(t.grant, said, now), t.same(&id)...)
	if due && len(params) == 4 {
		w.whole(t, said.scopes)
	}
	if len(params) > 4 && got.Scope != "openid" {
		more = append(more, "scope "+got.Scope+" where openid was asked")
	}
	if len(more) > 0 {
		w.say("a refresh says more than the book: %s\n%s", strings.Join(more, "; "), t.grant)
		return
	}
	if w.chance(5) { // the answer was lost, and the program asks again
		again := w.post(t.panel, "/token", "grant_type", "refresh_token", "refresh_token", used)
		switch {
		case again.status != http.StatusOK && t.refresh != used:
			t.ended = true
		case again.status == http.StatusOK && t.refresh != used && again.Refresh != t.refresh:
			w.say("a repeated refresh token has another successor than the first time: %s", t.grant)
		}
	}
}

// take keeps what a refresh gave.
func (t *tokens) take(got *answer, now time.Time) {
	t.access, t.expires, t.used = got.Access, now.Add(time.Duration(got.Expires)*time.Second), now
	if got.Refresh != "" && got.Refresh != t.refresh {
		t.former, t.refresh, t.turned = t.refresh, got.Refresh, now
	}
}

// introspect is a panel asking about a token.
func (w *walk) introspect() {
	t := w.someTokens(nil)
	if t == nil {
		return
	}
	if w.chance(30) && t.refresh != "" {
		w.introspectThis(t, t.refresh)
	} else {
		w.introspectThis(t, t.access)
	}
}

func (w *walk) introspectThis(t *tokens, token string) {
	access, now, by := token == t.access, time.Now(), "panel"
	if c := w.book.yaml.clients[t.panel]; !access && !c.public && !c.gone {
		by = t.panel // a refresh token is nobody else's to look at
	}
	due := w.due(t) && (access && now.Before(t.expires) || !access && by == t.panel)
	got := w.post(by, "/introspect", "token", token)
	w.note(by, "introspects a token of %s for %s (access: %v): active=%v %s %q", t.panel, t.who.name, access, got.Active, got.Acr, got.Scope)
	w.counted("introspect", due, got.Active, t)
	if !got.Active {
		return
	}
	w.tally["introspect active"]++
	more := append(w.book.excess(t.grant, got.said(), now), t.same(got)...)
	if access && !now.Before(t.expires) {
		more = append(more, "the access token is over")
	}
	if len(more) > 0 {
		w.say("an introspection says more than the book: %s\n%s", strings.Join(more, "; "), t.grant)
	}
	t.sit.touch(&w.book.yaml, now)
}

func (w *walk) bearer(token string) *answer {
	r, err := http.NewRequest(http.MethodGet, here("/userinfo"), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return w.send(r)
}

// userinfo is a panel asking who it is.
func (w *walk) userinfo() {
	if t := w.someTokens(nil); t != nil {
		w.userinfoOf(t)
	}
}

func (w *walk) userinfoOf(t *tokens) {
	now := time.Now()
	due := w.due(t) && now.Before(t.expires)
	got := w.bearer(t.access)
	w.note(t.panel, "asks userinfo of %s: %d", t.who.name, got.status)
	w.counted("userinfo", due, got.status == http.StatusOK, t)
	if got.status != http.StatusOK {
		return
	}
	w.tally["userinfo ok"]++
	more := w.book.excess(t.grant, said{sub: got.Sub}, now)
	if !now.Before(t.expires) {
		more = append(more, "the access token is over")
	}
	if !w.book.yaml.clients[t.panel].may("openid") {
		more = append(more, "openid is not the client's any more")
	}
	if len(more) > 0 {
		w.say("userinfo says more than the book: %s\n%s", strings.Join(more, "; "), t.grant)
	}
	t.sit.touch(&w.book.yaml, now)
}

// revoke is a panel giving its token back.
func (w *walk) revoke() {
	t := w.someTokens(func(t *tokens) bool { return t.refresh != "" && !w.book.yaml.clients[t.panel].gone })
	if t == nil {
		return
	}
	got := w.post(t.panel, "/revoke", "token", t.refresh)
	w.note(t.panel, "revokes for %s: %d", t.who.name, got.status)
	if got.status == http.StatusOK {
		t.ended = true
		w.dead("after a revocation", t, t.access, t.refresh)
	}
}

// late redeems a code that a panel forgot.
func (w *walk) late() {
	if len(w.held) == 0 {
		return
	}
	a := w.held[0]
	w.held = w.held[1:]
	if !w.book.yaml.clients[a.panel].gone {
		w.redeem(a)
	}
}
