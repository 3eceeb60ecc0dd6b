package acr

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The space of the properties: every subset of up to three events, every person, every request.
var (
	someEvents = []Event{
		google(-4*h, "X"), partner(-4*h, "up2"), pwd(-3 * h), verified(-3 * h), totp(-3 * h), mail(-2*h, "X"),
		mail(-2*h, "Y"), own(sms(-2*h, "+39")), pwd(-1 * m), totp(-1 * m), code(-1 * m),
		here(google(-1*m, "X")), here(pwd(0)), here(totp(0)), here(mail(0, "Y")),
	}
	somePeople = []Person{
		bare, p0, p1, p0.but(weakApp), p0.but(offApp, reserve), p1.but(choice, key),
		p0.but(resetBy("X", -1*h)), p0.but(contact(Email, "Y"), linked("google"), linked("partner")),
		person(unproved("google"), contact(Email, "X"), bornHere), person(unproved("google"), contact(Email, "X"), contact(Email, "Y")),
		person(password, unproved("google")), person(linked("google"), phone, contact(Email, "X"), reserve),
		person(password, freshContact("Y", h)), p0.but(born("X", -1*h)), p0.but(recovered(-1 * h)),
		person(ever(linked("google"), "X", "Y"), ever(unproved("partner"), "Y"), contact(Email, "X"), contact(Email, "Y")),
		person(password, key, reserveMade(-1*h, 23*h)), p1.but(reserveMade(-25*h, -30*time.Second), contact(Email, "Y")),
		p0.but(since(-30 * m)), p1.but(key, reserve, since(-3*h)), person(password, refiled(Email, "X"), contact(Email, "Y")),
		p0.but(in("staff")), p1.but(in("other", "root"), key), person(linked("google"), contact(Email, "X"), contact(Email, "Y"), in("staff")), bare.but(in("lost")),
		p1.but(contact(Email, "Y"), disowned(-150*m, -30*m, "X")), p0.but(contact(Email, "Y"), added(-140*m, app), added(-140*m, key), disowned(-150*m, -30*m, "X"), lifted(-90*time.Second)),
		p0.but(contact(Email, "Y"), added(-140*m, app), said(-150*m, -5*h, "X")), p0.but(added(-140*m, contact(Email, "Y")), disowned(-150*m, -26*h)),
		person(unproved("google"), contact(Email, "X"), contact(Email, "Y"), disowned(-150*m, -5*h, "X")), person(password, added(-140*m, linked("partner")), added(-140*m, linked("google")), contact(Email, "Y"), disowned(-150*m, -5*h)),
	}
	someAsks = [][]wish{
		nil, {acr("mfa")}, {acr("mfa sfa")}, {essential("mfa")}, {essential("phr")}, {wishes("mfa")},
		{acr("phrh mfa"), bestEffort}, {acr("urn:x")}, {essential("urn:x")},
	}
	someScopes   = [][]wish{nil, {billing}, {openid, dnsOffer}, {dnsDrop}, {openid, required(dnsDrop)}, {payments}, {floor("mfa")}}
	somePrompts  = [][]wish{nil, {none}, {login}, {selecting}, {declined}, {none, declined}}
	someMaxAges  = [][]wish{nil, {maxAge(0)}, {maxAge(10 * m)}}
	somePolicies = []*Policy{std, preferred, policy(social(SocialAlways), codes(Always), lasting(1, h), func(p *Policy) { p.EverySignIn = true })}
)

// point is one point of the space.
type point struct {
	p *Policy
	r Request
	w Person
	e Evidence
}

func (c point) String() string {
	return fmt.Sprintf("\nrequest  %+v\nperson   %+v\nevidence %+v\nanswer   %s", c.r, c.w, c.e, told(c.decide()))
}

func (c point) decide() Decision { return Decide(c.p, c.r, c.w, c.e, now) }

// TestMain lets rapid try more than its hundred cases, which take a few milliseconds here.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "20000"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}

func requests() []Request {
	var all []Request
	for _, a := range someAsks {
		for _, s := range someScopes {
			for _, p := range somePrompts {
				for _, m := range someMaxAges {
					all = append(all, ask(slices.Concat(a, s, p, m)...))
				}
			}
		}
	}
	return all
}

