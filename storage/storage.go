// Package storage says what Soglia keeps: the records and the small interfaces to them. sql/ implements them on
// PostgreSQL and SQLite with one SQL text; storagetest/ is the suite both engines pass.
//
// It leaves every rule to the callers: which password is right, when a code may be sent, what a level is. JSON columns
// (events, requirements, profile extras) are opaque here.
//
// Easy to get wrong: single use. Each Take, Redeem, Refresh, Use or Bump below is decided by ONE conditional statement,
// never by a read followed by a write; of any number of parallel callers exactly one wins.
//
// Times are UTC with microsecond precision. Hashes are SHA-256 of 256-bit secrets unless said otherwise.
package storage

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The errors of every method. Anything else means the database is away or broken: answer 503.
var (
	ErrNotFound = errors.New("storage: not found")
	ErrConflict = errors.New("storage: conflict") // unique key taken, or a version that moved on
	ErrUsed     = errors.New("storage: already used")
	ErrAway     = errors.New("storage: database away") // wraps connection, pool and statement time-outs

	// ErrTheft is the ErrUsed of the one call whose second use of a secret ended its grant; every later one is ErrUsed.
	ErrTheft = fmt.Errorf("%w, which ended its grant", ErrUsed)
)

// Store is a database. Its own methods run each in a transaction of their own.
//
// A ctx that is done when a method begins is refused. One that ends while a statement runs does not stop it: the statement
// goes on within the database's own limit of a few seconds, is committed where it stands alone, and its result is returned
// as if nothing had happened. So whoever must know whether something was written needs its result, not ctx.Err(). An earlier
// deadline of ctx is kept. In a transaction the next statement is refused, and so the transaction is rolled back.
type Store interface {
	Records
	// Tx runs f in one transaction and commits when f returns nil. It repeats f after a serialisation failure or
	// deadlock, so f does no I/O besides its Records and takes no second connection.
	Tx(ctx context.Context, f func(Records) error) error
	// Now is the database's clock (offset measured at connect and once a minute; an option turns it off).
	Now() time.Time
	// Ready says whether the database answers and its migrations are complete.
	Ready(ctx context.Context) error
	Close() error
}

// Records is everything kept, by noun.
type Records interface {
	People
	Sessions
	Requests
	Grants
	Factors
	Codes
	Federations
	Keys
	Outbox
	Audit
	Limits
	Leases
	Links
	Reverts
	Consents
	Remembers
	Assertions
}

