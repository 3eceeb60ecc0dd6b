// Package consent says which scopes still need the person's word before a panel is answered, and what counts as that word.
//
// It owns the rule, and what of it a stored request remembers ([State]). op may issue a code only with a [Given], which only [Ask] can
// make; login shows the page and notes the answer with [Answer]. Neither imports the other, both ask here, so the page
// and the gate cannot differ. It leaves to acr how sure we are, and to storage what a person allowed for good.
//
// Easy to get wrong: whose word it was. An answer stands on the request in the database, never in the browser, with the
// person who gave it and the scopes that were shown: another person who signs in within the same request is asked again,
// and so is the same one when the request came to hold more.
package consent

import (
	"context"
	"errors"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
)

// The words of a client's consent in YAML; "" is Skip.
const (
	Skip   = "skip"   // the operator's own panel: nobody is asked, whatever the request says
	First  = "first"  // asked once, and again for more scopes or with prompt=consent
	Always = "always" // asked in every request
)

// Asks reports whether the client asks people at all.
func Asks(c *config.Client) bool { return c.Consent == First || c.Consent == Always }

// State is what a stored request knows about consent.
type State struct {
	Prompt bool     `json:"prompt,omitempty"` // prompt=consent: what was allowed before does not count
	Person string   `json:"person,omitempty"` // who answered; "" = no one yet
	Scopes []string `json:"scopes,omitempty"` // what that person allowed
	Denied bool     `json:"denied,omitempty"` // … or that it was refused
}

// ErrDenied means that the person refused: the panel is answered access_denied.
var ErrDenied = errors.New("consent: refused by the person")

// Given is the person's word, or that none was needed, for the scopes of one request. Only [Ask] makes one; the zero
// value covers nothing.
type Given struct {
	request, person string
	scopes          []string
}

// Covers reports whether everything that is about to be granted was allowed, in this request, by this person.
func (g Given) Covers(granted acr.Granted) bool {
	return granted.Valid() && g.request == granted.Request() && g.person == granted.Subject() &&
		len(lacking(granted.Scopes(), g.scopes)) == 0
}

// Refused reports whether the person said no in this request, to whatever of it was granted.
func Refused(c *config.Client, s State, granted acr.Granted) bool {
	return Asks(c) && s.Denied && s.Person != "" && s.Person == granted.Subject()
}

// Ask says whether what was granted may go to the client. missing lists the scopes that still need the person's word, in
// the order of the grant; with none, given opens the gate. ErrDenied: the person said no in this request. For clients that
// never ask, no statement is spent, for others one at most.
func Ask(ctx context.Context, db storage.Consents, c *config.Client, s State, granted acr.Granted) (given Given, missing []string, err error) {
	if !granted.Valid() {
		return Given{}, nil, nil
	}
	given = Given{granted.Request(), granted.Subject(), slices.Clone(granted.Scopes())}
	if !Asks(c) {
		return given, nil, nil
	}
	if Refused(c, s, granted) {
		return Given{}, nil, ErrDenied
	}
	missing = granted.Scopes()
	if s.Person != "" && s.Person == granted.Subject() {
		missing = lacking(missing, s.Scopes)
	}
	if len(missing) > 0 && c.Consent == First && !s.Prompt {
		had, err := db.Consent(ctx, granted.Subject(), c.ID)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return Given{}, nil, err
		}
		if err == nil {
			missing = lacking(missing, had.Scopes)
		}
	}
	if len(missing) > 0 {
		return Given{}, missing, nil
	}
	return given, nil, nil
}

// Answer is the state after the person answered a page that showed those scopes. Only what is granted and was shown
// counts: a scope that joined the request meanwhile is asked about next.
func (s State) Answer(granted acr.Granted, shown []string, allow bool) State {
	s.Person, s.Scopes, s.Denied = granted.Subject(), nil, !allow
	if allow {
		s.Scopes = slices.DeleteFunc(slices.Clone(granted.Scopes()), func(n string) bool { return !slices.Contains(shown, n) })
	}
	return s
}

// lacking lists what is in want and not in have.
func lacking(want, have []string) []string {
	var out []string
	for _, s := range want {
		if !slices.Contains(have, s) {
			out = append(out, s)
		}
	}
	return out
}

// Withdraw takes back what the person of the record allowed the client of the record, and ends all that was given there on
// it, offline grants too; also where no consent is kept, for a panel of the house is given some without asking. It writes
// the record; run it in a transaction.
func Withdraw(ctx context.Context, db storage.Records, record *storage.Event) error {
	if err := db.RemoveConsent(ctx, record.PersonID, record.ClientID); err != nil {
		return err
	}
	return session.EndGrantsAt(ctx, db, record)
}
