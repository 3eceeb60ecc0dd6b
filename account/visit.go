package account

import (
	"net/http"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/contact"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// fresh is how old the second step of a change may be (docs/security.md, numbers).
const fresh = 5 * time.Minute

// visit is one signed-in browser at one of the pages.
type visit struct {
	*Pages
	cur  *session.Current
	now  time.Time
	cfg  *config.Config
	back *templates.PanelLink // to the panel that the person came from; nil = none
}

// page answers within a visit.
type page func(w http.ResponseWriter, r *http.Request, v *visit) error

// load finds who is there. A quarantine is nobody.
func (p *Pages) load(r *http.Request) (*visit, error) {
	v := &visit{Pages: p, now: p.Store.Now().UTC().Truncate(time.Microsecond), cfg: p.Config()}
	var err error
	v.cur, err = session.Load(r.Context(), p.Store, p.Site.Cookies.Session(r), v.now)
	return v, err
}

// inside lets a page answer those who are inside: signed in, and with the second step that each sign-in of theirs needs.
func (p *Pages) inside(answer page) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := p.load(r)
		if err != nil {
			return err
		}
		v.back = p.from(w, r, v.cfg)
		if d := v.decide(seeing); d.Outcome != acr.Satisfied {
			return v.ask(w, r, d, "overview")
		}
		if err := v.shows(w, r); err != nil {
			return err
		}
		if web.Navigation(r) { // pages are activity (docs/conventions.md)
			if err := v.cur.Touch(r.Context(), p.Store, v.limits(), v.now); err != nil {
				return err
			}
		}
		return answer(w, r, v)
	}
}

// shows refuses a form whose page showed another account: somebody else signed in from another tab since.
func (v *visit) shows(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		return nil
	}
	same, err := v.Site.Shows(w, r, "account", v.cur.Person.ID)
	if err == nil && !same {
		return web.ErrOtherAccount
	}
	return err
}

// limits are the session's limits of the configuration in force.
func (v *visit) limits() session.Limits {
	return session.LimitsOf(v.cfg)
}

// wish is what a page wants of the session.
type wish struct {
	second    bool          // a second step of this session; false = what every sign-in of this person needs
	maxAge    time.Duration // a second step no older than this; 0 = of any age
	ownFactor bool          // and that by an own factor or a reserve code
	// notResting leaves out factors that rest, whatever the operator lets count: one that was switched on a moment ago with a
	// mailed code must not be enough to remove another factor, or to replace reserve codes that somebody has printed.
	notResting bool
	// only is the id of the one factor whose proof counts, or a reserve code in its place, and only where it was given for act:
	// what a sign-in proved a moment ago says nothing of who sits there now, and a swap asks for nothing else of its owner.
	only, act string
	// without is the id of a contact that is being changed: no code to it, or to the same mailbox under another name, proves that.
	without string
	// settles is the id of a resting contact that is to settle before its time: what is younger, rests too, or is the one on
	// whose word it came says nothing for it (contact.Settles).
	settles string
}

var (
	seeing   = wish{}
	reading  = wish{second: true}
	changing = wish{maxAge: fresh}
	choosing = wish{maxAge: fresh, ownFactor: true}
	owning   = wish{maxAge: fresh, ownFactor: true, notResting: true}
)

// besides is the wish behind a change of one contact, settling the one behind letting it settle before its time.
func besides(contact string) wish  { return wish{maxAge: fresh, without: contact} }
func settling(contact string) wish { return wish{maxAge: fresh, settles: contact, notResting: true} }

// finishing is the wish of the form that ends what w let begin: scanning a QR code and writing down codes take a while.
func finishing(w wish) wish {
	w.maxAge *= 3
	return w
}

// decide asks the one decision. The request has an id that no event bears: in an account no step is fresh by having
// happened "inside this request", only by the clock.
func (v *visit) decide(w wish) acr.Decision {
	r := acr.Request{ID: secret.NewID(), Received: v.now, Client: "account"}
	evidence := v.evidence(w)
	person := v.cur.AcrPerson(v.cfg)
	if w.second || w.maxAge > 0 {
		r.ClientFloor = v.secondFactorLevel()
		person.Groups = nil // of their floors inside judges, by all that the session holds: a wish may look at less
	}
	if w.maxAge > 0 {
		r.MaxAge = &w.maxAge
	}
	policy := v.cfg.Policy
	if w.notResting && policy.IndependentPreferred {
		strict := *policy
		strict.IndependentPreferred = false
		policy = &strict
	}
	d := acr.Decide(policy, r, person, evidence, v.now)
	if w.without != "" || w.settles != "" {
		d.Options = slices.DeleteFunc(d.Options, func(o acr.Option) bool { return !v.speaks(w, o.Method, o.Credential, o.Own) })
		if d.Outcome == acr.AskSecond && len(d.Options) == 0 {
			d = acr.Decision{Outcome: acr.Refused, Error: acr.ErrUnmet, Reason: acr.ReasonUnreachable}
		}
	}
	if w.ownFactor {
		// Removing a factor costs as much as the factor gives (docs/security.md, principle 5): no contact stands in for it.
		d.Options = slices.DeleteFunc(d.Options, func(o acr.Option) bool {
			return !o.Own || w.only != "" && o.Credential != w.only && o.Method != acr.Recovery
		})
		if d.Outcome != acr.Satisfied && len(d.Options) == 0 {
			d = acr.Decision{Outcome: acr.Refused, Error: acr.ErrUnmet, Reason: acr.ReasonUnreachable}
		}
	}
	return d
}

