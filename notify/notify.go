// Package notify reaches people: messages go into an outbox in the transaction of the act that causes them, and a worker
// hands them to the driver of their channel.
//
// It owns the outbox's sealed form, leases, retries and the drivers. It leaves what a message says to templates, and why
// it is sent to mfa, login and account; it never knows what a code is.
//
// A gateway's driver is one file, driver_x.go: its settings as the configuration has them, what is wrong with them, how it
// takes a message, and its name.
//
// Easy to get wrong: who repeats. A message is handed over at least once: a worker killed between the gateway's yes and
// its own note repeats that one message. Everything else (a gateway that hangs, resets, says no) is retried at most
// [maxTries] times, under one message id, and never after NotAfter.
package notify

import (
	"context"
	"errors"
	"time"
)

// Message is what someone wants said, to one recipient.
type Message struct {
	ID       string    // of its row; "" = a new one
	Person   string    // id
	Channel  string    // email, sms, whatsapp
	Kind     string    // code, notice
	To       string    // mail address, or E.164 number
	Subject  string    // e-mail only
	Text     string    // plain text
	HTML     string    // e-mail only; "" = plain text alone
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
	Created time.Time
}

// Driver hands messages to a gateway. Send returns what the gateway said once it has taken responsibility, an error wrapping
// [ErrRefused] when another try is of no use, and any other error when it may be; one wrapping [ErrRecipient] says nothing of
// the gateway. Errors do not name the recipient: they go to logs. It obeys ctx.
type Driver interface {
	Send(ctx context.Context, d Delivery) (answer string, err error)
}

// ErrRefused says that this message will never be taken: no such mailbox, a malformed address.
var ErrRefused = errors.New("notify: refused for good")

// ErrRecipient says that this recipient was not taken this time, which says nothing of others.
var ErrRecipient = errors.New("notify: not this recipient, this time")