// People keeps persons with their contacts, factors and identities.
type People interface {
	// CreatePerson stores p with its contacts, factors and identities. ErrConflict: user name or identity taken.
	CreatePerson(ctx context.Context, p *Person) error
	// Person loads a person whole (contacts, factors without secrets, identities) in one statement.
	Person(ctx context.Context, id string) (*Person, error)
	// PersonByUsername finds by canonical user name.
	PersonByUsername(ctx context.Context, canonical string) (*Person, error)
	// PersonByExternalID finds by the id that the operator's own system gave (People API). ErrNotFound otherwise.
	PersonByExternalID(ctx context.Context, externalID string) (*Person, error)
	// PeopleByEmail finds everyone with that canonical address among their contacts; at most 20 are returned: more
	// accounts of one mailbox than that are not written to in one message.
	PeopleByEmail(ctx context.Context, canonical string) ([]*Person, error)
	// PersonByIdentity finds by provider and subject.
	PersonByIdentity(ctx context.Context, provider, subject string) (*Person, error)
	// UpdatePerson replaces the person's own columns (not contacts, factors, identities) WHERE version = p.Version and
	// raises it. ErrConflict when it moved on. The mark of birth (BirthAddress, BirthUntil) is only written with the first
	// password of an account that never had a password, login or factor; whatever else changes a password, and each change
	// of a contact, login or factor below, takes it away.
	UpdatePerson(ctx context.Context, p *Person) error
	// HoldPassword holds an enabled person whose password was set at that time, until the transaction ends: another one
	// is set before or after it. ErrNotFound when it was set before, or the person is disabled or gone.
	HoldPassword(ctx context.Context, id string, setAt time.Time) error
	// RehashPassword replaces the password hash only while it still is old; otherwise it does nothing, without an error.
	RehashPassword(ctx context.Context, id, old, new string) error
	PutContact(ctx context.Context, c *Contact) error
	// VerifyContact marks a contact verified at t; idempotent.
	VerifyContact(ctx context.Context, id string, at time.Time) error
	// SetNotices says whether security notices go to a person's number, too. It is no change of the contact. ErrNotFound.
	SetNotices(ctx context.Context, personID, id string, on bool) error
	// SettleContact ends the rest of a person's verified contact, once: what vouches for it stands behind its adding from now on, too
	// (Contact.ProvedBy). ErrNotFound where there is no such contact that rests.
	SettleContact(ctx context.Context, personID, id string, now time.Time) error
	// RemoveContact takes a contact away, and voids second steps where it was proved: whoever held it may have used it to
	// get further.
	RemoveContact(ctx context.Context, personID, id string) error
	// VoidSecondSteps raises SecondSince to the present: levels above the lowest take new proof. What takes a factor, a
	// proved contact or a linked login away (RemoveFactor, RemoveContact, RemoveIdentity, PutFactor over one in use) does it
	// by itself; call it for what takes away nothing ("it was not me"). It never lowers. No error when nobody is there.
	VoidSecondSteps(ctx context.Context, personID string) error
	// Freeze marks a person's account as frozen (Person.FrozenSince and after): of several acts the earliest counts, of several ends
	// the latest, and the addresses add up. The mark of birth goes. ErrNotFound.
	Freeze(ctx context.Context, z *Freezing) error
	// Unfreeze lifts that, once, and reports whether it held.
	Unfreeze(ctx context.Context, personID string, now time.Time) (bool, error)
	// ChooseWay keeps the way of second steps that a person chose (Person.ChosenWay).
	ChooseWay(ctx context.Context, personID, way string) error
	// PutIdentity links, or replaces "proved at" of a link (zero = unproved again). Its e-mails are added to those known of
	// it (see ReportAddresses). ErrConflict: linked elsewhere.
	PutIdentity(ctx context.Context, i *Identity) error
	// ReportAddresses keeps canonical addresses that a provider reported of a subject, linked or not. They stand in
	// Identity.Emails from then on, with all that were reported before; nothing takes them away, unlinking neither.
	ReportAddresses(ctx context.Context, provider, subject string, addresses ...string) error
	// ProveIdentity sets "proved at" once; idempotent.
	ProveIdentity(ctx context.Context, provider, subject string, at time.Time) error
	// UnproveIdentities takes "proved at" from all links of a person.
	UnproveIdentities(ctx context.Context, personID string) error
	// RemoveIdentity unlinks, and voids second steps.
	RemoveIdentity(ctx context.Context, personID, provider, subject string) error
}

// Sessions keeps browsers' single sign-on sessions and quarantines.
type Sessions interface {
	CreateSession(ctx context.Context, s *Session) error
	// SessionByHash loads a live session (not ended, idle and absolute limits in the future of now) together with its
	// whole person (see Person) in ONE statement. ErrNotFound otherwise.
	SessionByHash(ctx context.Context, hash []byte, now time.Time) (*Session, *Person, error)
	Session(ctx context.Context, id string) (*Session, error)
	SessionsOf(ctx context.Context, personID string, now time.Time) ([]*Session, error)
	// LiveSessions counts everybody's. It reads them all: for a scrape, never for a request.
	LiveSessions(ctx context.Context, now time.Time) (int, error)
	// RotateSession gives the session a new secret hash and new events WHERE version = s.Version and not ended; raises
	// Version in s. ErrConflict when it moved on or ended.
	RotateSession(ctx context.Context, s *Session, newHash []byte, now time.Time) error
	// OverdueSessions lists up to n sessions that are over by their idle or absolute limit and were not ended yet: for the
	// sweeper, which ends them.
	OverdueSessions(ctx context.Context, now time.Time, n int) ([]*Session, error)
	// TouchSession moves the idle limit; writes at most once in the Grain of what remains until then (WHERE last_seen <
	// now - grain).
	TouchSession(ctx context.Context, id string, now, idleUntil time.Time) error
	// EndSessions ends sessions with the grants on them, and says which clients must be told: all that redeemed a code of
	// one of them (also those whose grant ended before, for what they opened for the person may still be open), or whose
	// grant ended now. Where one session was meant: ErrUsed when it is over, ErrNotFound when the person has no such one.
	// Call it by package session.
	EndSessions(ctx context.Context, e SessionEnd) ([]ClientSession, error)

	CreateQuarantine(ctx context.Context, q *Quarantine) error
	// QuarantineByHash loads a live quarantine with its person in one statement.
	QuarantineByHash(ctx context.Context, hash []byte, now time.Time) (*Quarantine, *Person, error)
	// TakeQuarantine removes it, once. ErrNotFound for the losers.
	TakeQuarantine(ctx context.Context, id string) (*Quarantine, error)
}

