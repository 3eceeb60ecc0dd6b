package storage

import "time"

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
