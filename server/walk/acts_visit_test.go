package walk

import (
	"slices"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// visit is a human at a panel.
func (w *walk) visit() {
	br := pick(w, w.browsers)
	panel := pick(w, []string{"panel", "panel", "panel2", "public", "offers", "vault"})
	scopes := []string{"openid"}
	for _, s := range []string{"billing", "dns", "payments", "offline_access", "email"} {
		if w.chance(25) {
			scopes = append(scopes, s)
		}
	}
	var params []string
	switch n := w.dice.IntN(20); {
	case n < 4:
		params = append(params, "acr_values", pick(w, []string{"mfa", "mfa sfa", "sfa", "https://refeds.org/profile/mfa", "urn:x mfa"}))
	case n < 6:
		params = append(params, "prompt", "login")
	case n < 9:
		params = append(params, "prompt", "none")
	case n < 11:
		params = append(params, "max_age", pick(w, []string{"0", "60", "600", "3600"}))
	case n < 12:
		params = append(params, "prompt", "login", "acr_values", "mfa")
	}
	if owner, other := br.h, pick(w, w.humans); w.chance(4) && !owner.thief && !other.thief { // somebody else sits down
		br.h = other
		defer func() { br.h = owner }()
	}
	w.open(br, panel, scopes, params...)
	w.drive(br, false)
}

// probe asks after what has just changed for a person: what died must be dead, in every panel and browser. nil is everybody.
func (w *walk) probe(p *person) {
	if w.chance(40) {
		return
	}
	left := 8
	for _, t := range slices.Backward(w.tokens) {
		if left == 0 || w.failed {
			return
		}
		if p == nil || t.who == p {
			left--
			w.introspectThis(t, t.access)
			if w.chance(50) && t.refresh != "" && !w.book.yaml.clients[t.panel].gone {
				w.refreshThis(t)
			}
			w.userinfoOf(t)
		}
	}
	for _, br := range w.browsers {
		if !w.failed && slices.ContainsFunc(br.sits, func(s *sitting) bool { return p == nil || s.who == p }) && w.chance(50) {
			time.Sleep(time.Second)
			w.open(br, pick(w, []string{"panel", "public", "panel2"}), []string{"openid", "billing", "dns"}, "prompt", "none")
		}
	}
}

// orderly is an owner who does everything right, in a browser nobody used: that one must get in, and reach mfa where a
// settled factor or contact allows it.
func (w *walk) orderly() {
	h := pick(w, w.humans)
	if h.thief || h.who == nil || !h.right() || h.who.app != nil && !h.apps[h.who.app] {
		return
	}
	now, strong := time.Now(), false
	if a := h.who.app; a != nil {
		if strong = !now.Before(a.rests); !strong {
			return
		}
	} else {
		// The newest code goes to the first contact; only one whose every contact is settled has nothing against it.
		strong = len(h.who.contacts) > 0 && !slices.ContainsFunc(h.who.contacts, func(c *contact) bool {
			return now.Before(c.rests) || !h.reads[c.address] || sameMailbox(c.address, h.who.from.mailbox) && now.Before(h.who.from.until)
		})
	}
	br := w.browser(h, "orderly")
	a := w.open(br, "panel", []string{"openid"})
	w.drive(br, true)
	switch {
	case w.failed:
	case br.URL().Host == servertest.Panel && a.no == "":
		w.tally["orderly ok"]++
	default:
		w.say("%s has everything in order and does not get in: %s %d %s", h.name, br.URL(), br.Status(), br.Text())
	}
	if strong && !w.failed {
		w.tally["orderly mfa due"]++
		if a = w.open(br, "panel", []string{"openid"}, "acr_values", "mfa"); !w.failed {
			w.drive(br, true)
		}
		if br.URL().Host == servertest.Panel && a.no == "" {
			w.tally["orderly mfa given"]++
		} else {
			w.note(br.Name, "does not reach mfa: %s %s %d %s", a.no, br.URL(), br.Status(), br.Text())
		}
	}
}