// histories returns the ordered subsets of up to size events.
func histories(size int) [][]Event {
	all := [][]Event{nil}
	var grow func(from int, so []Event)
	grow = func(from int, so []Event) {
		if len(so) == size {
			return
		}
		for i := from; i < len(someEvents); i++ {
			next := append(slices.Clone(so), someEvents[i])
			all = append(all, next)
			grow(i+1, next)
		}
	}
	grow(0, nil)
	return all
}

// TestPropertiesEverywhere walks the whole space of single events, and a fixed sample of that of two and three.
func TestPropertiesEverywhere(t *testing.T) {
	all := requests()
	n := 0
	for hi, history := range histories(3) {
		for wi, w := range somePeople {
			for ri, r := range all {
				if len(history) > 2 && (hi+7*wi+13*ri)%401 != 0 || len(history) == 2 && (hi+7*wi+13*ri)%13 != 0 {
					continue
				}
				for pi, p := range somePolicies {
					if pi > 0 && (hi+wi+ri)%13 != 0 {
						continue
					}
					c := point{p, r, w, saw(history...)}
					if (hi+ri)%11 == 0 {
						c.e.Quarantine = true
					}
					n++
					if err := c.check(); err != nil {
						t.Fatalf("%v%v", err, c)
					}
				}
			}
		}
	}
	t.Logf("%d cases", n)
}

func TestPropertiesAtRandom(t *testing.T) {
	all := requests()
	rapid.Check(t, func(rt *rapid.T) {
		c := point{
			p: rapid.SampledFrom(somePolicies).Draw(rt, "policy"),
			r: rapid.SampledFrom(all).Draw(rt, "request"),
			w: rapid.SampledFrom(somePeople).Draw(rt, "person").but(),
			e: saw(),
		}
		for range rapid.IntRange(0, 7).Draw(rt, "events") {
			e := rapid.SampledFrom(someEvents).Draw(rt, "event")
			e.At = now.Add(-time.Duration(rapid.IntRange(0, 40000).Draw(rt, "ago")) * time.Second)
			if rapid.Bool().Draw(rt, "here") {
				e.Request = thisRequest
			}
			e.UserVerified = e.Method == Passkey && rapid.Bool().Draw(rt, "verified")
			e.Resting = e.Method == Recovery && rapid.Bool().Draw(rt, "resting")
			c.e.Events = append(c.e.Events, e)
		}
		for _, more := range rapid.SliceOfN(rapid.SampledFrom([]trait{app, key, phone, texts, weakCall, reserve, choice, bornHere, resetBy("Y", -2*h), born("X", -2*h), recovered(-3 * h), contact(WhatsApp, "+39"), freshContact("F", h), since(-1 * h), since(-1 * m), disowned(-2*h, -1*h, "X"), disowned(-4*h, -30*m, "Y"), said(-9*h, -5*h), said(-1*h, -24*h-30*m, "X"), lifted(-10 * m), added(-90*m, key), added(-90*m, contact(Email, "Z")), in("staff"), in("root", "staff"), in("lost")}), 0, 3).Draw(rt, "traits") {
			more(&c.w)
		}
		c.r.Scopes = append(slices.Clone(c.r.Scopes), Scope{
			Name:    "extra",
			Level:   rapid.SampledFrom([]string{"", "sfa", "mfa", refeds, "phr", "gone"}).Draw(rt, "floor"),
			MaxAge:  time.Duration(rapid.IntRange(0, 3000).Draw(rt, "scope max_age")) * time.Second,
			OnUnmet: rapid.SampledFrom([]OnUnmet{"", StepUp, Offer, Drop}).Draw(rt, "on_unmet"),

			Required: rapid.Bool().Draw(rt, "required"),
		})
		if err := c.check(); err != nil {
			rt.Fatalf("%v%v", err, c)
		}
	})
}

// check is all that must hold everywhere.
func (c point) check() error {
	d := c.decide()
	for _, property := range []func(point, Decision) error{
		shape, silence, quarantineGrantsNothing, floorsAreProved, nothingIsClaimedUnproved, freshAsAsked, nothingLowersAFloor,
		requiredIsGranted, retypingRenewsNothing, refreshNeverRises, leadsSomewhere, enrolsBehindAProof, explained,
		freezeGivesNothing, freezeIsLiftedByItsProof,
	} {
		if err := property(c, d); err != nil {
			return err
		}
	}
	return nil
}

