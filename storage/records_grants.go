package storage

import "time"

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
