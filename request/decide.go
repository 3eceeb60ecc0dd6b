package request

import (
	"context"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// Refusals that acr knows nothing of.
const (
	ErrInvalidScope                  = "invalid_scope"     // RFC 6749 §4.1.2.1
	ReasonScopesTakenAway acr.Reason = "scopes_taken_away" // out of the configuration, since the request came in
	ReasonConsent         acr.Reason = "consent"           // the person's word is missing, or was no
)

// Judge decides on a session, or on a quarantine, which is never granted anything.
func (o *Open) Judge(cur *session.Current) {
	o.Current = cur
	if len(o.Asked.Scopes) == 0 {
		o.Next = acr.Decision{Outcome: acr.Refused, Error: ErrInvalidScope, Reason: ReasonScopesTakenAway}
		return
	}
	o.Next = acr.Decide(o.Config.Policy, o.Asked, cur.AcrPerson(o.Config), cur.Evidence(), o.Now)
	if o.Next.Outcome == acr.Satisfied && consent.Refused(o.Client, o.Consent, o.Next.Granted) {
		o.Next = acr.Decision{Outcome: acr.Refused, Error: acr.ErrAccessDenied, Reason: ReasonConsent, Lacks: o.Client.RequireScopes}
	}
}

// Explain is Judge, and says how the decision came about.
func (o *Open) Explain(cur *session.Current) acr.Explanation {
	o.Judge(cur)
	if o.Next.Reason == ReasonScopesTakenAway || o.Next.Reason == ReasonConsent {
		return acr.Explanation{Decision: o.Next, Rules: []acr.Rule{{Reason: o.Next.Reason, State: acr.Refuses, Because: true}}}
	}
	return acr.Explain(o.Config.Policy, o.Asked, cur.AcrPerson(o.Config), cur.Evidence(), o.Now)
}

// Decide says what is missing, in Next: of the browser's session, or of its quarantine where the session does not already
// do. quarantine is the secret of that one's cookie.
//
// A quarantine never stands in for a session that is good enough, and never replaces one. Nor does it bar the other ways in
// for as long as it lasts when nothing here can complete it: then it is Stuck, and the session counts.
func (o *Open) Decide(ctx context.Context, quarantine string) error {
	o.Judge(o.Held)
	if o.Next.Outcome != acr.AskFirst {
		return nil
	}
	waiting, err := session.LoadQuarantine(ctx, o.in.store, quarantine, o.Now)
	if err != nil {
		return err
	}
	if waiting.Quarantine == nil || !o.concerns(waiting) {
		return nil
	}
	if o.unfinished, err = o.NeverIn(ctx, o.in.store, waiting.Person); err != nil {
		return err
	}
	if o.unfinished && !o.Config.Registration.Open {
		return nil
	}
	o.Judge(waiting)
	if o.unmet() && !o.AsksContact() {
		o.Stuck, o.StuckPassword = o.Provider(), waiting.Person.PasswordHash != ""
		o.Judge(o.Held)
	}
	return nil
}

// Answerable reports whether the client can be answered now, by a code or by an error; else a page has something to ask, or to
// say.
func (o *Open) Answerable() bool {
	return o.Next.Outcome == acr.Satisfied || o.Next.Outcome == acr.Refused && !o.AsksContact() && !o.Stopped()
}

// Stopped reports whether a page says why the person does not get in: something lacks that the client requires
// (require_scopes). The client is told when the person goes back, and at once where it wants no page. Whose session it is, and
// that there must be one, is the client's to hear as ever.
func (o *Open) Stopped() bool {
	d := &o.Next
	return len(d.Lacks) > 0 && !o.Left && !o.Asked.PromptNone && (d.Error == acr.ErrAccessDenied || d.Error == acr.ErrUnmet)
}

// unmet reports whether nothing can meet what is asked.
func (o *Open) unmet() bool { return o.Next.Outcome == acr.Refused && o.Next.Error == acr.ErrUnmet }

// concerns reports whether a quarantine is about this request: in a browser where someone else is signed in, only if it
// began in it. Forgotten by another person, it must not stand before what is asked of this one.
func (o *Open) concerns(q *session.Current) bool {
	if !o.Held.SignedIn() || o.Held.Person.ID == q.Person.ID {
		return true
	}
	return slices.ContainsFunc(q.Events, func(e acr.Event) bool { return e.Request == o.Asked.ID })
}

// NeverIn reports whether a social login made this account for itself and never got in by it: then nothing is on it that
// anybody could be after, however old it is, and where accounts come from the operator it is nobody's. Who was in before
// is a customer, also when nothing but the login is left (the app switched off, or no second step was asked in those days).
func (o *Open) NeverIn(ctx context.Context, db storage.Limits, p *storage.Person) (bool, error) {
	if !user.SelfMade(p) {
		return false, nil
	}
	ever, err := db.Counter(ctx, mfa.SeenKey(o.in.box, p.ID), o.Now)
	return ever.Count == 0, err
}

// Newcomer reports whether the person in quarantine is still to come in for the first time, with nothing on the account
// that anybody could be after. Days may lie between the provider's page and the second step.
func (o *Open) Newcomer() bool { return o.Current.Quarantine != nil && o.unfinished }

// AsksContact reports whether the second step of a first social sign-in lacks an address: the provider told none that can
// count, and one that the person types would.
func (o *Open) AsksContact() bool {
	return (o.Next.Outcome == acr.AskEnrol || o.unmet()) && o.Newcomer() && o.Counts("nobody@invalid.invalid")
}

// ConnectsFirst reports whether a newcomer proved to read an address that another account has: then that one is offered
// before a second is made. Only a proved address is looked up, by a code or by the word of whoever runs the mailbox, so
// nobody learns of other people's accounts this way; and the page neither names nor counts any.
func (o *Open) ConnectsFirst(ctx context.Context, db storage.People, person *storage.Person) (bool, error) {
	if o.Apart || !o.Newcomer() {
		return false, nil
	}
	return user.AddressElsewhere(ctx, db, person)
}

// Stranger reports whether the request waits for the owner of a social login that no account has.
func (o *Open) Stranger() bool { return o.Arrived != nil && o.Next.Outcome == acr.AskFirst }

// Counts asks the decision whether a code to an address would prove the sign-in: one that the provider reported is no
// independent one.
func (o *Open) Counts(address string) bool {
	if !slices.Contains(o.Config.Policy.Channels, acr.Email) {
		return false
	}
	const id = "typed"
	subject, evidence := o.Current.AcrPerson(o.Config), o.Current.Evidence()
	subject.Contacts = append(slices.Clone(subject.Contacts), acr.Contact{ID: id, Method: acr.Email, Address: address})
	evidence.Events = append(slices.Clone(evidence.Events), acr.Event{
		Method: acr.Email, Credential: id, Address: address, At: o.Now, Request: o.Asked.ID,
	})
	return acr.Proved(o.Config.Policy, subject, evidence, o.Now)
}

// Provider is the name of the social provider behind the quarantine, or of the login that no account has; "" = neither.
func (o *Open) Provider() string {
	if o.Current.Quarantine == nil && o.Arrived != nil {
		return o.Arrived.Provider
	}
	for _, e := range o.Current.Events {
		if e.Method == acr.Social {
			return e.Provider
		}
	}
	return ""
}
