package storage

import "time"

// Person is someone who can sign in. ID is the OIDC subject: 128 random bits, lower-case base32, never re-used.
type Person struct {
	ID                 string
	Version            int64
	Username           string // as chosen
	Canonical          string // of Username
	CustomerNumber     string
	ExternalID         string
	Locale             string // "it", "en"
	Profile            []byte // JSON object of standard claims (name, given_name, …)
	PasswordHash       string // PHC string; "" = none
	PasswordSetAt      time.Time
	PasswordVia        string    // canonical address through which it was last set; "" = with the old password or a factor
	PasswordViaUntil   time.Time // end of cooling of PasswordVia
	SecondSince        time.Time // second steps from before it are void; raised by storage, see VoidSecondSteps
	EverySignIn        bool      // the person's own choice of a second factor at every sign-in
	ChosenWay          string    // the way of second steps that they chose last, where another was asked first (acr.Option.Way); only ChooseWay writes it
	Disabled           bool
	BillingProfile     bool      // the operator's own system has one for this person (People API)
	BirthAddress       string    // an invitation to it set the first password, and nothing changed since; "" = none
	BirthUntil         time.Time // end of BirthAddress
	RestsUntil         time.Time // recovered by the help desk: no code to a contact opens anything before then; zero = none
	RecoveryCodes      int       // unused ones; counted at load
	RecoveryMade       time.Time // when the codes in force were handed out, used ones too; zero = there are none
	RecoveryRestsUntil time.Time // they were handed out on a proof that did not count; zero = they count at once
	Created            time.Time
	Updated            time.Time

	Contacts   []*Contact
	Factors    []*Factor // confirmed ones, disabled ones too (see Disabled), without secrets
	Identities []*Identity
}

// Contact is an address of a person. One mailbox may belong to several people.
type Contact struct {
	ID         string
	PersonID   string
	Channel    string // "email" or "phone"
	Address    string // as written
	Canonical  string // lower-case mail address or E.164
	Primary    bool
	VerifiedAt time.Time // zero = on file
	RestsUntil time.Time // end of the cooling time; zero = settled
	Notices    bool      // of a number: security notices go there, too (mailboxes get them all)
	Created    time.Time
}

// Factor is an own second factor.
type Factor struct {
	ID         string
	PersonID   string
	Method     string // acr.Method: totp, passkey, sms, whatsapp
	Label      string
	Sealed     []byte    // secret; AEAD, associated data = person id and factor id. Only Factors.Factor fills it
	Address    string    // sms, whatsapp: E.164
	Channels   []string  // sms, whatsapp: those through which a code was entered once
	Pending    bool      // enrolled but not confirmed
	Replaces   string    // pending: id of the factor whose place it takes (Factors.SwapFactor); "" = none's
	LastStep   int64     // totp: last accepted step
	RestsUntil time.Time // switched on by a weak proof; zero = it counts at once
	Disabled   bool
	Created    time.Time
	LastUsed   time.Time
}

// Identity links a person to a subject at a social provider.
type Identity struct {
	Provider string
	Subject  string
	PersonID string
	Emails   []string // canonical addresses ever reported, verified or not
	ProvedAt time.Time
	Created  time.Time
}

// Session is a signed-in browser. The cookie holds a secret; only its hash is here.
type Session struct {
	ID        string
	PersonID  string
	Hash      []byte
	Version   int64
	Events    []byte // JSON []acr.Event
	IP        string
	UserAgent string
	Created   time.Time
	LastSeen  time.Time
	IdleUntil time.Time
	Expires   time.Time // absolute limit
	EndedAt   time.Time
	EndReason string
}

// SessionEnd says which sessions of a person end: all, or only one, or all but one.
type SessionEnd struct {
	PersonID string
	Only     string // this session
	Except   string // … or all but this one
	Offline  bool   // offline grants end too, those of earlier sessions as well
	Reason   string
	Now      time.Time
}

