package walk

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// reuse shows a public client's refresh token that was used a while ago: nothing of the family may live afterwards.
func (w *walk) reuse(t *tokens) {
	got := w.post(t.panel, "/token", "grant_type", "refresh_token", "refresh_token", t.former)
	w.note(t.panel, "uses an old refresh token of %s: %d %s", t.who.name, got.status, got.Error)
	w.tally["reuse"]++
	if got.status == http.StatusOK {
		w.say("a refresh token of %s ago was taken: %s", time.Since(t.turned), t.grant)
	}
	t.ended = true
	w.dead("after a reuse", t, t.access, t.refresh)
}

// dead holds that tokens open nothing.
func (w *walk) dead(what string, t *tokens, all ...string) {
	for _, token := range all {
		if token == "" {
			continue
		}
		if got := w.post("panel", "/introspect", "token", token); got.Active {
			w.say("%s a token is active: %s", what, t.grant)
		}
		if got := w.bearer(token); got.status == http.StatusOK {
			w.say("%s userinfo answers: %s", what, t.grant)
		}
		if got := w.post(t.panel, "/token", "grant_type", "refresh_token", "refresh_token", token); got.status == http.StatusOK {
			w.say("%s a refresh token is taken: %s", what, t.grant)
		}
	}
}

// steal is a thief with a copy of a refresh token, who has no client's secret.
func (w *walk) steal() {
	t := w.someTokens(func(t *tokens) bool { return t.refresh != "" && !w.book.yaml.clients[t.panel].gone })
	if t == nil {
		return
	}
	if !w.book.yaml.clients[t.panel].public {
		r, _ := http.NewRequest(http.MethodPost, here("/token"), strings.NewReader("grant_type=refresh_token&client_id="+t.panel+"&refresh_token="+t.refresh))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if got := w.send(r); got.status == http.StatusOK {
			w.say("a refresh token of a confidential client serves without its secret: %s", t.grant)
		}
		return
	}
	got := w.post(t.panel, "/token", "grant_type", "refresh_token", "refresh_token", t.refresh)
	w.note("thief", "a copy of %s's refresh token for %s: %d", t.panel, t.who.name, got.status)
	if got.status != http.StatusOK {
		return
	}
	t.sit.touch(&w.book.yaml, time.Now())
	id := claims(got.ID)
	said := id.said()
	said.scopes = strings.Fields(got.Scope)
	if more := w.book.excess(t.grant, said, time.Now()); len(more) > 0 {
		w.say("a stolen refresh token says more than the book: %s\n%s", strings.Join(more, "; "), t.grant)
		return
	}
	time.Sleep(20 * time.Second)
	if own := w.post(t.panel, "/token", "grant_type", "refresh_token", "refresh_token", t.refresh); own.status == http.StatusOK {
		w.say("owner and thief both live on one refresh token: %s", t.grant)
	}
	t.ended = true
	w.tally["theft"]++
	w.dead("after a theft", t, got.Access, got.Refresh, t.access)
}

// race lets many ask at once while the grant is ended.
func (w *walk) race() {
	t := w.someTokens(func(t *tokens) bool {
		return t.refresh != "" && w.book.grantWorth(t.grant, time.Now()).over == "" && !w.book.yaml.clients[t.panel].gone
	})
	if t == nil {
		return
	}
	var (
		mu  sync.Mutex
		got = []string{t.access, t.refresh}
		all sync.WaitGroup
	)
	for i := range 6 {
		all.Go(func() {
			switch i {
			case 0:
				w.post(t.panel, "/revoke", "token", t.refresh)
			case 1, 2:
				a := w.post(t.panel, "/token", "grant_type", "refresh_token", "refresh_token", t.refresh)
				mu.Lock()
				got = append(got, a.Access, a.Refresh)
				mu.Unlock()
			case 3:
				w.bearer(t.access)
			default:
				w.post("panel", "/introspect", "token", t.access)
			}
		})
	}
	all.Wait()
	w.note(t.panel, "revokes for %s while others ask", t.who.name)
	w.tally["race"]++
	t.sit.touch(&w.book.yaml, time.Now())
	t.ended = true
	w.dead("after a race", t, got...)
}
