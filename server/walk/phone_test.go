package walk

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

const switchTextsOn = "Switch on codes by text message"

// askedOf is the number that a page is about, and the channel.
func (w *walk) askedOf(br *browser) (number string, channel how) {
	lead := br.TextOf("lead")
	for _, h := range w.humans {
		if h.number != "" && (strings.HasSuffix(h.number, ending(lead)) || strings.Contains(strings.ReplaceAll(lead, " ", ""), h.number)) {
			number = h.number
		}
	}
	channel = byText
	if strings.Contains(lead, "WhatsApp") {
		channel = byChat
	}
	return number, channel
}

// ending is what a page shows of a number.
func ending(lead string) string {
	if m := endIn.FindStringSubmatch(lead); m != nil {
		return m[1]
	}
	return "none"
}

// otherChannel goes to another way by which a number can be asked.
func (w *walk) otherChannel(br *browser) bool {
	for _, says := range []string{"Send it by WhatsApp to ••• ••• ", "Send a text message to ••• ••• "} {
		for _, h := range w.humans {
			if h.number != "" && br.Offers(says+h.number[len(h.number)-3:]) {
				br.Click(says + h.number[len(h.number)-3:])
				w.note(br.Name, "the other way: %s", says)
				w.after(br)
				return true
			}
		}
	}
	return false
}

// reaches reports whether what is sent to a number by a channel gets to a human.
func (h *human) reaches(number string, channel how) bool {
	return h.number == number && h.gets[channel]
}

// phoned answers a page whose code went to a number.
func (w *walk) phoned(br *browser, orderly bool) {
	number, channel := w.askedOf(br)
	code, request := w.codeFor(br, number, string(channel)), br.request()
	switch {
	case !orderly && w.chance(5), !br.h.reaches(number, channel):
		w.wrongly(br, code)
		return
	case code == "":
		time.Sleep(time.Minute)
		w.note(br.Name, "no code came to %s: another one", number)
		br.Submit("resend")
		w.after(br)
		return
	}
	ok := w.give(br, code)
	w.note(br.Name, "the code that went to %s by %s: %d", number, channel, br.Status())
	if !ok {
		w.tally["code refused"]++
		w.after(br)
		return
	}
	w.tally["code by "+string(channel)]++
	now := time.Now()
	for _, s := range br.live(&w.book.yaml, now) {
		e := &proof{how: channel, at: now, request: request}
		switch a, c := s.who.app, s.who.contact(number); {
		case a != nil && a.number == number:
			e.app = a
		case c != nil:
			c.proved, e.contact = true, c
		default:
			continue
		}
		w.proved(br, e, func(p *person) bool { return p == s.who })
	}
	w.after(br)
}

// typeNumber types the human's number.
func (w *walk) typeNumber(br *browser) {
	if br.h.number == "" {
		return
	}
	if br.Has("contact-0") { // one that they proved before
		if w.chance(70) {
			w.note(br.Name, "takes the number that is known")
			br.Submit("contact-0")
			w.after(br)
			return
		}
		br.Open(here(br.URL().Path) + "?method=sms&number=new")
		w.after(br)
		if !br.Has("number") {
			return
		}
	}
	w.note(br.Name, "types the number %s", br.h.number)
	br.FillID("number", br.h.number).Submit("number-submit")
	w.after(br)
}

// confirmNumber switches on the number that the page asks a code of.
func (w *walk) confirmNumber(br *browser) {
	number, channel := w.askedOf(br)
	code, request := w.codeFor(br, number, string(channel)), br.request()
	if w.chance(15) && w.chance(50) && w.decline(br) {
		return
	}
	if other := "Send it by WhatsApp to ••• ••• "; number != "" && w.chance(30) && br.Offers(other+number[len(number)-3:]) {
		br.Click(other + number[len(number)-3:])
		w.note(br.Name, "by WhatsApp instead")
		w.after(br)
		return
	}
	if !br.Has("otp") || code == "" || !br.h.reaches(number, channel) {
		w.note(br.Name, "the code to %s does not come", number)
		time.Sleep(time.Minute)
		w.decline(br)
		return
	}
	ok := w.give(br, code)
	on := ok && br.Step() != "enrol_number" && br.Step() != "enrol_code" && br.Step() != "otp" && br.Step() != "enrol" && br.Step() != "error" && !br.ledBack()
	w.note(br.Name, "switches the number %s on by %s: %d %s", number, channel, br.Status(), br.Step())
	if !on {
		w.after(br)
		return
	}
	a := &app{number: number, channels: map[how]bool{channel: true}}
	if w.switchedOn(br, a, &proof{how: channel, request: request, app: a}) {
		w.tally["number on"]++
	}
	w.after(br)
}

// addChannel adds the other channel to a number, behind the number itself.
func (w *walk) addChannel() {
	br, s := w.inside(true)
	if br == nil || s.who.app.number == "" || !w.account(br, "/factors", "account_factors") {
		return
	}
	i := strings.Index(string(br.Body()), `/channel"`)
	if i < 0 {
		return
	}
	href := string(br.Body())[:i]
	href = href[strings.LastIndex(href, `"`)+1:] + "/channel"
	to, err := url.Parse(href)
	if err != nil {
		w.t.Fatal(err)
	}
	w.account(br, strings.TrimPrefix(to.Path, "/account"), "channel_code")
}

// confirmChannel answers the page of a code by which a number gets another channel.
func (w *walk) confirmChannel(br *browser) {
	number, channel := w.askedOf(br)
	code := w.codeFor(br, number, string(channel))
	if !br.Has("otp") || code == "" || !br.h.reaches(number, channel) {
		time.Sleep(time.Minute)
		w.note(br.Name, "the code to %s by %s does not come", number, channel)
		br.Submit("cancel")
		w.after(br)
		return
	}
	br.FillID("otp", code).Submit("otp-submit")
	w.note(br.Name, "adds %s to %s: %d %s", channel, number, br.Status(), br.Step())
	if br.Status() < 400 && br.Step() == "account_factors" {
		now := time.Now()
		for _, s := range br.live(&w.book.yaml, now) {
			a := s.who.app
			if a == nil || a.number != number {
				continue
			}
			owned := false
			for _, e := range s.proofs {
				owned = owned || e.app == a && now.Sub(e.at) <= 15*time.Minute
			}
			if !owned {
				w.say("%s added a channel to the number of %s without using it", br.Name, s.who.name)
			}
			a.channels[channel] = true
			s.proofs = append(s.proofs, &proof{how: channel, at: now, app: a})
			w.tally["channel on"]++
		}
	}
	w.after(br)
}

// gives a human a number, and the channels by which what is sent there gets to them.
func (w *walk) numbered(h *human, n int, gets ...how) {
	h.number, h.gets = fmt.Sprintf("+393330000%03d", n), map[how]bool{}
	for _, m := range gets {
		h.gets[m] = true
	}
}
