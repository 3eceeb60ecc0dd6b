package acr

import (
	"fmt"
	"strings"
	"time"
)

// The notation of the truth table. Time zero is now; -3*h is three hours ago.
const (
	m = time.Minute
	h = time.Hour

	thisRequest = "this"
)

var now = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// --- evidence

func at(ago time.Duration, e Event) Event {
	e.At, e.Request = now.Add(ago), "an earlier one"
	e.ID = fmt.Sprint(e.Method, ago)
	return e
}

func pwd(ago time.Duration) Event  { return at(ago, Event{Method: Password}) }
func totp(ago time.Duration) Event { return at(ago, Event{Method: TOTP, Credential: "app", Own: true}) }
func code(ago time.Duration) Event { return at(ago, Event{Method: Recovery, Own: true}) }
func mail(ago time.Duration, to string) Event {
	return at(ago, Event{Method: Email, Credential: "email:" + to, Address: to})
}
func sms(ago time.Duration, to string) Event {
	return at(ago, Event{Method: SMS, Credential: "sms:" + to, Address: to})
}
func whatsapp(ago time.Duration, to string) Event {
	return at(ago, Event{Method: WhatsApp, Credential: "sms:" + to, Address: to})
}

// own makes a code one to the person's SMS factor.
func own(e Event) Event { e.Own, e.Credential = true, "phone"; return e }

// passkey is without user verification, touched; verified is with; attested is hardware-bound too.
func passkey(ago time.Duration) Event {
	return at(ago, Event{Method: Passkey, Credential: "key", Own: true})
}
func verified(ago time.Duration) Event { e := passkey(ago); e.UserVerified = true; return e }
func attested(ago time.Duration) Event { e := verified(ago); e.Hardware = true; return e }

func google(ago time.Duration, reported ...string) Event {
	return at(ago, Event{Method: Social, Credential: "google/1", Provider: "google", Reported: reported})
}
func partner(ago time.Duration, upstream string) Event {
	return at(ago, Event{Method: Social, Credential: "partner/1", Provider: "partner", UpstreamAcr: upstream})
}
func newDevice(e Event) Event { e.NewDevice = true; return e }

// here puts an event inside the request that is decided.
func here(e Event) Event { e.Request = thisRequest; return e }

func saw(events ...Event) Evidence { return Evidence{Session: "s", Version: 7, Events: events} }

func quarantine(events ...Event) Evidence {
	return Evidence{Session: "q", Quarantine: true, Events: events}
}

// --- people

type trait func(*Person)

func person(traits ...trait) Person {
	p := Person{ID: "anna"}
	for _, t := range traits {
		t(&p)
	}
	return p
}

func (p Person) but(traits ...trait) Person {
	p.Factors = append([]Factor(nil), p.Factors...)
	p.Contacts = append([]Contact(nil), p.Contacts...)
	p.Identities = append([]Identity(nil), p.Identities...)
	p.Groups = append([]string(nil), p.Groups...)
	for _, t := range traits {
		t(&p)
	}
	return p
}

func password(p *Person) { p.HasPassword = true }
func choice(p *Person)   { p.EverySignIn = true }
func bornHere(p *Person) { p.BornHere = true }
func reserve(p *Person)  { p.RecoveryCodes = 10 }

// in puts a person into groups; policy says what they need.
func in(groups ...string) trait { return func(p *Person) { p.Groups = groups } }

func has(f Factor) trait {
	return func(p *Person) {
		for _, old := range p.Factors {
			if old.ID == f.ID {
				return
			}
		}
		p.Factors = append(p.Factors, f)
	}
}

var (
	app      = has(Factor{ID: "app", Method: TOTP})
	key      = has(Factor{ID: "key", Method: Passkey})
	hwKey    = has(Factor{ID: "key", Method: Passkey, Hardware: true})
	phone    = has(Factor{ID: "phone", Method: SMS, Address: "+39", Channels: []Method{SMS, WhatsApp}})
	texts    = has(Factor{ID: "phone", Method: SMS, Address: "+39", Channels: []Method{SMS}}) // never proved by WhatsApp
	chats    = has(Factor{ID: "phone", Method: WhatsApp, Address: "+39", Channels: []Method{WhatsApp}})
	weakApp  = has(Factor{ID: "app", Method: TOTP, RestsUntil: now.Add(23 * h)})
	ripeApp  = has(Factor{ID: "app", Method: TOTP, RestsUntil: now.Add(-5 * m)})
	offApp   = has(Factor{ID: "app", Method: TOTP, Disabled: true})
	weakCall = has(Factor{ID: "phone", Method: SMS, Address: "+39", RestsUntil: now.Add(h)})
)