func shape(c point, d Decision) error {
	switch d.Outcome {
	case Satisfied:
		if !d.Granted.Valid() || d.Error != "" || len(d.Options) > 0 || d.Granted.Subject() != c.w.ID || d.Granted.Version() != c.e.Version {
			return fmt.Errorf("satisfied, but malformed")
		}
		return nil
	case Refused:
		if d.Error == "" || len(d.Options) > 0 || d.Reason == ReasonNone {
			return fmt.Errorf("refused without an error, or with options")
		}
	case AskFirst:
		if d.Reason != ReasonNoSession && len(d.Options) == 0 {
			return fmt.Errorf("asks a known person for nothing")
		}
	default:
		if len(d.Options) == 0 || d.Reason == ReasonNone || d.Target == "" {
			return fmt.Errorf("asks for nothing, or for no reason")
		}
	}
	if d.Granted.Valid() || d.Granted.Acr() != "" {
		return fmt.Errorf("granted without being satisfied")
	}
	return nil
}

func silence(c point, d Decision) error {
	if (c.r.PromptNone || c.r.Declined) && d.Outcome != Satisfied && d.Outcome != Refused {
		return fmt.Errorf("a page although none is wanted")
	}
	return nil
}

func quarantineGrantsNothing(c point, d Decision) error {
	if c.e.Quarantine && (d.Outcome == Satisfied || d.Outcome == AskFirst) {
		return fmt.Errorf("a quarantine leads past the second step")
	}
	return nil
}

// proved is a second, plainer reading of the policy: how far do these events of this person go?
func (c point) proved(events []Event) int {
	level, first, independentOf := -1, 0, func(address string) bool {
		if address == "" {
			return true
		}
		for _, b := range events {
			id := c.w.identity(b.Credential)
			if b.First() && !slices.Contains(b.Reported, address) && (id == nil || !slices.Contains(id.Reported, address)) {
				return true
			}
		}
		return false
	}
	for _, e := range events {
		if e.First() {
			first++
			level = max(level, 0)
		}
	}
	if first == 0 {
		return -1
	}
	for _, e := range events {
		if !e.At.After(c.w.SecondSince) {
			continue // once dead, evidence stays dead: it is a first step and no more
		}
		if c.doubted(e) {
			continue
		}
		strong, preferred := true, c.p.IndependentPreferred && !c.w.Freeze.Holds(e.At)
		for _, f := range c.w.Factors {
			if f.ID == e.Credential && e.At.Before(f.RestsUntil) {
				strong = preferred
			}
		}
		switch {
		case e.Method == Recovery && (e.Resting || e.At.Before(c.w.RecoveryRestsUntil)), e.Method == Recovery && !slices.ContainsFunc(c.w.Factors, func(f Factor) bool {
			return !e.At.Before(f.RestsUntil) && !c.came(f.Since, e.At)
		}):
			strong = preferred
		case e.Address != "" && !e.Own && c.barred() && c.p.ContactCodes != Always:
			continue
		case e.Address != "" && !e.Own && !c.w.BornHere && slices.ContainsFunc(c.w.Contacts, func(x Contact) bool {
			return x.Address == e.Address && (e.At.Before(x.RestsUntil) || e.At.Before(c.w.RestsUntil))
		}):
			continue
		}
		if e.Address != "" && e.Address == c.w.PasswordVia && e.At.Before(c.w.PasswordViaUntil) {
			strong = strong && preferred
		}
		strong = strong && (independentOf(e.Address) || preferred)
		switch {
		case e.Method == Passkey && e.UserVerified && strong:
			level = max(level, 2)
		case e.Method == Social && e.UpstreamAcr == "up2" && !c.w.Freeze.Holds(e.At):
			level = max(level, 1)
		case e.Method != Password && e.Method != Social && strong && (e.Method != Passkey || first > 1):
			level = max(level, 1)
		}
	}
	return level
}

// came: whatever the person has since then came between an act that was disowned and the end of the freeze, and is as good as not
// there at t.
func (c point) came(since, t time.Time) bool {
	z, end := c.w.Freeze, c.w.Freeze.Until
	if !z.Lifted.IsZero() && z.Lifted.Before(end) {
		end = z.Lifted
	}
	return t.Before(z.Until) && !since.Before(z.Since) && since.Before(end)
}

