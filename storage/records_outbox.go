package storage

import "time"

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
