// Package notify reaches people: messages go into an outbox in the transaction of the act that causes them, and a worker
// hands them to the driver of their channel.
//
// It owns the outbox's sealed form, leases, retries and the drivers. It leaves what a message says to templates, and why
// it is sent to mfa, login and account; it never knows what a code is.
//
// A gateway's driver is one file, driver_x.go: its settings as the configuration has them, what is wrong with them, how it
// takes a message, what its receipts say, and its name. The gateways of a channel stand behind one [Driver], which chooses.
//
// Easy to get wrong: who repeats. A message is handed over at least once: a worker killed between the gateway's yes and
// its own note repeats that one message. Everything else (a gateway that hangs, resets, says no) is retried at most
// [maxTries] times, under one message id, and never after NotAfter. Where a gateway would not know a message that comes
// again ([ErrUnsure]), one more try is all, so that nobody gets a code more than twice.
package notify

import (
	"context"
	"errors"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// Message is what someone wants said, to one recipient.
type Message struct {
	ID       string    // of its row; "" = a new one
	Person   string    // id
	Channel  string    // email, sms, whatsapp
	Kind     string    // code, notice, link
	To       string    // mail address, or E.164 number
	Subject  string    // e-mail only
	Text     string    // plain text
	HTML     string    // e-mail only; "" = plain text alone
	Code     string    // the code in the text: some gateways want it apart; "" = none
	Lang     string    // of the text
	NotAfter time.Time // nothing is sent afterwards
	Created  time.Time // the database's clock; zero = now
}

// Delivery is a message on its way through a driver. ID is the same at every try: gateways that know idempotency keys
// get it as theirs.
type Delivery struct {
	ID      string
	Channel string
	Kind    string
	To      string
	Subject string
	Text    string
	HTML    string
	Code    string
	Lang    string
	Created time.Time
	Lasts   time.Duration         // how much longer it is of use: a gateway that can forget it should
	Stay    storage.ClientSession // of a logout, which has nothing else
}

// Driver hands messages to a gateway. Send returns its yes once the gateway has taken responsibility, an error wrapping
// [ErrRefused] when another try is of no use, [NotNow] or [ErrUnsure] where it knows that much, and any other error when
// another try may be of use; one wrapping [ErrRecipient] says nothing of the gateway. Errors hold nothing of the message, nor
// whom it is for: they go to logs. It obeys ctx.
type Driver interface {
	Send(ctx context.Context, d Delivery) (Taken, error)
}

// Taken is a gateway's yes.
type Taken struct {
	Answer    string // what it said, for operators; "" = an id says enough
	ID        string // the gateway's own, which its receipts name; "" = there are none
	Gateway   string // which one it was
	InsteadOf string // the one before it that did not take the message; "" = it was the first
	Because   error  // why that one did not
}

// ErrRefused says that this message will never be taken: no such mailbox, a malformed address.
var ErrRefused = errors.New("notify: refused for good")

// ErrRecipient says that this recipient was not taken this time, which says nothing of others.
var ErrRecipient = errors.New("notify: not this recipient, this time")

// ErrNobody says that there is nobody to tell: the panel has no address for it. That is no failure.
var ErrNobody = errors.New("notify: nobody to tell")

// ErrUnsure says that the gateway may have taken the message, and would not know it if it came again.
var ErrUnsure = errors.New("notify: it may have been taken")

// NotNow is a no that may be a yes later: nothing was taken.
type NotNow struct {
	Cause error
	Wait  time.Duration // how long the gateway wants to be left alone; 0 = it did not say
}

func (n *NotNow) Error() string { return n.Cause.Error() }
func (n *NotNow) Unwrap() error { return n.Cause }
