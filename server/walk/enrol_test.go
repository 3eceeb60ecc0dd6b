package walk

import (
	"slices"
	"strings"
	"time"
)

// confirmApp switches the app on that the page shows the key of.
func (w *walk) confirmApp(br *browser) {
	found := keyIn.FindStringSubmatch(string(br.Body()))
	if found == nil {
		w.say("no key on the page: %s", br.Text())
		return
	}
	a := &app{key: strings.ReplaceAll(found[1], " ", "")}
	request := br.request()
	ok := w.give(br, a.code(time.Now()))
	// The next page says whether it was taken: a form that came too late leads back without a word.
	on := ok && br.Step() != "enrol_totp" && br.Step() != "otp" && br.Step() != "enrol" && br.Step() != "error" && !br.ledBack()
	w.note(br.Name, "switches the app on: %d %s", br.Status(), br.Step())
	if !on {
		w.after(br)
		return
	}
	if w.switchedOn(br, a, &proof{how: byApp, request: request, app: a}) {
		w.tally["app on"]++
	}
	w.after(br)
}

// switchedOn writes a factor into the book that a browser has just switched on, by its first proof; or says that it must not.
func (w *walk) switchedOn(br *browser, a *app, first *proof) bool {
	now := time.Now()
	a.at, first.at = now, now
	br.h.apps[a] = true
	live := br.live(&w.book.yaml, now)
	slices.SortStableFunc(live, func(a, b *sitting) int { return a.turn(first.request) - b.turn(first.request) })
	for _, s := range live {
		rests, ok := w.book.mayEnrol(s, first.request, now)
		if !ok {
			continue
		}
		born := s.born()
		s.who.app, a.rests, s.who.birth, s.who.forgot = a, rests, birth{}, now
		s.proofs = append(s.proofs, first)
		w.book.first(s, now)
		switch c := s.who.contact(a.number); {
		case a.number == "":
		case c != nil:
			c.proved = true
		default:
			c = &contact{address: a.number, proved: true, rests: now.Add(w.book.yaml.cooling)}
			if born {
				c.rests = time.Time{}
			}
			s.who.phones = append(s.who.phones, c)
		}
		return true
	}
	w.say("%s switched a factor on without a proof that allows it", br.Name)
	return false
}

// turn is when the server looks at a sitting for a page of this request. A session goes before a quarantine, which may be
// over without a word (a connection ends it), unless the request asked its owner anew and somebody else answered.
func (s *sitting) turn(request string) int {
	here := slices.ContainsFunc(s.proofs, func(p *proof) bool { return p.request == request })
	switch {
	case here && !s.waiting:
		return 0
	case here:
		return 1
	case !s.waiting:
		return 2
	}
	return 3
}

// keepReserve types one of the reserve codes on the page.
func (w *walk) keepReserve(br *browser) {
	var codes []string
	for _, m := range spareIn.FindAllStringSubmatch(string(br.Body()), -1) {
		codes = append(codes, m[1])
	}
	if len(codes) == 0 {
		return
	}
	ok := w.give(br, codes[0])
	w.note(br.Name, "keeps the reserve codes: %d", br.Status())
	for _, s := range br.live(&w.book.yaml, time.Now()) {
		if ok && s.who.app != nil && br.h.apps[s.who.app] {
			s.who.app.reserve = codes
		}
	}
	w.after(br)
}
