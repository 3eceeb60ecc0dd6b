// Package gatewaytest has the gateways for messages as fakes: HTTP servers that take a message, answer it and report on it
// as the real ones do, and fail as they do.
//
// It owns what is known of the vendors' protocols, from their public documents alone. Each vendor's file names those
// documents and says at the end of its comment what none of them confirmed; docs/gateways.md has the list for operators.
// It leaves sending, and the checking of receipts, to the drivers of notify. It was written before them and imports
// nothing of ours, so that neither can copy the other's mistake.
//
// Easy to get wrong: whether a message went out. A gateway that hangs took nothing here; one that drips, breaks off or
// answers nonsense has taken the message. [Fake.Taken] is the truth, whatever the sender was told.
package gatewaytest

import (
	"net/http"
	"time"
)

// Fake is a gateway. It stands behind a socket (httptest.NewServer), or is itself the transport of a client, without
// sockets, for tests in a bubble. Tests run one table over [All].
type Fake interface {
	http.Handler
	// RoundTrip refuses hosts that are not the vendor's, where the vendor has hosts of its own, and plain http.
	http.RoundTripper

	Driver() string // as the configuration names it
	Page() string   // where the documents are that it was written from

	// Behave sets how the next requests are met: each takes the first mode, and the last one stays. None = [Right].
	Behave(...Mode)

	Requests() int      // all that came
	Faults() int        // those met with a mode other than Right
	Mistakes() []string // what was wrong with requests in the eyes of the real gateway, oldest first
	Taken() []Message   // what was taken, oldest first

	// Report is the request by which the gateway reports on a message to the address for receipts. Sent twice it is
	// a duplicate, sent later a replay; statuses may be sent in any order, as in life.
	Report(to string, m Message, s Status, flaw ...Flaw) Receipt
	// Flaws are those that a report of this gateway can have: there is nothing to forge where nothing is signed.
	Flaws() []Flaw
}

// All makes one fake of each kind, with accounts of its own.
func All() []Fake {
	return []Fake{NewMobyt(), NewTwilio(), NewVonage(), NewMetaCloud(), NewWebhook()}
}

// Mode is how a gateway meets a request.
type Mode int

// The modes. Refusals are in the vendor's own form.
const (
	Right        Mode = iota
	Unauthorized      // 401: the account is not let in
	Refused           // 400, or what the vendor uses instead: this message will never be taken
	Busy              // 429 with Retry-After
	Broken            // 500
	Hang              // the request is read and never answered; nothing is taken
	Drip              // taken, and answered a byte a second
	Reset             // taken, and the connection is reset before an answer
	ErrorInside       // the status of success, an error in the body; nothing is taken, except by webhook, where 2xx is a yes
	Malformed         // taken; the status of success, and half an answer that is no JSON
)

// Modes are all of them, for tables.
var Modes = []Mode{Right, Unauthorized, Refused, Busy, Broken, Hang, Drip, Reset, ErrorInside, Malformed}

func (m Mode) String() string {
	return [...]string{"right", "401", "refused", "429", "500", "hangs", "drips", "resets", "error inside", "no JSON"}[m]
}

// RetryAfter is what a busy gateway asks for.
const RetryAfter = 7 * time.Second

// Message is what a gateway took.
type Message struct {
	ID        string // the gateway's own, which its receipts name
	Reference string // the sender's own; "" = it gave none
	To        string // E.164 with its plus sign
	From      string // "" = none was named
	Text      string // of a text message; of a template, the code
	Segments  int    // of a text message; 0 = it is none
	Template  string // WhatsApp only
	Event     string // by webhook only: the type of what is no message
	Language  string // of the template
	Callback  string // where this message's receipts shall go; "" = where the account says
	At        time.Time
	Header    http.Header // of the request
	Body      []byte      // of the request
}

// Status is how far a message got.
type Status int

// The statuses. A vendor's own word for each is in its file; who knows no Read says Delivered.
const (
	Sent Status = iota
	Delivered
	Read
	Failed
)

func (s Status) String() string { return [...]string{"sent", "delivered", "read", "failed"}[s] }

// other is a status that says the contrary.
func (s Status) other() Status {
	if s == Failed {
		return Delivered
	}
	return Failed
}

// Flaw is what is wrong with a receipt.
type Flaw int

// The flaws. A receiver must refuse the first four; a foreign one is genuine and must have no effect.
const (
	Forged   Flaw = iota // signed with another key; where the address is the secret, sent to a guessed one
	Unsigned             // without a signature
	Altered              // changed after it was signed
	Stale                // signed an hour ago
	Foreign              // about a message that was never handed over
)

func (f Flaw) String() string {
	return [...]string{"forged", "unsigned", "altered", "stale", "foreign"}[f]
}
