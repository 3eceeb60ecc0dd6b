package walk

import (
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// settle makes the people.
func (w *walk) settle() {
	w.settlePanels()
	owner := func(p *servertest.Person, email string) *human {
		acc := &person{name: p.Username, sub: p.ID, password: p.Password, contacts: []*contact{{address: p.Email, proved: p.Verified}}}
		h := &human{name: p.Username, who: acc, word: p.Password, reads: map[string]bool{p.Email: true, p.Username + "@zeta.test": true}, apps: map[*app]bool{}}
		if p.Key != "" {
			acc.app = &app{key: p.Key, at: time.Now().Add(-2 * time.Hour)}
			h.apps[acc.app] = true
		}
		if email != "" {
			h.login, h.email = w.login(p.Username), email
		}
		w.join(h, acc, 2)
		return h
	}
	dora := owner(w.U2, w.U2.Email)
	vera := owner(w.V, "Vera+g@bianchi.test")
	ugo := owner(w.U1, "")
	gaia := &human{name: "gaia", reads: map[string]bool{"gaia@posta.test": true, "gaia@lavoro.test": true}, apps: map[*app]bool{}, login: w.login("gaia"), email: "gaia@posta.test"}
	w.join(gaia, nil, 1)
	for _, h := range []*human{dora, vera, ugo} {
		w.join(&human{name: "thief-of-" + h.name, thief: true, who: h.who, word: h.word, apps: map[*app]bool{}}, nil, 1)
	}
	w.join(&human{name: "reader-of-vera", thief: true, who: vera.who, reads: map[string]bool{w.V.Email: true}, apps: map[*app]bool{}}, nil, 1)
	for i, h := range []*human{dora, vera, ugo, gaia} {
		w.numbered(h, 101+i, byText, byChat)
	}
	for _, h := range []*human{dora, vera} { // imported with a number
		w.OnFile(map[*human]*servertest.Person{dora: w.U2, vera: w.V}[h], h.number)
		h.who.phones = append(h.who.phones, &contact{address: h.number})
	}
	// Numbers are given anew, and their former owners may keep the WhatsApp of them.
	for _, h := range []*human{vera, ugo} {
		former := &human{name: "former-owner-of-" + h.name + "s-number", thief: true, who: h.who, word: h.word, apps: map[*app]bool{}}
		w.join(former, nil, 1)
		w.numbered(former, 0, byChat)
		former.number = h.number
		h.gets[byChat] = h == vera // hers is shared; his the other one has alone
	}
	w.newCustomer()
}

func (w *walk) login(subject string) *login {
	l := &login{subject: subject}
	w.book.logins = append(w.book.logins, l)
	return l
}

func (w *walk) join(h *human, p *person, browsers int) {
	w.humans = append(w.humans, h)
	if p != nil {
		w.book.people = append(w.book.people, p)
	}
	for i := range browsers {
		w.browsers = append(w.browsers, w.browser(h, fmt.Sprintf("b%d", i+1)))
	}
}

func (w *walk) browser(h *human, name string) *browser {
	return &browser{Browser: w.Browser(h.name + "/" + name), h: h}
}