// Requests keeps authorization requests that need a page.
type Requests interface {
	// CreateRequest stores r. Where the browser has maxPerBrowser open ones, or the address maxPerIP, others are evicted:
	// the oldest of the browser; at an address first those whose browser never came back with its cookie, then those of
	// the browser with the most, the oldest first. Never one in which a step succeeded; and for the address those of
	// browsers with a session neither count nor go. ErrConflict when none may go. A limit of 0 is none.
	CreateRequest(ctx context.Context, r *Request, maxPerBrowser, maxPerIP int) error
	// ReopenRequest opens an evicted one again, under the same limits, and notes its Standing when it is higher.
	// ErrConflict when there is no room.
	ReopenRequest(ctx context.Context, r *Request, maxPerBrowser, maxPerIP int, now time.Time) error
	// OpenRequests counts everybody's. It reads them all: seldom, never for each request.
	OpenRequests(ctx context.Context, now time.Time) (int, error)
	// Request loads an unexpired request, finished or not, by the hash of its id.
	Request(ctx context.Context, hash []byte, now time.Time) (*Request, error)
	// RequestInSession is Request with the browser's session (see SessionByHash) in the same statement. Where there is no
	// such session, session and person are nil.
	RequestInSession(ctx context.Context, hash, sessionHash []byte, now time.Time) (*Request, *Session, *Person, error)
	// UpdateRequest replaces the mutable columns (Asked, Declined, Interacted, BrowserHash when it was empty, Standing when it is higher) WHERE version = r.Version.
	UpdateRequest(ctx context.Context, r *Request) error
	// FinishRequest marks it finished, once; ErrUsed afterwards.
	FinishRequest(ctx context.Context, hash []byte, now time.Time) error
}

// Grants keeps what a panel was given: code, refresh token, access tokens.
type Grants interface {
	// IssueCode creates the grant with its code, only while the session is live at sessionVersion (WHERE version = $n),
	// the person enabled and, when g.RequestHash is set, the stored request unfinished (it is finished in the same
	// transaction). The audit event is written with it. ErrConflict when the session moved on, ErrUsed when the request
	// was finished before. g.Created is the time of issue; a zero g.Expires is the session's absolute limit.
	IssueCode(ctx context.Context, g *Grant, sessionVersion int64, ev *Event) error
	// GrantByCode reads a grant by code hash, with its person (whole), without using it: for the checks before Redeem.
	GrantByCode(ctx context.Context, codeHash []byte) (*Grant, *Person, error)
	// Redeem uses the code, once: client must match, code unexpired, session live, person enabled, and no second step
	// voided since the code was issued (VoidSecondSteps): what it says of the proof may be true no more. It stores the
	// refresh hash (if any), the opaque access token (if any) and the audit event. On a second use it ends the grant,
	// records r.SecondUse and returns ErrTheft, then ErrUsed; expired, foreign or dead → ErrNotFound.
	Redeem(ctx context.Context, r *Redemption) error
	// GrantByRefresh reads the grant by its current or last used refresh hash, with its person (whole), for minting.
	// g.UsedAt is set when the hash is a used one: go on to Refresh, which ends the grant unless it is a repeat within the
	// leeway. ErrNotFound once the grant is not alive (ended, expired, person disabled, session over and not offline) or the current token idle too long.
	GrantByRefresh(ctx context.Context, refreshHash []byte, now time.Time) (*Grant, *Person, error)
	// Refresh swaps the current refresh hash for a new one, once, under the same liveness. Whoever repeats the old hash within
	// r.Leeway of that, while the new one is current, is answered as well: nothing moves, the event is recorded with
	// r.LeewayReason. Any other used hash ends the grant, records r.SecondUse and returns ErrTheft; it returns ErrUsed once the grant is over. ErrNotFound too for a repeat whose successor was made by another key.
	Refresh(ctx context.Context, r *Rotation) error
	// UseRefresh notes the use of a refresh token that stays current, under the same liveness, else ErrNotFound. Where nothing
	// is to be written it asks nobody.
	UseRefresh(ctx context.Context, r *RefreshUse) error
	// AccessToken loads a live opaque token by hash with its grant and person (whole, because what the token is worth hangs
	// on its factors and contacts) in ONE statement: grant and session alive, person enabled, unexpired.
	AccessToken(ctx context.Context, hash []byte, now time.Time) (*AccessToken, *Grant, *Person, error)
	// LiveGrant loads a live grant with its person, as AccessToken does, for a JWT access token.
	LiveGrant(ctx context.Context, id string, now time.Time) (*Grant, *Person, error)
	// RedeemedCodes are the codes of a session that a client redeemed after since, in the order in which it did.
	RedeemedCodes(ctx context.Context, sessionID, clientID string, since time.Time) ([]RedeemedCode, error)
	// EndGrants ends grants, codes that are not redeemed yet too; idempotent. It returns how many ended, and which clients
	// must be told, as EndSessions does; nothing of that where a client's grants end whoever they were of. Call it by
	// package session.
	EndGrants(ctx context.Context, e GrantEnd) (int, []ClientSession, error)
	// RevokeAccessToken removes an opaque token; idempotent.
	RevokeAccessToken(ctx context.Context, hash []byte) error
}

