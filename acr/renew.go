package acr

import (
	"slices"
	"time"
)

// Frozen is what a grant keeps of the decision that made it: see [Granted.Freeze]. Frozen are the events and what was
// answered on them. What they are worth is judged anew each time, by [Renew].
type Frozen struct {
	Request  Request   `json:"request"` // its Scopes are the granted ones; their floors are of that day and no longer read
	Events   []Event   `json:"events"`
	Acr      string    `json:"acr"`
	Level    string    `json:"level"`
	Amr      []string  `json:"amr"`
	AuthTime time.Time `json:"auth_time"`

	// SessionOver is set by the caller of Renew that read it: the session has ended and the grant lives on by
	// offline_access. Levels that last as long as the session have then ended too.
	SessionOver bool `json:"-"`
}

// Renewal is what a grant may still give.
type Renewal struct {
	Scopes     []string  // granted scopes that the client may still have and that are met, in request order
	AuthStands bool      // nothing was unmet, and all that the answer told of still stands: acr, amr, auth_time unchanged and an ID token; else none of them
	Until      time.Time // end of the level or of a scope's max_age; zero = no earlier than the token itself
	Error      string    // invalid_grant: the floor of the client, or of a group, is no longer met, a scope that the client requires is missing, or nothing is left
}

// ErrInvalidGrant is the error of a refresh that may answer nothing (RFC 6749 §5.2).
const ErrInvalidGrant = "invalid_grant"

// Renew judges a grant's frozen evidence by the policy and the terms of now: does each factor still exist, does the level
// last, is the person in a group that needs more, is a scope's max_age over, may the client still have the scope, is its
// floor met. A scope that the client may no longer have is just not there; it says nothing about the proof. Prompt and
// max_age of the request were for its own answer and are not asked again; nothing can get fresher or higher than it was
// (OIDC Core §12.2).
func Renew(p *Policy, f Frozen, t Terms, person Person, now time.Time) Renewal {
	plain := Request{ID: f.Request.ID, Scopes: t.allowed(f.Request.Scopes)}
	s := weigh(p, &plain, &person, f.Events, now, f.SessionOver)
	floor := max(p.floor(t.Floor), p.groupFloor(&person))
	if person.nobody() || s.held < floor {
		return Renewal{Error: ErrInvalidGrant}
	}
	renewal := Renewal{Scopes: make([]string, 0, len(plain.Scopes))}
	for i := range plain.Scopes {
		if sc := &plain.Scopes[i]; s.meets(sc) {
			renewal.Scopes = append(renewal.Scopes, sc.Name)
			floor = max(floor, p.floor(sc.Level))
		}
	}
	if len(renewal.Scopes) == 0 && len(f.Request.Scopes) > 0 {
		return Renewal{Error: ErrInvalidGrant}
	}
	for _, name := range t.Required { // also where it is required only since the grant was made
		if !slices.Contains(renewal.Scopes, name) {
			return Renewal{Error: ErrInvalidGrant}
		}
	}
	// A name that stands for another level today would say what nobody proved.
	level := p.index(f.Level)
	renewal.AuthStands = len(renewal.Scopes) == len(plain.Scopes) && level <= s.held && p.index(f.Acr) == level && s.stillTrue(f.Amr)
	if renewal.AuthStands {
		floor = max(floor, level)
	}
	renewal.Until = s.until(floor)
	return renewal
}

// stillTrue reports whether what an answer told by its amr and auth_time could still be told: nothing of it was taken away
// since, and an "mfa" in it has an independent step behind it. What is only over, a level that lapsed or the session, was
// told truly and stays so.
func (s *evaluation) stillTrue(amr []string) bool {
	multi := !slices.Contains(amr, "mfa")
	for i := range s.events {
		w := &s.weights[i]
		if !w.active || !w.current && !s.events[i].First() {
			return false
		}
		multi = multi || s.claimsMFA(i)
	}
	return multi
}