// doubted: a freeze lets the event count for nothing.
func (c point) doubted(e Event) bool {
	switch {
	case e.Method == Recovery:
		return c.came(c.w.RecoveryMade, e.At) || c.w.RecoveryMade.IsZero() && c.w.Freeze.Holds(e.At)
	case e.Own:
		return slices.ContainsFunc(c.w.Factors, func(f Factor) bool { return f.ID == e.Credential && c.came(f.Since, e.At) })
	case e.Address != "":
		return c.w.Freeze.Holds(e.At) && slices.Contains(c.w.Freeze.Via, e.Address) ||
			slices.ContainsFunc(c.w.Contacts, func(x Contact) bool { return x.ID == e.Credential && c.came(x.Since, e.At) })
	}
	return false
}

// barred: a factor stands between the person and codes to contacts. One that came since an act that was disowned behind a link
// does not.
func (c point) barred() bool {
	return slices.ContainsFunc(c.w.Factors, func(f Factor) bool {
		return c.w.Freeze.Mailed.IsZero() || f.Since.Before(c.w.Freeze.Mailed) || !c.came(f.Since, now)
	})
}

// freezeGivesNothing: whoever has a session and says "it was not me" gets no further than without.
func freezeGivesNothing(c point, _ Decision) error {
	if !c.w.Freeze.Mailed.IsZero() || c.w.Freeze.Until.IsZero() {
		return nil
	}
	without := c
	without.w.Freeze = Freeze{}
	held := func(c point) int { return weigh(c.p, &c.r, &c.w, c.e.Events, now, false).held }
	switch {
	case held(c) > held(without):
		return fmt.Errorf("without the freeze: level %d", held(without))
	case Connects(c.p, c.r, c.w, c.e, now) && !Connects(c.p, c.r, without.w, c.e, now):
		return fmt.Errorf("a login is connected by the freeze")
	case LiftsTaint(c.p, c.w, c.e, now) && !LiftsTaint(c.p, without.w, c.e, now):
		return fmt.Errorf("a taint is lifted by the freeze")
	case !NewFactorRests(c.p, c.w, c.e, now) && NewFactorRests(c.p, without.w, c.e, now):
		return fmt.Errorf("a factor counts by the freeze")
	}
	return nil
}

// freezeIsLiftedByItsProof: while it holds, a level above the lowest is proved by nothing that would not lift it.
func freezeIsLiftedByItsProof(c point, d Decision) error {
	z := c.w.Freeze
	if d.Outcome != Satisfied || !z.Holds(now) || c.p.index(d.Granted.level) == 0 || slices.ContainsFunc(d.Granted.events, func(e Event) bool { return !z.Holds(e.At) || !e.At.After(c.w.SecondSince) }) {
		return nil
	}
	if !LiftsFreeze(c.p, c.w, c.e, now) {
		return fmt.Errorf("a level on what lifts no freeze")
	}
	return nil
}

// exists: the credential of the event is still the person's.
func (c point) exists(e Event) bool {
	switch {
	case e.Method == Password:
		return c.w.HasPassword
	case e.Method == Social:
		return slices.ContainsFunc(c.w.Identities, func(id Identity) bool { return id.Key == e.Credential })
	case e.Method == Recovery:
		return len(c.w.Factors) > 0
	case e.Own:
		return slices.ContainsFunc(c.w.Factors, func(f Factor) bool {
			return f.ID == e.Credential && !f.Disabled && (f.Method == e.Method || slices.Contains(f.Channels, e.Method))
		})
	}
	return slices.ContainsFunc(c.w.Contacts, func(x Contact) bool { return x.ID == e.Credential && x.Address == e.Address })
}

func floorsAreProved(c point, d Decision) error {
	if d.Outcome != Satisfied {
		return nil
	}
	need := c.p.floor(c.r.ClientFloor)
	for _, sc := range c.r.Scopes {
		if slices.Contains(d.Granted.Scopes(), sc.Name) {
			need = max(need, c.p.floor(sc.Level))
		} else if sc.OnUnmet != Offer && sc.OnUnmet != Drop {
			return fmt.Errorf("a step_up scope was left out")
		}
	}
	for _, group := range c.w.Groups {
		need = max(need, c.p.floor(c.p.GroupFloors[group]))
	}
	if c.w.EverySignIn || c.p.EverySignIn && len(c.w.Factors) > 0 {
		need = max(need, 1)
	}
	for i, e := range c.e.Events {
		if e.Method == Social && i == 0 && c.exists(e) && (c.p.Social == SocialAlways || !c.w.identity(e.Credential).Proved || c.came(c.w.identity(e.Credential).Since, now)) {
			need = max(need, 1)
		}
	}
	if got := c.proved(d.Granted.events); got < need {
		return fmt.Errorf("proved level %d below floor %d", got, need)
	}
	return nil
}