// GrantEnd says which grants end: the one of this ID, or all of a client; with PersonID those of one person.
type GrantEnd struct {
	ID, ClientID, PersonID string
	Reason                 string
	Now                    time.Time
}

// ClientSession is a person's stay at a client, in the terms of a logout token (OIDC Back-Channel Logout 1.0 §2.4): what
// the client was given as sid, of whom, and on which session of ours.
type ClientSession struct{ ClientID, Sid, PersonID, SessionID string }

// Grain is how finely an idle limit of this length is kept: activity moves it, and is written at most once in this time.
// A limit that was written once a minute whatever its length would end under the hands of whoever works, if it is short.
func Grain(idle time.Duration) time.Duration { return min(time.Minute, idle/4) }

// Quarantine is a social sign-in whose identity is not proved yet: never single sign-on.
type Quarantine struct {
	ID        string
	PersonID  string
	Hash      []byte
	Events    []byte // JSON []acr.Event
	IP        string
	UserAgent string
	Created   time.Time
	Expires   time.Time
}

// RequestKept is how long a request is kept beyond its end: whoever comes back to it then is told where to begin again.
const RequestKept = 2 * time.Hour

// Request is an authorization request that needs a page, bound to a browser.
type Request struct {
	Hash        []byte // of the id in the URL
	Version     int64
	ClientID    string
	BrowserHash []byte // of the browser cookie; empty until bound (after a cross-site POST)
	IP          string // what is counted together: an IPv4 address, the /64 of an IPv6 one
	Params      []byte // JSON: what the answer needs (redirect_uri, state, nonce, response_mode, challenge, claims, …)
	Asked       []byte // JSON acr.Request
	Interacted  bool   // a form was posted: the last hop answers by meta refresh (CSP form-action)
	Standing    Standing
	Evicted     bool // closed to make room; FinishedAt is when
	Created     time.Time
	Expires     time.Time
	FinishedAt  time.Time
}

// Standing is what is known of a request's browser. Of open requests, the lower ones make room for others.
type Standing int64

// The standings, lowest first.
const (
	Fresh    Standing = iota // it brought no cookie; whether it keeps ours is not known yet
	Returned                 // it brought our cookie
	SignedIn                 // it had a session when the request came
	Proved                   // a step succeeded in the request
)

// Grant is one sign-in at one panel: a code, then maybe a chain of refresh tokens.
type Grant struct {
	ID           string
	ClientID     string
	PersonID     string
	SessionID    string
	Sid          string // sid claim
	RequestHash  []byte // request to finish with IssueCode; nil for a silent hop
	CodeHash     []byte
	CodeExpires  time.Time
	RedirectURI  string
	Challenge    string // PKCE S256 challenge; "" = none was sent
	Nonce        string
	Scopes       []string
	Claims       []byte // JSON of the claims parameter; nil = none
	Frozen       string // JSON acr.Frozen
	Offline      bool   // offline_access granted: outlives the session
	Created      time.Time
	RedeemedAt   time.Time
	RefreshHash  []byte
	Generation   int64
	RefreshUntil time.Time // idle limit of the current refresh token
	Expires      time.Time // absolute limit of the grant
	EndedAt      time.Time
	EndReason    string
	UsedAt       time.Time // when the refresh token was first used and replaced; zero = it is current. Only by GrantByRefresh
	NotedAt      time.Time // last record of a use of it. Only by GrantByRefresh
	SessionIdle  time.Time // session's limits, read with the grant; zero when offline
	SessionEnds  time.Time
	SessionOver  bool // read with the grant: it is offline and its session has ended
}

// RedeemedCode is when a code was issued and when it came back.
type RedeemedCode struct{ Issued, Redeemed time.Time }

// Redemption is the use of a code.
type Redemption struct {
	CodeHash     []byte
	ClientID     string
	RefreshHash  []byte       // nil = no refresh token
	RefreshUntil time.Time    // idle limit of that token
	Expires      time.Time    // absolute limit of the grant
	Access       *AccessToken // nil = JWT
	Now          time.Time
	Event        *Event    // of the use
	SecondUse    SecondUse // where the code was used before
}

