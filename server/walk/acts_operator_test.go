package walk

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// operator is the operator's own system.
func (w *walk) operator() {
	var all []*human
	for _, h := range w.humans {
		if !h.thief && h.who != nil && h.who.external != "" {
			all = append(all, h)
		}
	}
	if len(all) == 0 || len(all) < 3 && w.chance(20) {
		w.newCustomer()
		return
	}
	h := pick(w, all)
	p := h.who
	switch n := w.dice.IntN(10); {
	case p.disabled || n < 2:
		if w.api(http.MethodPatch, "/"+p.external, map[string]any{"disabled": !p.disabled}).status == http.StatusOK {
			if p.disabled = !p.disabled; p.disabled {
				w.book.endAll(p)
			}
			w.note("crm", "%s locked: %v", p.name, p.disabled)
			w.probe(p)
		}
	case h.invited && n < 8:
		w.follow(h, pick(w, w.browsersOf(h)), nil, false)
	default:
		w.file(h)
	}
}

// file adds an address or takes one away that nobody proved.
func (w *walk) file(h *human) {
	p, now := h.who, time.Now()
	extra := p.name + "@zeta.test"
	if c := pick(w, p.contacts); c.proved && len(p.contacts) > 1 && w.chance(30) { // the person lost that mailbox
		if got := w.api(http.MethodPatch, "/"+p.external, map[string]any{"remove_contacts": []string{c.address}}); got.status == http.StatusOK {
			w.note("crm", "takes %s from %s", c.address, p.name)
			p.contacts = slices.DeleteFunc(p.contacts, func(o *contact) bool { return o == c })
			p.birth = birth{}
			w.pump(nil)
			w.probe(p)
		}
		return
	}
	var emails []string
	var gone, fresh []string
	for _, c := range p.contacts {
		if !c.proved && len(p.contacts) > 1 && w.chance(50) {
			gone = append(gone, c.address)
			continue
		}
		emails = append(emails, c.address)
	}
	if p.contact(extra) == nil {
		emails, fresh = append(emails, extra), append(fresh, extra)
	}
	if len(emails) == 0 || len(gone)+len(fresh) == 0 {
		return
	}
	if got := w.api(http.MethodPatch, "/"+p.external, map[string]any{"emails": emails}); got.status != http.StatusOK {
		w.note("crm", "files %v for %s: %d", emails, p.name, got.status)
		return
	}
	w.note("crm", "files %v for %s", emails, p.name)
	p.contacts = slices.DeleteFunc(p.contacts, func(c *contact) bool { return slices.Contains(gone, c.address) })
	for _, a := range fresh {
		w.book.addContact(p, a, now)
	}
	if len(gone) > 0 {
		p.birth = birth{}
	}
	w.pump(nil)
	w.probe(p)
}

// desk is the help desk taking the app from somebody who lost it, or says so. The account rests afterwards.
func (w *walk) desk() {
	p := pick(w, w.book.people)
	if p.sub == "" || p.app == nil || !w.Recover(p.sub) {
		return
	}
	now := time.Now()
	w.note("desk", "takes the app from %s", p.name)
	w.tally["desk"]++
	w.book.removeApp(p, now)
	w.book.endAll(p)
	for _, c := range slices.Concat(p.contacts, p.phones) {
		if rests := now.Add(w.book.yaml.cooling); c.rests.Before(rests) {
			c.rests = rests
		}
	}
	w.probe(p)
}

var customers = []string{"iva", "leo", "nina", "pio"}

// newCustomer makes an account, whose owner is mailed a link for the first password.
func (w *walk) newCustomer() {
	n := len(slices.DeleteFunc(slices.Clone(w.book.people), func(p *person) bool { return p.external == "" }))
	if n >= len(customers) {
		return
	}
	name := customers[n]
	address := name + "@kiwi.test"
	got := w.api(http.MethodPost, "", map[string]any{"external_id": "c-" + name, "username": name, "emails": []string{address}, "locale": "en"})
	if got.status != http.StatusCreated {
		w.say("the people API did not make %s: %d", name, got.status)
		return
	}
	w.note("crm", "makes %s", name)
	p := &person{name: name, external: "c-" + name, contacts: []*contact{{address: address}}}
	h := &human{name: name, who: p, invited: true, reads: map[string]bool{address: true, name + "@zeta.test": true}, apps: map[*app]bool{}}
	w.join(h, p, 2)
	w.pump(nil)
	w.pause(100)
	if w.chance(70) {
		w.follow(h, w.browsersOf(h)[0], nil, false)
	}
}

// api calls the people API.
func (w *walk) api(method, path string, body map[string]any) *answer {
	form := strings.NewReader("grant_type=client_credentials")
	r, _ := http.NewRequest(http.MethodPost, here("/token"), form)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("crm", url.QueryEscape(w.RP1.Secret))
	token := w.send(r).Access
	raw, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	r, _ = http.NewRequest(method, here("/api/people"+path), strings.NewReader(string(raw)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	return w.send(r)
}

// reload takes something away in the YAML, or gives it back.
func (w *walk) reload() {
	y := &w.book.yaml
	c := y.clients[pick(w, []string{"panel", "panel2", "public", "offers", "vault"})]
	toggle := func(scope string) {
		if i := slices.Index(c.scopes, scope); i >= 0 {
			c.scopes = slices.Delete(slices.Clone(c.scopes), i, i+1)
		} else {
			c.scopes = append(slices.Clone(c.scopes), scope)
		}
	}
	switch n := w.dice.IntN(10); {
	case n < 3:
		toggle(pick(w, floored))
	case n < 5:
		toggle("offline_access")
	case n < 7:
		name := pick(w, floored)
		y.floors[name] = !y.floors[name]
	case n < 8:
		y.clients["panel2"].require = !y.clients["panel2"].require
	case n < 9:
		y.clients["offers"].gone = !y.clients["offers"].gone
	default:
		y.lasts = time.Hour - y.lasts
	}
	w.note("yaml", "floors %v, lasts %s, panel2 requires mfa: %v, offers gone: %v", y.floors, y.lasts, y.clients["panel2"].require, y.clients["offers"].gone)
	for id, c := range y.clients {
		if len(c.scopes) < 7 {
			w.note("yaml", "%s may %v", id, c.scopes)
		}
	}
	w.tally["reload"]++
	w.Reload(y.write, w.instances...)
	w.probe(nil)
}

// wait lets time go by.
func (w *walk) wait() {
	d := pick(w, []time.Duration{5 * time.Minute, 20 * time.Minute, 50 * time.Minute, 70 * time.Minute, 3 * time.Hour, 13 * time.Hour, 25 * time.Hour})
	w.note("time", "%s go by", d)
	time.Sleep(d)
	w.probe(nil)
}