func nothingIsClaimedUnproved(c point, d Decision) error {
	if d.Outcome != Satisfied {
		return nil
	}
	g := d.Granted
	level := c.p.index(g.Acr())
	if c.p.name(level) != g.level || c.proved(g.events) < level {
		return fmt.Errorf("acr is not proved")
	}
	allowed := map[string]bool{}
	timed := false
	for _, e := range g.events {
		if !c.exists(e) || !slices.ContainsFunc(c.e.Events, func(x Event) bool { return x.ID == e.ID && x.At.Equal(e.At) }) {
			return fmt.Errorf("an event that is not there")
		}
		lifts := e.Method != Password && (e.Method != Social || e.UpstreamAcr != "")
		timed = timed || e.At.Equal(g.authTime) && (level == 0 || lifts)
		switch e.Method {
		case Password:
			allowed["pwd"] = true
		case Passkey:
			allowed["pop"], allowed["user"], allowed["hwk"] = true, true, e.Hardware
		case TOTP, Recovery:
			allowed["otp"] = true
		case SMS:
			allowed["sms"], allowed["mca"] = true, true
		case Email, WhatsApp:
			allowed["otp"], allowed["mca"] = true, true
		}
	}
	strict, alone := c, *c.p
	strict.p, alone.IndependentPreferred = &alone, false // whatever the policy lets count, mfa is claimed of independent steps only
	allowed["mfa"] = strict.proved(g.events) >= 1
	for _, name := range g.Amr() {
		if !allowed[name] {
			return fmt.Errorf("amr %s has nothing behind it", name)
		}
	}
	if !timed {
		return fmt.Errorf("auth_time is that of no event of the level")
	}
	if !slices.IsSorted(g.Amr()) {
		return fmt.Errorf("amr is not sorted")
	}
	if !g.Until().IsZero() && !g.Until().After(now) {
		return fmt.Errorf("granted for no time at all")
	}
	return nil
}

func freshAsAsked(c point, d Decision) error {
	if d.Outcome != Satisfied {
		return nil
	}
	inside := slices.ContainsFunc(d.Granted.events, func(e Event) bool { return e.Request == thisRequest })
	if c.r.PromptLogin && !inside {
		return fmt.Errorf("prompt=login, and nobody was asked")
	}
	if c.r.MaxAge != nil && !inside && (*c.r.MaxAge == 0 || now.Sub(d.Granted.authTime) > *c.r.MaxAge) {
		return fmt.Errorf("older than max_age")
	}
	if c.r.Select && !slices.ContainsFunc(c.e.Events, func(e Event) bool { return e.First() && e.Request == thisRequest }) {
		return fmt.Errorf("prompt=select_account, and nobody was chosen")
	}
	return nil
}

// nothingLowersAFloor: where the floors alone ask or refuse, no parameter of the request turns that into a grant. Only
// offered scopes may be left out when nobody is asked or the person said no.
func nothingLowersAFloor(c point, d Decision) error {
	if d.Outcome != Satisfied {
		return nil
	}
	plain := c
	plain.r = Request{ID: thisRequest, ClientFloor: c.r.ClientFloor}
	for _, sc := range c.r.Scopes {
		if sc.OnUnmet != Offer || sc.Required {
			plain.r.Scopes = append(plain.r.Scopes, sc)
		}
	}
	if bare := plain.decide(); bare.Outcome != Satisfied {
		return fmt.Errorf("the floors alone say %s", told(bare))
	}
	return nil
}

// requiredIsGranted: no answer leaves out what the client requires, and only a refusal names it as lacking.
func requiredIsGranted(c point, d Decision) error {
	for _, sc := range c.r.Scopes {
		if sc.Required && d.Outcome == Satisfied && !slices.Contains(d.Granted.Scopes(), sc.Name) {
			return fmt.Errorf("an answer without %s", sc.Name)
		}
	}
	for _, name := range d.Lacks {
		if d.Outcome != Refused || !slices.ContainsFunc(c.r.Scopes, func(sc Scope) bool { return sc.Name == name && sc.Required }) {
			return fmt.Errorf("%s lacks, and is not required", name)
		}
	}
	return nil
}

