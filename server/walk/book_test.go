package walk

import (
	"slices"
	"strings"
	"time"
)

// book is everything that happened, as the actors know it.
type book struct {
	yaml   yaml
	people []*person
	logins []*login
	sits   []*sitting
	grants []*grant
}

// person is an account.
type person struct {
	name     string // user name
	sub      string // "" until the first token tells
	external string // id at the operator's own system; "" = none
	password string // "" = none
	from     tainted
	contacts []*contact
	phones   []*contact // numbers
	app      *app
	disabled bool
	forgot   time.Time // when remembered browsers were last forgotten
	second   time.Time // when a factor was last removed, a login unlinked, or the person said "not me"
	birth    birth
	frozen   frozen
}

// frozen is what "it was not me" left, while it counts.
type frozen struct {
	act    time.Time // when the notice came that was answered, of several the first
	tapped time.Time // when it was answered, of several the first
	until  time.Time
	via    []string // the mailboxes in which
}

// freeze is "it was not me", said in a mailbox to a notice of then.
func (b *book) freeze(p *person, mailbox string, act, now time.Time) {
	z := &p.frozen
	if !now.Before(z.until) {
		*z = frozen{act: act, tapped: now}
	}
	if act.Before(z.act) {
		z.act = act
	}
	z.until, z.via = now.Add(b.yaml.cooling), append(z.via, mailbox)
}

// bars reports whether a factor stands between the person and codes to contacts. One that came since the act may not.
func (p *person) bars(now time.Time) bool {
	return p.app != nil && (!now.Before(p.frozen.until) || p.app.at.Before(p.frozen.act.Add(-10*time.Minute)))
}

// tainted is the mailbox through which the password was set, while that counts.
type tainted struct {
	mailbox   string
	at, until time.Time
}

// birth is an invitation whose first password is young.
type birth struct {
	mailbox string
	until   time.Time
}

// contact is an address of a person. Removed and added again it is another one.
type contact struct {
	address string
	rests   time.Time // opens nothing before
	proved  bool
}

// app is what somebody switched on, an authenticator app or a number, with its reserve codes.
type app struct {
	number   string       // "" = an app
	channels map[how]bool // of a number: those through which a code was entered once
	key      string
	at       time.Time
	rests    time.Time // counts as no independent factor before
	reserve  []string
	spent    []string // reserve codes that were used
	disabled bool
}

// login is somebody's account at the social provider.
type login struct {
	subject string
	of      *person
	linked  time.Time
	proved  bool
	may     []*person // to whom the server may have connected it meanwhile
	since   time.Time // and since when, the first of them
	told    []report
}

// report is an address that the provider told of a login.
type report struct {
	address string
	at      time.Time
}

// how is what somebody did.
type how string

const (
	byPassword how = "password"
	bySocial   how = "social"
	byApp      how = "app"
	byReserve  how = "reserve"
	byMail     how = "mail"
	byText     how = "sms"
	byChat     how = "whatsapp"
)

// proof is one thing somebody did right.
type proof struct {
	how     how
	at      time.Time
	request string // of which page
	login   *login
	app     *app
	contact *contact
}

// sent reports whether it was a code that was sent.
func (p *proof) sent() bool { return p.how == byMail || p.how == byText || p.how == byChat }

func (p *proof) first() bool { return p.how == byPassword || p.how == bySocial }

// sitting is somebody signed in at a browser.
type sitting struct {
	who     *person
	at      time.Time
	active  time.Time // last activity
	ended   bool
	waiting bool // a first social sign-in whose second step is missing
	proofs  []*proof
}

func (s *sitting) alive(y *yaml, now time.Time) bool {
	return !s.ended && now.Before(s.at.Add(y.absolute)) && now.Before(s.active.Add(y.idle))
}

// touch notes activity.
func (s *sitting) touch(y *yaml, now time.Time) {
	if s.alive(y, now) {
		s.active = now
	}
}

// grant is what a panel holds.
type grant struct {
	panel   string
	who     *person
	sit     *sitting
	proofs  []*proof // as they were when it was given
	scopes  []string
	offline bool
	at      time.Time
	ended   bool
	acr     string
	amr     string
	time    int64
}

// endAll ends whatever could act for a person. A social sign-in whose second step is missing is none yet, and goes on.
func (b *book) endAll(p *person) {
	p.forgot = time.Now()
	for _, s := range b.sits {
		if s.who == p && !s.waiting {
			s.ended = true
		}
	}
	for _, g := range b.grants {
		if g.who == p {
			g.ended = true
		}
	}
}

// setPassword is a password set through a mailbox. owned: by somebody who had just proved an own factor; known: the old password.
func (b *book) setPassword(p *person, word, mailbox string, owned *proof, known bool, now time.Time) {
	switch {
	case owned != nil && owned.app == p.app && owned.app.at.Before(p.from.at) && !owned.at.Before(owned.app.rests), owned != nil && p.from.mailbox == "":
		p.from = tainted{}
	case owned != nil || known: // what there was, stays
	default:
		p.from = tainted{mailbox, now, now.Add(b.yaml.cooling)}
	}
	p.password, p.birth = word, birth{}
	if c := p.contact(mailbox); c != nil { // whoever follows the link reads that mailbox (Q26)
		c.proved = true
	}
	b.endAll(p)
}

// removeApp is the app switched off by its owner.
func (b *book) removeApp(p *person, now time.Time) {
	p.app, p.second, p.forgot, p.birth = nil, now, now, birth{}
	for _, l := range b.logins {
		if l.of == p || slices.Contains(l.may, p) {
			l.proved = false
		}
	}
}

// addContact files an address with an account that is in use.
func (b *book) addContact(p *person, address string, now time.Time) {
	p.contacts = append(p.contacts, &contact{address: address, rests: now.Add(b.yaml.cooling)})
	p.birth = birth{}
}

func (p *person) contact(address string) *contact {
	for _, c := range slices.Concat(p.contacts, p.phones) {
		if c.address == address {
			return c
		}
	}
	return nil
}

// has reports whether a contact is still the person's.
func (p *person) has(c *contact) bool {
	return slices.Contains(p.contacts, c) || slices.Contains(p.phones, c)
}

// sameMailbox compares addresses as mailboxes: case, sub-addresses, and the provider that ignores dots.
func sameMailbox(a, b string) bool { return mailbox(a) == mailbox(b) }

func mailbox(a string) string {
	local, host, _ := strings.Cut(strings.ToLower(a), "@")
	local, _, _ = strings.Cut(local, "+")
	if host == "googlemail.com" {
		host = "gmail.com"
	}
	if host == "gmail.com" {
		local = strings.ReplaceAll(local, ".", "")
	}
	return local + "@" + host
}