// SecondUse says how it is recorded that a grant ended because one of its secrets came a second time. The rest of the
// record (client, address) is that of the use that was refused.
type SecondUse struct {
	Name, Outcome, Reason string // of the audit event; Reason is the grant's EndReason too
}

// NotedEvery is how often the use of a grant's refresh token is recorded at most.
const NotedEvery = 24 * time.Hour

// RefreshUse is the use of a refresh token that stays.
type RefreshUse struct {
	GrantID      string
	ClientID     string
	Hash         []byte
	RefreshUntil time.Time    // idle limit of the token; zero = leave
	Access       *AccessToken // nil = JWT
	IdleUntil    time.Time    // moves the session's idle limit (activity), at most once in its Grain; zero = leave
	Now          time.Time
	Event        *Event // of the use
	Due          bool   // the last record is as old as NotedEvery, or there is none: write Event
}

// Rotation is the use of a refresh token that is replaced. RefreshUntil is the successor's idle limit.
type Rotation struct {
	RefreshUse
	NewHash []byte
	KeyID   uint32        // of the key by which the successor was made from the token
	Leeway  time.Duration // from the first use on, in which the token may be repeated while NewHash is current; 0 = none

	LeewayReason string    // of Event when the token is repeated within Leeway
	SecondUse    SecondUse // when it comes later
}

// AccessToken is an opaque access token.
type AccessToken struct {
	Hash     []byte
	GrantID  string
	ClientID string
	Scopes   []string
	Acr      string // "" with Amr nil and AuthTime zero: an answer without them
	Amr      []string
	AuthTime time.Time
	Issued   time.Time
	Expires  time.Time
}

// Code is a one-time code on its way to a contact.
type Code struct {
	ID          string
	Transaction string // request or account flow it belongs to
	Purpose     string // login, verify, reset, …
	PersonID    string
	ContactID   string // of the contact, or of the own factor
	SentTo      string // names person, channel and address, whether that is a contact, a factor or neither yet (LastSent)
	Channel     string
	Prefix      string // country and the first digits of the number it went to; "" = it went to none
	MAC         []byte // keyed HMAC over code, id and purpose
	Tries       int
	MaxTries    int
	Created     time.Time
	Expires     time.Time
	UsedAt      time.Time
	ReplacedAt  time.Time
	RequestHash []byte       // the authorization request, or
	SessionID   string       // the session that it was asked in; neither = it is over by itself only
	Message     MessageState // of its message, which has its id. Only by LatestCode and AwaitedCode
}

// Awaited is a code with what shows whose page may ask about it.
type Awaited struct {
	Code
	Browser []byte // hash of the browser that its request belongs to, as long as that is open
	Session []byte // hash of the session that it was asked in, as long as that lives
	Profile []byte // of its person
}

// Sent is the last code that went to an address.
type Sent struct {
	At   time.Time // zero = never
	Over bool      // it was used or dropped, or what it was asked in is over
}

// Entered says what became of the codes that went to the numbers of a prefix.
type Entered struct {
	Sent    int // without those whose message is known not to have left
	Entered int // of them
	Young   int // of them, not entered, but there was little time
}

// CodeTry is one try of a code.
type CodeTry struct {
	ID          string
	Transaction string
	Purpose     string
	PersonID    string
	MAC         []byte
	Now         time.Time
}

// Federation is a sign-in under way at a provider.
type Federation struct {
	StateHash   []byte
	Provider    string
	RequestID   string // id of the authorization request, sealed by the caller if it must not be readable
	BrowserHash []byte
	Sealed      []byte // nonce and PKCE verifier
	Created     time.Time
	Expires     time.Time
}