// retypingRenewsNothing: a password typed now is never the time of a level above the lowest. (It may make an older step the
// second one that was not before: a touched passkey, a code to the mailbox of the provider. The time is then that step's.)
func retypingRenewsNothing(c point, d Decision) error {
	if !c.w.HasPassword {
		return nil
	}
	later := now.Add(time.Second)
	typed := at(time.Second, Event{Method: Password, Request: thisRequest})
	again := c.e
	again.Events = append(slices.Clone(c.e.Events), typed)
	for _, level := range []string{"mfa", "phr"} {
		before, ok := proved(c, c.e, level, later)
		after, _ := proved(c, again, level, later)
		if after.Equal(typed.At) || ok && after.Before(before) {
			return fmt.Errorf("a retyped password moved the time of %s", level)
		}
	}
	return nil
}

// proved is when a session last proved a level, if it holds it.
func proved(c point, e Evidence, level string, at time.Time) (time.Time, bool) {
	s, l := weigh(c.p, &Request{}, &c.w, e.Events, at, false), c.p.index(level)
	if e.Quarantine || e.Session == "" || c.w.nobody() || l > s.held || l == len(c.p.Levels) {
		return time.Time{}, false
	}
	return s.levels[l].at, true
}

// refreshNeverRises: a refresh on the spot changes nothing, and one after the last factor is gone, or after anything was
// taken away, claims no more.
func refreshNeverRises(c point, d Decision) error {
	if d.Outcome != Satisfied {
		return nil
	}
	frozen := d.Granted.Freeze(c.r)
	r := Renew(c.p, frozen, terms(c.r), c.w, now)
	if r.Error != "" || !r.AuthStands || !slices.Equal(r.Scopes, d.Granted.Scopes()) {
		return fmt.Errorf("a refresh on the spot says %s", renewed(r))
	}
	w := c.w.but(func(p *Person) { p.Factors, p.Contacts = nil, nil })
	if r := Renew(c.p, frozen, terms(c.r), w, now); r.AuthStands && c.p.index(frozen.Level) > 0 && !slices.ContainsFunc(frozen.Events, func(e Event) bool { return e.UpstreamAcr != "" }) {
		return fmt.Errorf("a level outlives all its factors")
	}
	// Who comes into a group later needs its floor at once.
	if r := Renew(c.p, frozen, terms(c.r), c.w.but(in("root")), now); r.Error == "" && c.proved(frozen.Events) < c.p.floor(c.p.GroupFloors["root"]) {
		return fmt.Errorf("a refresh below the floor of a group")
	}
	if r := Renew(c.p, frozen, terms(c.r), c.w.but(since(0)), now); r.AuthStands && c.p.index(frozen.Level) > 0 {
		return fmt.Errorf("a level outlives what the person took away")
	}
	return nil
}

// enrolsBehindAProof (Q60): who has no factor switches one on only after a code of the last minutes to an address that
// neither rests nor (unless dependent codes count, or it is that of the invitation, Q61) is in the hand of whoever holds
// the first step. Accounts born in this very request are free to. With a factor it takes that factor.
func enrolsBehindAProof(c point, d Decision) error {
	if d.Outcome != AskEnrol && len(d.Enrol) == 0 && len(MayEnrol(c.p, c.r, c.w, c.e, now)) == 0 {
		return nil
	}
	if c.w.BornHere && len(c.w.Factors) == 0 && !c.w.Freeze.Holds(now) {
		return nil
	}
	for _, e := range c.e.Events {
		if c.exists(e) && (now.Sub(e.At) <= 5*time.Minute || e.Request == thisRequest) && c.opensEnrolment(e) {
			return nil
		}
	}
	return fmt.Errorf("a factor behind nothing")
}

