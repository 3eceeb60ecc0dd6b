package main

import (
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/server"
)

// explanationJSON is an explanation for scripts.
type explanationJSON struct {
	User    string        `json:"user"` // id
	Client  string        `json:"client"`
	Scopes  []string      `json:"scopes"`
	Session string        `json:"session,omitempty"` // id; left out = none
	Locked  bool          `json:"locked,omitempty"`
	Now     explainedRow  `json:"now"`
	Ahead   []explainedIn `json:"after_sign_in,omitempty"` // without a session: the same after each way to sign in
}

type explainedIn struct {
	By string `json:"by"`
	explainedRow
}

type explainedRow struct {
	Outcome string       `json:"outcome"` // page, answered, refused
	Page    string       `json:"page,omitempty"`
	Error   string       `json:"error,omitempty"`
	Reason  acr.Reason   `json:"reason,omitempty"`
	Why     string       `json:"why,omitempty"`
	Acr     string       `json:"acr,omitempty"`
	Granted []string     `json:"granted,omitempty"`
	Rules   []ruleJSON   `json:"rules"`
	Proved  []worthJSON  `json:"proved"`
	Step    string       `json:"step,omitempty"` // the level that ways is about
	Ways    []wayJSON    `json:"ways"`
	Enrol   []acr.Method `json:"can_be_switched_on,omitempty"`
}

type ruleJSON struct {
	Reason  acr.Reason `json:"reason"`
	By      string     `json:"by,omitempty"`
	Names   []string   `json:"names,omitempty"`
	Level   string     `json:"level,omitempty"`
	MaxAge  int        `json:"max_age,omitempty"` // seconds
	State   acr.State  `json:"state"`
	Because bool       `json:"because,omitempty"`
	Why     string     `json:"why"`
}

type worthJSON struct {
	Method string     `json:"method"`
	At     *time.Time `json:"at"`
	Level  string     `json:"level,omitempty"`
	Until  *time.Time `json:"until,omitempty"`
	Flaw   acr.Flaw   `json:"flaw,omitempty"`
	Why    string     `json:"why,omitempty"`
}

type wayJSON struct {
	Method  string     `json:"method"`
	Address string     `json:"address,omitempty"`
	Serves  bool       `json:"serves"`
	Flaw    acr.Flaw   `json:"flaw,omitempty"`
	Until   *time.Time `json:"until,omitempty"`
	Why     string     `json:"why,omitempty"`
}

func explainedJSON(q server.Question, now server.Explained, ahead []server.Explained) explanationJSON {
	out := explanationJSON{User: q.Person.ID, Client: q.Client.ID, Scopes: q.Scopes, Locked: q.Person.Disabled, Now: rowJSON(now)}
	if q.Session != nil {
		out.Session = q.Session.ID
	}
	for _, next := range ahead {
		e := next.Events[0].Event
		out.Ahead = append(out.Ahead, explainedIn{named(e.Method, e.Provider), rowJSON(next)})
	}
	return out
}

func rowJSON(x server.Explained) explainedRow {
	d := &x.Decision
	out := explainedRow{
		Outcome: "page", Page: x.Page, Error: d.Error, Reason: d.Reason, Why: d.Reason.Words(), Acr: d.Granted.Acr(), Granted: d.Granted.Scopes(),
		Rules: []ruleJSON{}, Proved: []worthJSON{}, Step: x.Step, Ways: []wayJSON{}, Enrol: x.Enrol,
	}
	switch {
	case d.Outcome == acr.Refused && x.Page == "":
		out.Outcome = "refused"
	case x.Page == "":
		out.Outcome = "answered"
	}
	for _, r := range x.Rules {
		out.Rules = append(out.Rules, ruleJSON{r.Reason, r.Of, r.Names, r.Level, int(r.MaxAge.Seconds()), r.State, r.Because, r.Reason.Words()})
	}
	for _, e := range x.Events {
		out.Proved = append(out.Proved, worthJSON{named(e.Event.Method, e.Event.Provider), stamp(e.Event.At), e.Level, stamp(e.Until), e.Flaw, e.Flaw.Words()})
	}
	for _, o := range x.Ways {
		out.Ways = append(out.Ways, wayJSON{Method: named(o.Method, o.Provider), Address: o.Address, Serves: true})
	}
	for _, o := range x.Withheld {
		out.Ways = append(out.Ways, wayJSON{named(o.Method, o.Provider), o.Address, false, o.Why, stamp(o.Until), o.Why.Words()})
	}
	return out
}