// Key is a signing key.
type Key struct {
	ID         string // kid
	Alg        string // RS256, ES256, EdDSA
	Sealed     []byte // PKCS #8, AEAD with the kid as associated data
	Public     []byte // PKIX
	Created    time.Time
	ActiveFrom time.Time // published before, signs from then on
	RetiredAt  time.Time // signs no more; zero = still may
	GoneAt     time.Time // leaves JWKS; zero = not yet known
}

// Message is something to be sent.
type Message struct {
	ID       string
	PersonID string
	Channel  string        // email, sms, whatsapp; logout, event
	Kind     string        // code, notice; logout; of an event its name
	Sealed   []byte        // content; AEAD, associated data = message id
	Stay     ClientSession // of a logout: its whole content, and no secret
	Created  time.Time
	NotAfter time.Time // nothing is sent afterwards
	Due      time.Time
	Attempts int
}

// ChannelLogout is the channel by which panels are told that a stay is over.
const ChannelLogout = "logout"

// ChannelEvent is the channel by which the operator's own program is told what happened.
const ChannelEvent = "event"

// Addressee is who gets messages. They wait for one another in nothing: a panel that hangs keeps no code from a person, and
// ten thousand events of an import keep no panel from hearing that a stay is over.
type Addressee int

// The addressees.
const (
	ToPeople   Addressee = iota // by every channel that is none of the others
	ToPanels                    // by ChannelLogout
	ToOperator                  // by ChannelEvent
)

// Logout is what became of telling a panel that a stay is over.
type Logout struct {
	ClientID  string
	SessionID string
	State     string // queued, sent, failed
	Ended     time.Time
	At        time.Time // of sent or failed; zero = not yet
}

// MessageEnd is how handing a message over ended.
type MessageEnd struct {
	State     string // sent, failed
	Reason    string // of a failure
	Gateway   string // which one took it
	GatewayID string // what it calls the message; "" = it sends no receipts
	At        time.Time
}

// Receipt is what a gateway says of a message.
type Receipt struct {
	Gateway   string
	GatewayID string
	State     string // sent, delivered, failed, read
	At        time.Time
}

// MessageState is how far a message came.
type MessageState struct {
	State     string    // queued, retrying (a try failed, another one follows), sent, failed; "" = there is no message
	Ended     time.Time // when a gateway took it, or it was given up; zero = neither
	Reports   bool      // the gateway that took it has a name for it, by which it may say more
	Receipt   string    // what the gateway said; "" = nothing yet
	ReceiptAt time.Time // when it came, or of a message that was read, when it was delivered
}

// Counter is the state of a limit.
type Counter struct {
	Count int
	Since time.Time // begin of the window
	Until time.Time // refused until then; zero = not paused
}

// Hit is one more on a counter, within a window.
type Hit struct {
	Key    string
	Window time.Duration
}

// Event is one audit record.
type Event struct {
	ID        string
	At        time.Time
	Name      string // authn.ok, mfa.fail, token.reuse, …
	Outcome   string // ok, fail
	Reason    string
	Actor     string // person id, client id or operator; "" = unknown
	PersonID  string // subject of the event
	ClientID  string
	SessionID string
	IP        string
	UserAgent string
	RequestID string // HTTP request id
	Detail    []byte // JSON object, bounded; never a secret
}

// Link is a secret that was mailed to someone.
type Link struct {
	Hash     []byte
	Purpose  string // reset, password, invitation, not_me, …
	PersonID string
	Address  string // canonical address it was mailed to
	Data     []byte // JSON of the caller; never a secret
	Created  time.Time
	Expires  time.Time
	UsedAt   time.Time
}

// Consent is what a person allowed a panel.
type Consent struct {
	PersonID string
	ClientID string
	Scopes   []string
	Created  time.Time
	Updated  time.Time
}

// Remember is a browser that a person asked to be remembered in.
type Remember struct {
	Hash      []byte
	PersonID  string
	IP        string
	UserAgent string
	Created   time.Time
	Expires   time.Time
}