// begun says when a factor was switched on; made is the app with such particulars.
func begun(ago time.Duration) func(*Factor) { return func(f *Factor) { f.Since = now.Add(ago) } }

func made(particulars ...func(*Factor)) trait {
	f := Factor{ID: "app", Method: TOTP}
	for _, p := range particulars {
		p(&f)
	}
	return has(f)
}

// reserveMade are reserve codes of that age, which rest until then.
func reserveMade(ago, rest time.Duration) trait {
	return func(p *Person) {
		p.RecoveryCodes, p.RecoveryMade = 10, now.Add(ago)
		if rest != 0 {
			p.RecoveryRestsUntil = now.Add(rest)
		}
	}
}

func contact(m Method, address string) trait {
	return func(p *Person) {
		p.Contacts = append(p.Contacts, Contact{ID: string(m) + ":" + address, Method: m, Address: address})
	}
}

// of says of what country the number is that was given last, as a contact or a factor.
func of(country string) trait {
	return func(p *Person) {
		if n := len(p.Contacts); n > 0 {
			p.Contacts[n-1].Country = country
		}
		if n := len(p.Factors); n > 0 {
			p.Factors[n-1].Country = country
		}
	}
}

func freshContact(address string, until time.Duration) trait {
	return func(p *Person) {
		p.Contacts = append(p.Contacts, Contact{ID: "email:" + address, Method: Email, Address: address, RestsUntil: now.Add(until)})
	}
}

func linked(provider string) trait {
	return func(p *Person) {
		p.Identities = append(p.Identities, Identity{Key: provider + "/1", Provider: provider, Proved: true})
	}
}

func unproved(provider string) trait {
	return func(p *Person) {
		p.Identities = append(p.Identities, Identity{Key: provider + "/1", Provider: provider})
	}
}

// refiled is a contact that was removed and added again: the same address in another row.
func refiled(m Method, address string) trait {
	return func(p *Person) { contact(m, address)(p); p.Contacts[len(p.Contacts)-1].ID += " again" }
}

// readdressed is a contact whose row got another address.
func readdressed(m Method, from, to string) trait {
	return func(p *Person) { contact(m, from)(p); p.Contacts[len(p.Contacts)-1].Address = to }
}

// since is when something of the account's second steps was last taken away.
func since(ago time.Duration) trait { return func(p *Person) { p.SecondSince = now.Add(ago) } }

// ever is a linked login whose provider once reported these addresses, whatever it reports now.
func ever(login trait, reported ...string) trait {
	return func(p *Person) { login(p); p.Identities[len(p.Identities)-1].Reported = reported }
}

func resetBy(address string, ago time.Duration) trait {
	return func(p *Person) { p.PasswordVia, p.PasswordViaUntil = address, now.Add(ago+24*h) }
}

// recovered is what the help desk leaves when it takes a factor away.
func recovered(ago time.Duration) trait {
	return func(p *Person) { p.RestsUntil = now.Add(ago + 24*h) }
}

// disowned is "it was not me", said at tapped of an act of that age behind a link that was read at via; said says it in a session,
// lifted ends it.
func disowned(act, tapped time.Duration, via ...string) trait {
	return func(p *Person) { said(act, tapped, via...)(p); p.Freeze.Mailed = p.Freeze.Since }
}

func said(act, tapped time.Duration, via ...string) trait {
	return func(p *Person) {
		p.Freeze = Freeze{Since: now.Add(act), Until: now.Add(tapped + 24*h), Via: via}
		p.SecondSince = now.Add(tapped)
	}
}

func lifted(ago time.Duration) trait { return func(p *Person) { p.Freeze.Lifted = now.Add(ago) } }