// opensEnrolment: the code of this event came from a hand that the first step alone does not give.
func (c point) opensEnrolment(e Event) bool {
	if c.doubted(e) {
		return false
	}
	if c.barred() {
		return e.Own
	}
	if e.Address == "" || e.Own {
		return false
	}
	for _, x := range c.w.Contacts {
		if x.Address == e.Address && (now.Before(x.RestsUntil) || now.Before(c.w.RestsUntil)) && !c.w.BornHere {
			return false
		}
	}
	if c.p.IndependentPreferred && !c.w.Freeze.Holds(e.At) || e.Address == c.w.BirthAddress && now.Before(c.w.BirthUntil) {
		return true
	}
	reported := true
	for _, b := range c.e.Events {
		if b.First() && c.exists(b) && !slices.Contains(b.Reported, e.Address) {
			reported = false
		}
	}
	return !reported && (e.Address != c.w.PasswordVia || !now.Before(c.w.PasswordViaUntil))
}

// leadsSomewhere: completing the first option again and again ends, in four steps at most.
func leadsSomewhere(c point, d Decision) error {
	trail := told(d)
	for range 4 {
		if d.Outcome == Satisfied || d.Outcome == Refused {
			return nil
		}
		if !c.step(d) {
			return nil // nobody to sign in with
		}
		d = c.decide()
		trail += "\n   then  " + told(d)
	}
	if d.Outcome == Satisfied || d.Outcome == Refused {
		return nil
	}
	return fmt.Errorf("no end:\n         %s", trail)
}

// step does what a person and the pages do with the first option.
func (c *point) step(d Decision) bool {
	var o Option
	switch {
	case len(d.Options) > 0:
		o = d.Options[0]
	case c.w.HasPassword:
		o.Method = Password
	case len(c.w.Identities) > 0:
		o = Option{Method: Social, Credential: c.w.Identities[0].Key, Provider: c.w.Identities[0].Provider}
	case c.w.hasFactorBy(Passkey):
		o = Option{Method: Passkey, Credential: "key", Own: true}
	default:
		return false
	}
	if d.Outcome == AskFirst && len(d.Options) == 0 {
		c.e.Events = nil // a first step from nothing opens a new session
	}
	e := Event{ID: "step", Method: o.Method, Credential: o.Credential, Address: o.Address, Own: o.Own, Provider: o.Provider, UserVerified: o.Method == Passkey, At: now, Request: thisRequest}
	if d.Outcome == AskEnrol {
		f := Factor{ID: "new " + string(o.Method), Method: o.Method}
		if NewFactorRests(c.p, c.w, c.e, now) {
			f.RestsUntil = now.Add(c.p.Cooling)
		}
		c.w = c.w.but(has(f))
		e.Credential = f.ID
	}
	if i := slices.IndexFunc(c.w.Factors, func(f Factor) bool { return f.ID == o.Credential }); i >= 0 {
		e.Hardware = c.w.Factors[i].Hardware
	}
	c.e.Events = append(slices.Clone(c.e.Events), e)
	if LiftsFreeze(c.p, c.w, c.e, now) {
		c.w.Freeze.Lifted = now
	}
	if c.e.Quarantine && Proved(c.p, c.w, c.e, now) {
		c.e.Quarantine = false
		c.w = c.w.but()
		for i := range c.w.Identities {
			c.w.Identities[i].Proved = true
		}
	}
	return true
}

func TestZeroGrantedIsRefused(t *testing.T) {
	if (Granted{}).Valid() {
		t.Error("the gate would let the zero value through")
	}
	if d := Decide(std, Request{}, p0, saw(pwd(0)), now); d.Granted.Valid() {
		t.Error("a decision on no request can be turned into a code")
	}
	everything := []Event{pwd(-9 * m), google(-8*m, "X"), partner(-7*m, "up2"), verified(-6 * m), totp(-5 * m), code(-4 * m), mail(0, "X"), {}}
	for _, r := range requests() {
		if d := Decide(&Policy{}, r, p1.but(key, reserve, linked("google"), linked("partner")), saw(everything...), now); d.Outcome == Satisfied {
			t.Fatal("a policy without levels grants")
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	p, request, who, evidence := policy(), ask(openid, billing, acr("mfa"), knows("mfa")), p1, saw(pwd(-2*m), totp(-1*m))
	if d := Decide(p, request, who, evidence, now); d.Outcome != Satisfied || d.Granted.Acr() != "mfa" {
		b.Fatal(told(d))
	}
	b.ReportAllocs()
	for b.Loop() {
		Decide(p, request, who, evidence, now)
	}
}
