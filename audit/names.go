// Package audit names what happened and builds the record of it: who, for whom, from where, how it ended and why.
//
// It owns the names, the facts of the HTTP request a record carries ([Trail]), and the bound on records that strangers
// cause ([Limiter]). It leaves writing to storage, and the
// moment of writing to the callers: a record is appended inside the transaction of the act, so that neither exists
// without the other.
//
// Easy to get wrong: detail. A record is kept for long and read by many, so it never holds a password, code, secret,
// token or whole telephone number, and everything a stranger wrote (the user agent) is cut and cleaned first.
package audit

// The names of records. docs/conventions.md explains them. Each is a thing and what became of it.
const (
	AuthnOK   = "authn.ok"   // a first step was right: password, social sign-in, passkey
	AuthnFail = "authn.fail" // … was wrong or not allowed

	MFASent   = "mfa.sent"   // a one-time code was handed to the outbox
	MFAOK     = "mfa.ok"     // a second step was right
	MFAFail   = "mfa.fail"   // … was wrong; reason says replayed, expired, wrong
	MFAPaused = "mfa.paused" // too many wrong: the factor rests

	MessageTakenOver = "message.taken_over" // a gateway took a message that another one of its channel did not

	FactorAdded   = "factor.added"
	FactorRemoved = "factor.removed"
	FactorEvery   = "factor.every_sign_in" // a person wants a code at every sign-in from now on, or no more
	RestWaived    = "rest.waived"          // an operator let the contacts of a recovered account count at once; detail says why

	ContactRequested = "contact.change.requested"
	ContactDone      = "contact.change.done"
	ContactNotices   = "contact.notices"  // a number gets security notices from now on, or no more
	ContactPrimary   = "contact.primary"  // a person chose which mailbox or number is the account's
	ContactCodes     = "contact.codes"    // … whether codes go to one
	ContactSettled   = "contact.settled"  // … confirmed a new one, which therefore rests no longer
	ContactReverted  = "contact.reverted" // a mailed link took a change back
	ContactRemoved   = "contact.removed"  // a person, or the operator's system, took a proved one away

	ResetRequested = "pw.reset.requested"
	ResetUsed      = "pw.reset.used"
	ResetRejected  = "pw.reset.rejected"

	SessionNew = "session.new"
	SessionEnd = "session.end"

	AuthzGranted = "authz.granted" // a code was issued; reason says which rule demanded a second step, if one did
	AuthzDenied  = "authz.denied"  // an authorization request was refused or declined

	TokenIssued    = "token.issued"
	TokenRefreshed = "token.refreshed" // once per grant and day; reason leeway: a replaced token was repeated, each time
	TokenReuse     = "token.reuse"     // a used refresh token came back: alert
	TokenRevoked   = "token.revoked"   // reason says why: code_replay (a used code came back), client, operator, client_taken_away, offline_access_taken_away

	KeyRotated = "key.rotated" // a successor was published
	KeyRetired = "key.retired" // a signing key left the JWKS before its time

	PersonCreated  = "person.created"  // an account was made by the operator or the operator's system
	PersonInvited  = "person.invited"  // … its owner was mailed the link for the first password
	PersonUpdated  = "person.updated"  // … was changed by them
	PersonFrozen   = "person.frozen"   // "it was not me": second steps count no more but older factors and another settled contact
	PersonUnfrozen = "person.unfrozen" // … one of these was proved; reason says which
	PersonDisabled = "person.disabled" // … was switched off: sessions, grants and links ended with it

	ConsentGiven   = "consent.given"   // a person allowed a panel what it asked for
	ConsentDenied  = "consent.denied"  // … refused it
	ConsentRevoked = "consent.revoked" // a person disconnected a panel

	ClientAuthFail = "client.auth.fail" // a panel could not prove who it is

	IDPLink   = "idp.link"   // a social login was linked
	IDPUnlink = "idp.unlink" // … was taken away
	IDPReject = "idp.reject" // a social sign-in was refused

	LimitHit        = "limit.hit"
	ConfigLoaded    = "config.loaded"
	StorageMigrated = "storage.migrated" // the tables were brought up to date by a command
)

// Reasons of the token records that storage writes itself, in the statement that decides.
const (
	CodeReplay   = "code_replay"   // of TokenRevoked: a used code came back
	RefreshReuse = "refresh_reuse" // of TokenReuse
	Leeway       = "leeway"        // of TokenRefreshed: a replaced token was repeated in time
)

// The outcomes.
const (
	OK   = "ok"
	Fail = "fail"
)
