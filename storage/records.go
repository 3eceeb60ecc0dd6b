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
	FrozenSince        time.Time // "it was not me" (acr.Freeze): the act that was disowned, of several the earliest. Only Freeze and Unfreeze write these
	FrozenMailed       time.Time // … the earliest that was disowned behind a mailed link; zero = none was
	FrozenUntil        time.Time // … its end by time; zero = nobody ever said so
	FrozenLifted       time.Time // … its end by a proof or the help desk; zero = neither
	FrozenVia          []string  // … canonical addresses whose codes do not lift it
	EverySignIn        bool      // the person's own choice of a second factor at every sign-in
	ChosenWay          string    // the way of second steps that they chose last, where another was asked first (acr.Option.Way); only ChooseWay writes it
	Disabled           bool
	Groups             []string  // into which the operator put the person, sorted; none has a blank (config.GroupName). The YAML may give further ones
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

// Freezing is "it was not me" being said.
type Freezing struct {
	PersonID string
	Act      time.Time // what is disowned
	Mailed   bool      // behind a mailed link
	Until    time.Time
	Via      []string // canonical addresses whose codes do not lift it
	Now      time.Time
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
	NoCodes    bool      // its owner wants no codes there
	PutBack    bool      // it came back by a [Revert]: while it rests no link for a password goes there
	ProvedBy   string    // canonical address to which the one code went that proved its adding; "" = more than that did
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
	Created    time.Time // when it was begun, and once it is confirmed, when that was
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

// JournalPage is a page of one person's records. At and ID are those of the record after which it begins; zero = of the newest.
type JournalPage struct {
	PersonID string
	Names    []string
	At       time.Time
	ID       string
	Since    time.Time // none that is older
	Most     int
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

// Revert is a change of a person's contacts that can be taken back by a mailed secret.
type Revert struct {
	Hash     []byte
	PersonID string
	Address  string    // canonical, to which the secret was mailed
	Data     []byte    // JSON of the caller
	Created  time.Time // of the change
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