// added is how long ago the contact, login or factor that was given last came to the account.
func added(ago time.Duration, to trait) trait {
	return func(p *Person) {
		contacts, logins, factors := len(p.Contacts), len(p.Identities), len(p.Factors)
		to(p)
		for i := contacts; i < len(p.Contacts); i++ {
			p.Contacts[i].Since = now.Add(ago)
		}
		for i := logins; i < len(p.Identities); i++ {
			p.Identities[i].Since = now.Add(ago)
		}
		for i := factors; i < len(p.Factors); i++ {
			p.Factors[i].Since = now.Add(ago)
		}
	}
}

// born is an invitation to address that set the first password; resetBy goes with it.
func born(address string, ago time.Duration) trait {
	return func(p *Person) {
		resetBy(address, ago)(p)
		p.BirthAddress, p.BirthUntil = p.PasswordVia, p.PasswordViaUntil
	}
}

var (
	nobody = Person{}
	p0     = person(password, contact(Email, "X"))
	p1     = p0.but(app)
	bare   = person(password) // no factor, no contact
)

// --- requests

type wish func(*Request)

func ask(wishes ...wish) Request {
	r := Request{ID: thisRequest, Client: "panel"}
	for _, w := range wishes {
		w(&r)
	}
	return r
}

func acr(names string) wish    { return func(r *Request) { r.AcrValues = strings.Fields(names) } }
func wishes(names string) wish { return func(r *Request) { r.Wishes = strings.Fields(names) } }
func knows(names string) wish  { return func(r *Request) { r.KnownLevels = strings.Fields(names) } }
func essential(names string) wish {
	return func(r *Request) { r.HasEssential, r.Essential = true, strings.Fields(names) }
}
func floor(name string) wish          { return func(r *Request) { r.ClientFloor = name } }
func sub(id string) wish              { return func(r *Request) { r.Subject = id } }
func maxAge(d time.Duration) wish     { return func(r *Request) { r.MaxAge = &d } }
func received(ago time.Duration) wish { return func(r *Request) { r.Received = now.Add(ago) } }
func none(r *Request)                 { r.PromptNone = true }
func login(r *Request)                { r.PromptLogin = true }
func selecting(r *Request)            { r.Select = true }
func declined(r *Request)             { r.Declined = true }
func connect(r *Request)              { r.Connect = true }
func bestEffort(r *Request)           { r.BestEffort = true }

func scope(name, level string, u OnUnmet, maxAge time.Duration) wish {
	return func(r *Request) {
		r.Scopes = append(r.Scopes, Scope{Name: name, Level: level, OnUnmet: u, MaxAge: maxAge})
	}
}

// required makes it a scope without which the client takes nobody.
func required(w wish) wish {
	return func(r *Request) { w(r); r.Scopes[len(r.Scopes)-1].Required = true }
}

// terms are those of a client that may have just these scopes, with the floors as written.
func terms(r Request) Terms {
	t := Terms{Floor: r.ClientFloor, KnownLevels: r.KnownLevels, DefaultAcrValues: r.Wishes, BestEffort: r.BestEffort, Scopes: map[string]Scope{}}
	for _, sc := range r.Scopes {
		t.Scopes[sc.Name] = sc
		if sc.Required {
			t.Required = append(t.Required, sc.Name)
		}
	}
	return t
}

// defaulted are wishes that are the client's.
func defaulted(r *Request) { r.Defaulted = true }

var (
	openid   = scope("openid", "", "", 0)
	billing  = scope("billing", "mfa", StepUp, 0)
	dnsOffer = scope("dns", "mfa", Offer, 0)
	dnsDrop  = scope("dns", "mfa", Drop, 0)
	payments = scope("payments", "mfa", StepUp, 15*m)
)

// --- policies

const refeds = "https://refeds.org/profile/mfa"

// standard is a policy of everything there is: sfa < mfa < phr, a factor once switched on is asked at
// every sign-in, contact codes for people without one, a second step at the first social sign-in, independence required.
func standard() *Policy {
	return &Policy{
		Levels: []Level{
			{Name: "sfa", Kind: FirstStep},
			{Name: "mfa", Kind: SecondFactor, Second: Methods(func(f Facts) bool { return f.Second })},
			{Name: "phr", Kind: PhishingResistant},
		},
		ContactCodes: WithoutFactor,
		Social:       SocialFirstLogin,
		EverySignIn:  true,
		Cooling:      24 * time.Hour,
		Channels:     Methods(func(f Facts) bool { return f.Contact != "" }),
		Enrollable:   []Method{TOTP, Passkey},
	}
}