// Factors keeps own second factors with their sealed secrets.
type Factors interface {
	// PutFactor makes or replaces one. A pending one takes the place of the person's older pending one of that method
	// (newest only); one with an address, of any with an address.
	// It voids second steps when one that was confirmed gets another secret, address
	// or method, or works again after it was disabled.
	PutFactor(ctx context.Context, f *Factor) error
	// Factor loads one with its sealed secret.
	Factor(ctx context.Context, personID, id string) (*Factor, error)
	// UseStep stores the last accepted TOTP step, once: WHERE last_step < step. ErrUsed for the losers.
	UseStep(ctx context.Context, id string, step int64, now time.Time) error
	// ActivateFactor turns a pending factor into an active one, once, together with its first step.
	ActivateFactor(ctx context.Context, id string, step int64, restsUntil, now time.Time) error
	// SwapFactor is ActivateFactor for one that was begun in the place of another (Factor.Replaces): that one goes with it, and
	// second steps are void. Nobody sees the person with both or with neither. ErrUsed when there is no such pending factor
	// (any more), or the other one is gone or disabled, and nothing changes; ErrConflict when the new one went in this very
	// moment: roll back.
	SwapFactor(ctx context.Context, personID, id, replaces string, step int64, restsUntil, now time.Time) error
	// AddFactorChannel notes that a code through a channel was entered for an active factor; idempotent. ErrNotFound when the
	// person has no such factor.
	AddFactorChannel(ctx context.Context, personID, id, channel string) error
	// RemoveFactor takes a factor away, and voids second steps unless it was only pending.
	RemoveFactor(ctx context.Context, personID, id string) error
	// PutRecoveryCodes replaces all of a person's recovery codes (keyed hashes).
	PutRecoveryCodes(ctx context.Context, personID string, hashes [][]byte, now time.Time) error
	// RestRecoveryCodes lets the codes in force rest until a time (Person.RecoveryRestsUntil); new ones do not.
	RestRecoveryCodes(ctx context.Context, personID string, until time.Time) error
	// UseRecoveryCode uses one, once; returns how many are left.
	UseRecoveryCode(ctx context.Context, personID string, hash []byte, now time.Time) (int, error)
}

