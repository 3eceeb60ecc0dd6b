// Package step is the second step itself: asking for one, judging the answer, sending another code, saying what became of it,
// choosing another way, switching a factor on and handing out reserve codes.
//
// It does so for a [Host]: a sign-in (login) or an action of the account area (account). The host knows who is asked, by
// which ways and for what, what a proof does to its session, and where the person lands then; the words of the pages, the
// records and the messages are the same everywhere. It leaves to acr what is missing and to mfa what a factor is.
//
// Easy to get wrong: what binds a code. A code belongs to the purpose and the transaction that its host names, and each
// host names its own; one that was sent for a sign-in is worthless in the account area (F06). And an answer is judged,
// attached and recorded in one transaction that is committed whatever the verdict, because a wrong one counts.
package step

import (
	"context"
	"net/http"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// Options are what the step needs, and every host with it.
type Options struct {
	Config  func() *config.Config
	Store   storage.Store
	Site    *web.Site
	Text    *templates.Set
	Factors *mfa.Factors
	Notice  Notice
	// Paused is the notice of a factor that takes no code until a time.
	Paused  func(ctx context.Context, db storage.Records, person *storage.Person, until time.Time, by session.Client, now time.Time) error
	Failing Failing
	// AddPhone leaves a proved number among a person's contacts, and tells whether it was not there; rests is until when a new
	// one opens nothing.
	AddPhone func(ctx context.Context, db storage.Records, person *storage.Person, number, provedBy string, rests, now time.Time) (bool, error)
	// NumberAdded tells the contacts of before of a number that was proved; origin is what its adding stands on.
	NumberAdded func(ctx context.Context, db storage.Records, before *storage.Person, number, origin string, by session.Client, now time.Time) error
	// Origin is what a change of the contacts stands on that a session makes now (contact.Origin).
	Origin func(cfg *config.Config, person *storage.Person, events []acr.Event, now time.Time) string
}

// Failing reports whether messages by a channel do not go out at the moment.
type Failing func(channel string) bool

// Notice tells a person by message, in the transaction of the act, that something happened to the account.
type Notice func(ctx context.Context, db storage.Records, person *storage.Person, kind string, by session.Client, now time.Time) error

// Pages are the pages of a second step.
type Pages struct{ Options }

// New returns the pages of a second step.
func New(o Options) *Pages { return &Pages{o} }

// At is where a host stands in this request.
type At struct {
	Current *session.Current // whose session or quarantine it is
	Config  *config.Config
	Now     time.Time
	Target  string     // level the step is asked for, for the records; "" = not told
	Because acr.Reason // the rule that asks for it, for the records, too
	Contact bool       // a number is verified as a contact, and not switched on
	Swap    *Swap      // a factor is switched on in the place of another; nil = beside those there are
}

// Swap is what a factor stands on that takes the place of another.
type Swap struct {
	Old      *storage.Factor // it stays until the new one is proved
	Evidence acr.Evidence    // the first step, and what was given for this swap and nothing else
}

// replaces is the id of the factor whose place a new one takes; "" = none's.
func (a At) replaces() string {
	if a.Swap == nil {
		return ""
	}
	return a.Swap.Old.ID
}

// First is the first step that brought the person here, and the title of the provider where it was one's.
func (a At) First() (m acr.Method, provider string) {
	for _, e := range a.Current.Events { // the last one
		if !e.First() {
			continue
		}
		m, provider = e.Method, ""
		if p := a.Config.Provider(e.Provider); p != nil {
			provider = p.Title
		}
	}
	return m, provider
}

// Host is who needs the step, within one request. What Attach did is the host's to keep until Keep and Land.
type Host interface {
	At() At
	// Try is who is asked, to what the codes are bound and what a right answer counts; the factor and the form are filled in.
	Try(r *http.Request) mfa.Try
	// Page is what all its pages have. Their forms post to paths below Page.Request.
	Page(r *http.Request) templates.Page
	// Delivery is the path that tells this browser what became of a code.
	Delivery(code string) string
	// Dress adds what only the host can say to a *templates.CodePage, *templates.EnrolKey or *templates.EnrolNumber.
	Dress(r *http.Request, page any)
	// Event is an audit record.
	Event(r *http.Request, name, outcome, reason string) *storage.Event
	// Attach gives the proof to the session, in the transaction that judged it (so it may run again), with its records.
	// storage.ErrConflict and ErrNotFound mean that another tab was faster.
	Attach(r *http.Request, db storage.Records, proof acr.Event, records ...*storage.Event) error
	// Keep sets the cookies of what was attached, once that is committed.
	Keep(w http.ResponseWriter, r *http.Request)
	// Land answers a form that did its work.
	Land(w http.ResponseWriter, r *http.Request, done Done) error
	// Again answers a form that comes too late or from another page: the person lands where the evidence leads.
	Again(w http.ResponseWriter, r *http.Request) error
}

// Done is what a form did.
type Done string

// What can be done.
const (
	Proved   Done = "proved"  // the step was given
	Added    Done = "added"   // a factor was switched on
	Verified Done = "number"  // a number was verified, and not switched on
	Swapped  Done = "swapped" // … in the place of another
	Channel  Done = "channel" // a number got another channel
	Codes    Done = "codes"   // the first reserve codes are in force
	Renewed  Done = "renewed" // new reserve codes took the place of the former ones
)

// Client is the browser, for sessions and messages.
func Client(r *http.Request) session.Client {
	return session.Client{IP: web.ClientIP(r).String(), UserAgent: audit.Clean(r.UserAgent()), Lang: web.LangAsked(r)}
}

// tell sends the message of that kind to the person, about this browser.
func (p *Pages) tell(r *http.Request, db storage.Records, h Host, kind string) error {
	at := h.At()
	return p.Notice(r.Context(), db, at.Current.Person, kind, Client(r), at.Now)
}