func policy(changes ...func(*Policy)) *Policy {
	p := standard()
	p.EverySignIn = false
	p.Levels[1].Aliases = []string{refeds}
	p.Levels = append(p.Levels, Level{Name: "phrh", Kind: HardwareBound})
	p.Providers = map[string]Provider{
		"google":  {},
		"partner": {ReauthUpstream: true, TrustAcr: map[string]string{"up2": "mfa", "up3": "phr", "gone": "unknown"}},
	}
	p.GroupFloors = map[string]string{"staff": "mfa", "root": "phr", "lost": "gone"}
	for _, c := range changes {
		c(p)
	}
	return p
}

func social(rule SocialRule) func(*Policy)     { return func(p *Policy) { p.Social = rule } }
func served(countries ...string) func(*Policy) { return func(p *Policy) { p.Countries = countries } }
func codes(c ContactCodes) func(*Policy)       { return func(p *Policy) { p.ContactCodes = c } }
func numbers(p *Policy)                        { p.Enrollable = []Method{TOTP, SMS, WhatsApp} }

// groups are floors: pairs of a group and its level.
func groups(pairs ...string) func(*Policy) {
	return func(p *Policy) {
		p.GroupFloors = map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			p.GroupFloors[pairs[i]] = pairs[i+1]
		}
	}
}
func second(methods ...Method) func(*Policy) { return func(p *Policy) { p.Levels[1].Second = methods } }
func lasting(level int, d time.Duration) func(*Policy) {
	return func(p *Policy) { p.Levels[level].Lasts = d }
}
func providerFloor(level string) func(*Policy) {
	return func(p *Policy) { p.Providers["google"] = Provider{Floor: level} }
}

var (
	std       = policy()
	preferred = policy(func(p *Policy) { p.IndependentPreferred = true })
	whenOwn   = policy(func(p *Policy) { p.EverySignIn = true })
	mfaHour   = policy(lasting(1, h))
)

// --- answers

// told writes a decision the way the table's last column does:
//
//	ok mfa [mfa otp pwd] t=-1m +billing until=14m by=email idp=google
//	second totp email:X? because scope_floor billing, free passkey, or without
//	interaction_required because acr_asked
//	access_denied because declined dns -dns
//
// -dns is a scope that the client requires. A question mark marks an option that is not independent; "or without" offers to continue without the scopes, "or less"
// says that declining leads on.
func told(d Decision) string {
	var b strings.Builder
	write := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	switch d.Outcome {
	case Satisfied:
		g := d.Granted
		write("ok %s %v t=%s", g.Acr(), g.Amr(), ago(g.authTime))
		for _, s := range g.Scopes() {
			write(" +%s", s)
		}
		if !g.Until().IsZero() {
			write(" until=%s", ago(g.Until()))
		}
		if len(g.Channels()) > 0 {
			write(" by=%s", strings.Join(g.Channels(), ","))
		}
		if g.IDP() != "" {
			write(" idp=%s", g.IDP())
		}
		return b.String()
	case Refused:
		write("%s", d.Error)
	case AskFirst:
		write("first")
	case AskSecond:
		write("second")
	case AskEnrol:
		write("enrol")
	}
	for _, o := range d.Options {
		write(" %s", o.Method)
		switch {
		case o.Address != "":
			write(":%s", o.Address)
		case o.Provider != "":
			write(":%s", o.Provider)
		}
		if !o.Independent {
			write("?")
		}
	}
	write(" because %s", d.Reason)
	for _, s := range d.Scopes {
		write(" %s", s)
	}
	for _, s := range d.Lacks {
		write(" -%s", s)
	}
	if d.Outcome != AskEnrol && len(d.Enrol) > 0 {
		write(", free")
		for _, m := range d.Enrol {
			write(" %s", m)
		}
	}
	switch {
	case d.Offer:
		write(", or without")
	case d.Decline:
		write(", or less")
	}
	return b.String()
}

func ago(t time.Time) string {
	d := t.Sub(now)
	if d == 0 {
		return "0"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
