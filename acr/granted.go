package acr

import (
	"slices"
	"time"
)

// Granted is the right to turn one request into one authorization code. Only [Decide] makes one; the zero value is
// refused by the gate (see [Granted.Valid]).
type Granted struct {
	request, session, subject string
	version                   int64
	acr                       string
	amr                       []string
	authTime                  time.Time
	scopes                    []string
	events                    []Event
	level                     string
	until                     time.Time
	channel                   []string
	idp                       string
	because                   Reason
}

// Valid reports whether a positive Decide made this value.
func (g Granted) Valid() bool { return g.request != "" && g.session != "" && g.subject != "" }

// Request returns the id of the request that was decided.
func (g Granted) Request() string { return g.request }

// Session returns the row id of the session the evidence came from.
func (g Granted) Session() string { return g.session }

// Version returns the session version the decision was made on; issuing must hold it unchanged.
func (g Granted) Version() int64 { return g.version }

// Subject returns the person's id.
func (g Granted) Subject() string { return g.subject }

// Acr returns the answered name: a level name, or the alias the panel asked by.
func (g Granted) Acr() string { return g.acr }

// Amr returns the methods, sorted (RFC 8176).
func (g Granted) Amr() []string { return g.amr }

// Scopes returns the granted scopes in the order they were requested.
func (g Granted) Scopes() []string { return g.scopes }

// Until returns when the level or a granted scope's max_age lapses; tokens must not outlive it. Zero = with the session.
func (g Granted) Until() time.Time { return g.until }

// Because is the rule that demanded more than the lowest level, whether or not anything had to be asked for it: of several the
// one that demanded most. ReasonNone = none did.
func (g Granted) Because() Reason { return g.because }

// Channels returns the channels of the codes behind the answer (email, sms, whatsapp), for the namespaced claim.
func (g Granted) Channels() []string { return g.channel }

// IDP returns the social provider of the first step, or "".
func (g Granted) IDP() string { return g.idp }

// Freeze returns what the grant keeps: of the request only what [Renew] reads, and of its scopes those that were granted, so
// that one left out now neither comes back nor makes every later refresh look reduced. The floors in it are for instances of
// the last release, which still judge by them during a rolling update.
func (g Granted) Freeze(request Request) Frozen {
	kept := make([]Scope, 0, len(g.scopes))
	for _, sc := range request.Scopes {
		if slices.Contains(g.scopes, sc.Name) {
			kept = append(kept, sc)
		}
	}
	of := Request{ID: request.ID, Client: request.Client, ClientFloor: request.ClientFloor, Scopes: kept}
	return Frozen{Request: of, Events: g.events, Acr: g.acr, Level: g.level, Amr: g.amr, AuthTime: g.authTime}
}
