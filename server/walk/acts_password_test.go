package walk

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

var words = []string{"tre mele verdi nel cesto", "quattro pere mature sul tavolo", "cinque noci nel sacco blu", "sei fichi secchi d'inverno"}

// link is the newest link of that form that went to one of the human's mailboxes.
func (w *walk) link(h *human, in *regexp.Regexp) (link, address string) {
	for i, m := range slices.Backward(w.mails) {
		if found := in.FindString(m.text); found != "" && h.reads[m.to] && !m.used {
			w.mails[i].used = true
			return found, m.to
		}
	}
	return "", ""
}

// forgot sets a password by a mailed link.
func (w *walk) forgot() {
	h := pick(w, w.humans)
	if h.who == nil || len(h.reads) == 0 || !h.thief && h.right() && w.chance(60) {
		return
	}
	br := pick(w, w.browsersOf(h))
	br.Open(here("/forgot"))
	br.FillID("username", h.who.name).Submit("forgot-submit")
	w.note(br.Name, "forgot the password of %s", h.who.name)
	w.pump(br)
	if w.chance(15) {
		return
	}
	w.pause(200)
	w.follow(h, br, nil, false)
}

func (w *walk) browsersOf(h *human) []*browser {
	return slices.DeleteFunc(slices.Clone(w.browsers), func(b *browser) bool { return b.h != h })
}

// follow uses the newest link that sets a password.
func (w *walk) follow(h *human, br *browser, owned *proof, known bool) {
	link, address := w.link(h, linkIn)
	if link == "" {
		return
	}
	br.Open(link)
	if br.Step() != "set_password" {
		w.note(br.Name, "the link is dead")
		return
	}
	p := h.who
	if name := br.Value("username", "value"); name != p.name {
		w.say("%s followed a link for %s to %s and sees %q", br.Name, p.name, address, name)
	}
	word := pick(w, words)
	first := p.password == ""
	br.FillID("password", word).Submit("password-submit")
	w.note(br.Name, "sets the password of %s by a link to %s: %d %s", p.name, address, br.Status(), br.Step())
	if br.Status() >= 400 || br.Step() != "password_set" {
		w.pump(br)
		return
	}
	now := time.Now()
	if p.disabled || p.contact(address) == nil {
		w.say("%s set a password by a link to %s (locked: %v)", br.Name, address, p.disabled)
	}
	w.book.setPassword(p, word, address, owned, known, now)
	if first && h.invited {
		p.birth = birth{address, now.Add(w.book.yaml.cooling)}
	}
	h.invited = false
	h.word = word
	w.tally["password set"]++
	w.pump(br)
	w.probe(p)
}

// change changes the password from inside: asking ends this session, setting ends all.
func (w *walk) change() {
	br, s := w.inside(false)
	if br == nil || br.h.who != s.who || len(br.h.reads) == 0 {
		return
	}
	br.Open(here("/password"))
	if !br.Has("change-password") {
		return
	}
	var owned *proof
	known := false
	for _, e := range s.proofs {
		if e.app != nil && e.app == s.who.app {
			owned = e
		}
		known = known || e.how == byPassword
	}
	br.Submit("change-password")
	w.note(br.Name, "asks to change the password of %s: %s", s.who.name, br.Step())
	if br.Step() != "change_password_sent" {
		w.after(br)
		return
	}
	s.ended = true
	w.pump(br)
	w.pause(100)
	w.follow(br.h, br, owned, known)
}

// notMe says that something was not the owner.
func (w *walk) notMe() {
	h := pick(w, w.humans)
	if h.who == nil || h.thief {
		return
	}
	link, address := w.link(h, notMeIn)
	if link == "" || h.who.contact(address) == nil {
		return
	}
	br := pick(w, w.browsersOf(h))
	br.Open(link)
	if br.Step() != "not_me" {
		return
	}
	// A mailbox may be that of two accounts, the human's own and one that a login made.
	p := h.who
	if !strings.Contains(br.Text(), "the account "+p.name+" out at once") {
		if h.login == nil || h.login.of == nil || h.login.of == p {
			return
		}
		p = h.login.of
	}
	br.Submit("not-me")
	w.note(br.Name, "says for %s that it was not me: %s", p.name, br.Step())
	if br.Status() < 400 && br.Step() == "not_me_done" {
		w.book.endAll(p)
		p.second = time.Now()
		w.book.freeze(p, address, w.mails[slices.IndexFunc(w.mails, func(m mail) bool { return strings.Contains(m.text, link) })].at, time.Now())
		w.tally["not me"]++
	}
	w.pump(br)
	w.probe(p)
}