// Codes keeps one-time codes sent to a contact.
type Codes interface {
	// PutCode stores a code and kills older ones of the same transaction and purpose (newest only).
	PutCode(ctx context.Context, c *Code) error
	// LatestCode returns the newest code of a transaction and purpose, used or not.
	LatestCode(ctx context.Context, transaction, purpose string) (*Code, error)
	// AwaitedCode returns a code by its id, for a page that asks what became of it.
	AwaitedCode(ctx context.Context, id string, now time.Time) (*Awaited, error)
	// DropCodes kills the codes of a transaction and purpose: it was cancelled. Idempotent.
	DropCodes(ctx context.Context, transaction, purpose string, now time.Time) error
	// LastSent returns the code that last went to an address of a person by one channel (Code.SentTo), over all transactions.
	LastSent(ctx context.Context, sentTo string, now time.Time) (Sent, error)
	// Entered counts the codes of a channel that went to numbers of a prefix after since, and which of them were entered; young
	// are those that are not older than grace. It reads them all: not for each code of a busy prefix.
	Entered(ctx context.Context, channel, prefix string, since time.Time, grace time.Duration, now time.Time) (Entered, error)
	// TryCode counts one try in one statement and, when mac matches, uses the code: unexpired, unused, not replaced,
	// tries left, same transaction, purpose, person. ErrNotFound when there is no such live code, ErrUsed when dead
	// (tries spent, used, replaced), and ok=false with the tries left when wrong.
	TryCode(ctx context.Context, t *CodeTry) (ok bool, left int, err error)
}

// Federations keeps sign-ins under way at a social provider.
type Federations interface {
	PutFederation(ctx context.Context, f *Federation) error
	// TakeFederation uses the state, once, only for this provider and browser. ErrNotFound otherwise.
	TakeFederation(ctx context.Context, stateHash []byte, provider string, browserHash []byte, now time.Time) (*Federation, error)
}

// Keys keeps signing keys, sealed.
type Keys interface {
	PutKey(ctx context.Context, k *Key) error // ErrConflict when kid exists
	Keys(ctx context.Context) ([]*Key, error) // oldest first, without those past GoneAt
	UpdateKey(ctx context.Context, k *Key) error
	// Generation is a polled counter of changes that every instance must notice (keys, configuration).
	Generation(ctx context.Context) (int64, error)
	BumpGeneration(ctx context.Context) error
}

// Outbox keeps messages until a worker handed them over.
type Outbox interface {
	Enqueue(ctx context.Context, m *Message) error
	// LeaseMessages takes up to n due messages (unsent, unexpired, lease in the past) to people, or to programs, until now+lease.
	LeaseMessages(ctx context.Context, worker string, to Addressee, n int, now time.Time, lease time.Duration) ([]*Message, error)
	// FinishMessage records the end WHERE leased by worker.
	FinishMessage(ctx context.Context, id, worker string, e MessageEnd) error
	// RetryMessage gives a message back with the time of its next try.
	RetryMessage(ctx context.Context, id, worker string, next time.Time) error
	OutboxDepth(ctx context.Context) (int, error)
	// Logouts lists what panels were told of a person's ended sessions, newest first, as long as it is kept; at most n.
	Logouts(ctx context.Context, personID string, n int) ([]*Logout, error)
	// NoteReceipt notes what a gateway says of a message that it took. Receipts come twice, late, in any order and about
	// messages that are not there: a state only moves forward (sent, then delivered or failed, then read), and all else does
	// nothing.
	NoteReceipt(ctx context.Context, r *Receipt) error
	// MessageState is what became of a message; its zero value where there is none.
	MessageState(ctx context.Context, id string) (*MessageState, error)
}

// Audit keeps what happened; append-only.
type Audit interface {
	// Append records them in one statement; without any it does nothing.
	Append(ctx context.Context, events ...*Event) error
	// EventsSince lists oldest first what came after (at, id), for following; at most n.
	EventsSince(ctx context.Context, at time.Time, id string, n int) ([]*Event, error)
	// Events lists newest first; personID "" = everyone.
	Events(ctx context.Context, personID string, before time.Time, n int) ([]*Event, error)
	// Journal lists newest first what happened to one person, by the names that are asked for.
	Journal(ctx context.Context, of JournalPage) ([]*Event, error)
}

