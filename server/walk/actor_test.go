package walk

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// human is somebody with a head: an owner, or a thief who knows something of another's.
type human struct {
	name    string
	thief   bool
	who     *person         // whose account is in play
	word    string          // the password, as this human knows it
	reads   map[string]bool // mailboxes
	number  string          // to switch on; "" = none
	gets    map[how]bool    // by which channels this human gets what is sent to it
	apps    map[*app]bool   // that this human holds
	login   *login          // at the social provider; nil = none
	email   string          // that the provider may tell of the login
	invited bool            // the link for the first password is in the mailbox
}

// browser is a browser that a human sits in front of.
type browser struct {
	*servertest.Browser
	h       *human
	sits    []*sitting
	connect *login // a login that was asked to be connected in that request
	to      *person
	kept    *kept // who is remembered here
}

// kept is the password of a day that a browser is remembered by.
type kept struct {
	who *person
	at  time.Time
}

func (br *browser) live(y *yaml, now time.Time) []*sitting {
	return slices.DeleteFunc(slices.Clone(br.sits), func(s *sitting) bool { return !s.alive(y, now) })
}

// wakes writes down that a remembered browser may open a session by itself, on the password of that day.
func (w *walk) wakes(br *browser) {
	now, k := time.Now(), br.kept
	if k == nil || !k.at.After(k.who.forgot) || now.Sub(k.at) > w.book.yaml.remember || len(br.live(&w.book.yaml, now)) > 0 {
		return
	}
	w.sit(br, &sitting{who: k.who, at: now, active: now, proofs: []*proof{{how: byPassword, at: k.at}}})
}

// request is the id in the address of the page; "" elsewhere.
func (br *browser) request() string {
	parts := strings.Split(br.URL().Path, "/")
	if len(parts) > 2 && (parts[1] == "login" || parts[1] == "authorize") {
		return parts[2]
	}
	return ""
}

// after is called whenever a browser has done something.
func (w *walk) after(br *browser) {
	w.pump(br)
	for _, s := range br.sits {
		s.touch(&w.book.yaml, time.Now())
	}
	w.answers(br)
}

// drive lets the human answer whatever the pages ask, more or less well. orderly: always well.
func (w *walk) drive(br *browser, orderly bool) {
	for range 14 {
		if w.failed || br.URL().Host != servertest.SSO {
			return
		}
		step, before := br.Step(), len(w.log)
		w.pause(20)
		switch step {
		case "login":
			w.first(br, orderly)
		case "otp":
			w.secondStep(br, orderly)
		case "enrol":
			if !orderly && w.chance(30) && w.decline(br) {
				break
			}
			on := switchAppOn
			if br.h.number != "" && br.Offers(switchTextsOn) && w.chance(50) {
				on = switchTextsOn
			}
			if !br.Offers(on) {
				return
			}
			br.Click(on)
			w.after(br)
		case "enrol_number":
			w.typeNumber(br)
		case "enrol_code":
			w.confirmNumber(br)
		case "channel_code":
			w.confirmChannel(br)
		case "enrol_totp":
			w.confirmApp(br)
		case "recovery":
			br.Submit("recovery-show")
			w.after(br)
		case "recovery_codes":
			w.keepReserve(br)
		case "contact":
			w.typeAddress(br)
		case "connect":
			w.connectAccount(br)
		case "leave":
			return
		default:
			return
		}
		if len(w.log) == before {
			return // nothing to be done here
		}
	}
}

const switchAppOn = "Switch on the Authenticator app"

// decline says no, where a page lets one.
func (w *walk) decline(br *browser) bool {
	for _, id := range []string{"skip", "cancel"} {
		if br.Has(id) && w.chance(60) {
			w.note(br.Name, "%s", id)
			br.Submit(id)
			w.after(br)
			return true
		}
	}
	return false
}

// first takes a first step.
func (w *walk) first(br *browser, orderly bool) {
	h := br.h
	if !orderly && w.chance(3) && w.decline(br) {
		return
	}
	social := h.login != nil && br.Offers("Continue with Google") && (h.word == "" || !orderly && w.chance(45) || !br.Has("password"))
	switch {
	case social:
		w.social(br)
	case !br.Has("password"):
	case h.word == "":
	case !orderly && w.chance(6):
		w.note(br.Name, "a wrong password for %s", h.who.name)
		if br.typePassword(h.who, "no such password at all"); br.Status() < 400 {
			w.say("%s signs in with a wrong password", br.Name)
		}
		w.after(br)
	default:
		w.note(br.Name, "the password of %s (right: %v)", h.who.name, h.right())
		request, tick := br.request(), br.Has("remember") && w.chance(30)
		if tick {
			br.FillID("remember", "yes")
		}
		br.typePassword(h.who, h.word)
		switch ok := br.Status() < 400; {
		case ok && !h.right():
			w.say("%s signs in as %s with a password that is none (locked: %v)", br.Name, h.who.name, h.who.disabled)
		case ok:
			w.password(br, h.who, request)
			if tick {
				br.kept = &kept{h.who, time.Now()}
			}
		case h.right():
			w.tally["password refused"]++
			w.note(br.Name, "refused: %d %s", br.Status(), br.TextOf("error-text"))
		}
		w.after(br)
	}
}

// right reports whether the password that the human knows opens the account.
func (h *human) right() bool { return h.word != "" && h.word == h.who.password && !h.who.disabled }

func (br *browser) typePassword(p *person, word string) {
	br.FillID("username", p.name).FillID("password", word).Submit("login-submit")
}

// password writes a password that was taken into the book.
func (w *walk) password(br *browser, p *person, request string) {
	now := time.Now()
	e := &proof{how: byPassword, at: now, request: request}
	for _, s := range br.live(&w.book.yaml, now) {
		if s.who == p && w.book.inside(s, now) {
			s.waiting, s.proofs = false, append(s.proofs, e)
			return
		}
	}
	for _, s := range br.sits {
		s.ended = true // another person's first step signs out; a quarantine is forgotten
	}
	br.kept = nil
	w.sit(br, &sitting{who: p, at: now, active: now, proofs: []*proof{e}})
}

func (w *walk) sit(br *browser, s *sitting) {
	br.sits = append(br.sits, s)
	w.book.sits = append(w.book.sits, s)
}

// here is the address of a page of the server.
func here(path string) string {
	return (&url.URL{Scheme: "https", Host: servertest.SSO, Path: path}).String()
}