// evidence is what of the session counts for a wish.
func (v *visit) evidence(w wish) acr.Evidence {
	evidence := v.cur.Evidence()
	if w.without != "" || w.settles != "" {
		evidence.Events = slices.DeleteFunc(slices.Clone(evidence.Events), func(e acr.Event) bool {
			return !e.First() && !v.speaks(w, e.Method, e.Credential, e.ByOwnFactor())
		})
	}
	if !w.ownFactor {
		return evidence
	}
	evidence.Events = slices.DeleteFunc(slices.Clone(evidence.Events), func(e acr.Event) bool {
		switch {
		case e.ByOwnFactor() && w.only != "":
			return e.Request != w.act || e.Credential != w.only && e.Method != acr.Recovery
		}
		return !e.First() && !e.ByOwnFactor()
	})
	return evidence
}

// speaks reports whether a second step may stand behind a change of a contact at all.
func (v *visit) speaks(w wish, m acr.Method, credential string, own bool) bool {
	if about := v.contact(w.without); about != nil && !own {
		by := v.contact(credential)
		return by != nil && by.ID != about.ID && !acr.SameBox(by.Canonical, about.Canonical)
	}
	about := v.contact(w.settles)
	switch {
	case about == nil:
		return w.settles == ""
	case m == acr.Recovery:
		return !v.cur.Person.RecoveryMade.IsZero() && v.cur.Person.RecoveryMade.Before(about.Created)
	case own:
		f := v.factor(credential)
		return f != nil && f.Created.Before(about.Created)
	}
	by := v.contact(credential)
	return by != nil && contact.Settles(v.cfg, by, about, v.now)
}

// contact finds one of the person's contacts; nil for an unknown id and for another person's alike (T06).
func (v *visit) contact(id string) *storage.Contact {
	for _, c := range v.cur.Person.Contacts {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// secondFactorLevel names the lowest level above a first step. A policy without one lets nobody change anything.
func (v *visit) secondFactorLevel() string {
	for _, l := range v.cfg.Policy.Levels {
		if l.Kind >= acr.SecondFactor {
			return l.Name
		}
	}
	return "mfa"
}

// ask answers instead of a page whose wish is not met: a sign-in, the step that is missing, or where help is.
func (v *visit) ask(w http.ResponseWriter, r *http.Request, d acr.Decision, action string) error {
	switch {
	case d.Outcome == acr.AskFirst, !v.cur.SignedIn():
		return toSignIn(w, r)
	case d.Outcome == acr.AskSecond:
		return onward(w, r, pathConfirm+action)
	}
	if d.Outcome == acr.AskEnrol && action != "overview" { // a code was given, and opens an enrolment only
		return onward(w, r, pathNew)
	}
	return unmet(d)
}

// unmet is the answer where no step of this person helps now.
func unmet(d acr.Decision) error {
	says := "cooling_helpdesk"
	if d.Reason == acr.ReasonCooling || d.Reason == acr.ReasonFrozen {
		says = string(d.Reason)
	}
	return &web.Error{Status: http.StatusForbidden, Code: acr.ErrUnmet, Message: says}
}

// onward is a redirect to one of our own pages.
func onward(w http.ResponseWriter, r *http.Request, to string) error {
	if r.Method == http.MethodPost {
		return web.Redirect(w, r, to, http.StatusSeeOther)
	}
	return web.Redirect(w, r, to, http.StatusFound)
}

// page is what every page has.
func (v *visit) page(r *http.Request, path string) templates.Page {
	out := templates.Page{Lang: web.Lang(r), Request: path, Home: v.cfg.HomeURL(), From: v.back}
	if v.cur.SignedIn() {
		out.Shown = v.Site.Shown("account", v.cur.Person.ID)
	}
	return out
}

// profile is what the person is called; an unreadable one is an empty one, which only costs a name on a page.
func (v *visit) profile() user.Profile {
	p, err := user.ParseProfile(v.cur.Person.Profile)
	if err != nil {
		return user.Profile{}
	}
	return p
}

// zone is the time zone of times on the pages: the person's, else the provider's country.
func (v *visit) zone() string {
	return user.Zone(v.cur.Person.Profile, v.cfg.Locales.Zone)
}

// event is an audit record of this visit.
func (v *visit) event(r *http.Request, name, outcome, reason string) *storage.Event {
	ev := audit.From(r.Context()).Event(name, outcome, reason)
	ev.At = v.now
	ev.PersonID, ev.Actor, ev.SessionID = v.cur.Person.ID, v.cur.Person.ID, v.cur.Session.ID
	return ev
}

// clearRemembered takes the cookie of "remember me" away, once what it stands for is gone from the database.
func (v *visit) clearRemembered(w http.ResponseWriter, r *http.Request) {
	if v.Site.Cookies.Remember(r) != "" {
		v.Site.Cookies.ClearRemember(w)
	}
}
