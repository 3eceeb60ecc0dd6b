package acr

import "time"

// Event is one authentication event of a session: evidence, never a conclusion. It is stored as JSON with the session
// and frozen into a grant.
type Event struct {
	ID           string    `json:"id"`
	Method       Method    `json:"m"`
	Credential   string    `json:"c,omitempty"`  // factor id, contact id or identity key; "" for the password
	Own          bool      `json:"o,omitempty"`  // an own factor (or a recovery code), not a contact code
	Address      string    `json:"a,omitempty"`  // canonical recipient of a code
	Provider     string    `json:"p,omitempty"`  // Social: provider name
	Reported     []string  `json:"r,omitempty"`  // Social: canonical addresses the provider reported, verified or not
	UpstreamAcr  string    `json:"ua,omitempty"` // Social: the provider's acr, as sent
	UserVerified bool      `json:"uv,omitempty"` // Passkey
	Hardware     bool      `json:"hw,omitempty"` // Passkey: attested hardware binding
	NewDevice    bool      `json:"nd,omitempty"` // Social: first sign-in from this browser
	Resting      bool      `json:"w,omitempty"`  // Recovery: the codes did not count yet when it was used, whatever codes are in force now
	At           time.Time `json:"t"`
	Request      string    `json:"q,omitempty"` // id of the authorization request in which it happened
}

// First reports whether the event completes a first step.
func (e Event) First() bool { return e.Method.facts().First }

// ByOwnFactor reports whether the event is an own factor's or a recovery code's, whatever a caller forgot to set.
func (e *Event) ByOwnFactor() bool { return e.Own || e.Method.facts().Own }

// after reports whether the event happened strictly after t, in microseconds, as both are stored.
func (e *Event) after(t time.Time) bool { return e.At.UnixMicro() > t.UnixMicro() }

// userVerified reports whether the event is a passkey's with user verification: two factors in one step.
func (e *Event) userVerified() bool { return e.Method == Passkey && e.UserVerified }

// Evidence is what a session (or a quarantine) holds.
type Evidence struct {
	Session    string // row id; "" = no session
	Version    int64  // session version the evidence was read at
	Quarantine bool   // unproved social sign-in: never single sign-on
	Events     []Event
}