// Limits keeps counters that survive restarts and count over all instances.
type Limits interface {
	// Bump counts one hit on key within window and returns the counter after it, in one statement; a new window
	// begins when the old one has passed.
	Bump(ctx context.Context, key string, window time.Duration, now time.Time) (Counter, error)
	// Tally forgets counters and counts one hit on each of others, whose state afterwards it returns in their order. No
	// key may be in it twice.
	Tally(ctx context.Context, forget []string, now time.Time, hits ...Hit) ([]Counter, error)
	// Counter reads without counting; zero for a key never seen, Count 0 once the window has passed.
	Counter(ctx context.Context, key string, now time.Time) (Counter, error)
	// Pause sets the time until which key is refused; while one lasts it may only be lengthened.
	Pause(ctx context.Context, key string, until time.Time) error
	ResetCounter(ctx context.Context, keys ...string) error
}

// Leases are rows that one instance holds for a while: migrating, sweeping, rotating.
type Leases interface {
	// Lease takes or renews name for holder; false when another holds it.
	Lease(ctx context.Context, name, holder string, now time.Time, d time.Duration) (bool, error)
	Release(ctx context.Context, name, holder string) error
	// Sweep removes what is past keeping, at most n rows a table; it returns how many went.
	Sweep(ctx context.Context, now time.Time, n int) (int, error)
}

// Links keeps what waits to be used or confirmed once: what was mailed as a link (forgotten password, password change,
// invitation, "it was not me"), a claimed address, a login to be connected, reserve codes on a page.
type Links interface {
	// PutLink stores a link and kills the older ones of the same person and purpose (newest only).
	PutLink(ctx context.Context, l *Link) error
	// Link reads a live link without using it: a mail scanner's GET must not burn it. ErrNotFound when it is unknown,
	// expired, used or replaced.
	Link(ctx context.Context, hash []byte, purpose string, now time.Time) (*Link, error)
	// TakeLink uses it, once. ErrNotFound for the losers and for all that Link does not find.
	TakeLink(ctx context.Context, hash []byte, purpose string, now time.Time) (*Link, error)
	// DropLinks kills all live links of a person: after a new password or address.
	DropLinks(ctx context.Context, personID string, now time.Time) error
}

// Reverts keeps changes of people's contacts that can be taken back. No end of links ends them: whoever made the change could
// end them by a new password.
type Reverts interface {
	PutRevert(ctx context.Context, r *Revert) error
	// Revert reads a live one without using it. ErrNotFound.
	Revert(ctx context.Context, hash []byte, now time.Time) (*Revert, error)
	// TakeRevert uses it, once. ErrNotFound for the losers, and once it is over.
	TakeRevert(ctx context.Context, hash []byte, now time.Time) (*Revert, error)
	// DropReverts kills those that were mailed to an address of a person. Idempotent.
	DropReverts(ctx context.Context, personID, address string, now time.Time) error
}

// Consents keeps what a person allowed a panel.
type Consents interface {
	// PutConsent adds scopes to what is already allowed; given again it moves Updated.
	PutConsent(ctx context.Context, c *Consent) error
	// Consent loads it. ErrNotFound when there is none.
	Consent(ctx context.Context, personID, clientID string) (*Consent, error)
	ConsentsOf(ctx context.Context, personID string) ([]*Consent, error)
	// RemoveConsent forgets it, idempotent. The grants are left to EndGrants.
	RemoveConsent(ctx context.Context, personID, clientID string) error
}

// Remembers keeps "remember me": a second cookie that opens a new sfa session after the old one is over.
type Remembers interface {
	PutRemember(ctx context.Context, r *Remember) error
	// TakeRemember uses it, once: each use is answered with a new one. A used one that comes back removes all of that
	// person's remembers (a stolen cookie) and is ErrUsed; unknown or expired is ErrNotFound.
	TakeRemember(ctx context.Context, hash []byte, now time.Time) (*Remember, error)
	// DropRemembers forgets a person's browsers: after sign-out everywhere, a new password, a factor change.
	DropRemembers(ctx context.Context, personID string) error
	// DropRemember forgets one, by the hash of its cookie. Idempotent.
	DropRemember(ctx context.Context, hash []byte) error
	// DropRememberOf is DropRemember if the browser is that person's, and tells whether it was.
	DropRememberOf(ctx context.Context, hash []byte, personID string) (bool, error)
}

// Assertions keeps the jti of client assertions (RFC 7523 §3), over all instances and restarts.
type Assertions interface {
	// UseAssertion notes a jti of a client until it expires. ErrUsed when it was there.
	UseAssertion(ctx context.Context, clientID, jti string, expires, now time.Time) error
}
