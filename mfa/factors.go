package mfa

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// ErrNoFactor: the person has no such factor or contact, or the method is not one that asks for a code.
var ErrNoFactor = errors.New("mfa: no such factor")

// The verdicts on a code, for the audit record and the page. ErrWrong, ErrReplayed, *Paused and ErrDisabled are one text
// for people: nobody may learn that a refused code was right.
var (
	ErrWrong    = errors.New("mfa: wrong code")
	ErrReplayed = errors.New("mfa: code was used before")         // RFC 6238 §5.2
	ErrExpired  = errors.New("mfa: no code is waiting any more")  // never sent, expired, used up, or sent elsewhere since: offer a new one
	ErrDisabled = errors.New("mfa: factor is off until recovery") // after too many failures in a row
)

// Paused: the factor takes no code before Until, right or wrong.
type Paused struct{ Until time.Time }

func (e *Paused) Error() string { return "mfa: factor paused" }

// Reason is the word for a verdict in an audit record: wrong, replayed, expired, disabled, paused.
func Reason(cause error) string {
	var paused *Paused
	switch {
	case cause == nil:
		return ""
	case errors.As(cause, &paused):
		return "paused"
	case errors.Is(cause, ErrReplayed):
		return "replayed"
	case errors.Is(cause, ErrExpired):
		return "expired"
	case errors.Is(cause, ErrDisabled):
		return "disabled"
	}
	return "wrong"
}

// Wait: no new code is sent to this contact before Until.
type Wait struct {
	Until time.Time
	Limit string // "resend", "hour" or "day", or the rule of a Shut
}

// Held reports whether others than the person used up what there was: the page does not say "you asked for many".
func (w *Wait) Held() bool {
	return !slices.Contains([]string{"resend", "hour", "day", "account_hour", "account_day"}, w.Limit)
}

func (e *Wait) Error() string { return "mfa: next code later, limit " + e.Limit }

// Question names one factor of one person in one transaction.
type Question struct {
	Person      *storage.Person // whole
	Method      acr.Method
	Credential  string // factor id, or contact id for a sent code (acr.Option.Credential)
	Transaction string // what a code is bound to: id of the authorization request or account flow
	Purpose     string // login, verify, …
	Request     []byte // hash of the authorization request the code is asked in, or
	Session     string // the session: once it is over, the next code need not wait for this one
	Browser     string // secret of the browser's cookie; "" = none
	OnlyContact bool   // of an enrolment: its number becomes a contact and no factor (ProveNumber)
	Replaces    string // of an enrolment: id of the own factor whose place the new one takes; "" = none's
	Now         time.Time
	Why         Why // shown in the message
}

// Why is what the message with a code says about its reason. None of it is judged here.
type Why struct {
	Lang    string
	Panel   string   // name of the panel
	Areas   []string // titles of the areas to be opened
	Browser string   // "Firefox, Linux"
	IP      string
	// First is the first step that was right before the code was asked for, and Provider where that was Social, by its title:
	// what somebody else knows then, if the owner did not ask. "" = a first contact, whose owner has nothing to lose here.
	First    acr.Method
	Provider string
}

// Prompt is what a page needs to ask for a code.
type Prompt struct {
	Method      acr.Method
	Credential  string
	Destination string               // masked; "" for an app
	Waiting     bool                 // a code can be entered: one is on its way, or none has to be sent
	Gone        Gone                 // otherwise: why the last one that was sent does not count
	Code        string               // id of the code that is waiting; "" where none has to be sent
	SentAt      time.Time            // and when it was put into the outbox
	Message     storage.MessageState // what became of its message
	Expires     time.Time            // of the code that is waiting; zero for an app
	ResendAt    time.Time            // when the next code may be sent; zero for an app, not after Now = at once
	Capped      bool                 // ResendAt is far off: the contact got as many codes as it may get in an hour or a day
	Held        bool                 // likewise, but others used up what there was
}

// Gone is why a sent code does not count here. It follows from the code alone and says nothing of what was typed.
type Gone string

// Why a sent code does not count.
const (
	Tried     Gone = "tried"     // wrong ones were typed too often
	Expired   Gone = "expired"   // its time is over
	Over      Gone = "over"      // it was used, or what it was for was cancelled
	Moved     Gone = "moved"     // the transaction's last code went to another contact
	Elsewhere Gone = "elsewhere" // none was sent in this transaction; the contact may have got one for another
)

// Try is an answer.
type Try struct {
	Question
	Form    url.Values    // as posted; which field holds the answer is the kind's to know
	Request string        // id of the authorization request, for the event
	Hits    []storage.Hit // what the caller counts when the answer is right

	answer string // of the form, as the kind reads it
}

// fieldCode is the field of a form into which a code is typed.
const fieldCode = "otp"

// Typed is a form with nothing but a code typed into it.
func Typed(code string) url.Values { return url.Values{fieldCode: {code}} }

func typed(form url.Values) string { return form.Get(fieldCode) }

// Verdict is the judgement on a try. Commit before telling: it stands for counters already raised.
type Verdict struct {
	OK    bool
	Event acr.Event // when OK: to be appended to the session
	Cause error     // otherwise: ErrWrong, ErrReplayed, ErrExpired, ErrDisabled or *Paused
	Left  int       // tries left for a sent code; -1 where there is no such bound
	// PausedUntil and DisabledNow: this very try did it. Tell the person and audit mfa.paused.
	PausedUntil time.Time // zero = it did not
	DisabledNow bool      // no waiting brings it back
}

// Delivery is a code to be sent. NotAfter is when it stops to be of use.
type Delivery struct {
	ID       string // of the code, and of its message
	Person   *storage.Person
	Channel  acr.Method // Email, SMS, WhatsApp
	Address  string     // as written in the contact
	Code     string
	Purpose  string
	Created  time.Time
	NotAfter time.Time
	Why      Why
}

// Send puts a code into the outbox, within the transaction that stored it.
type Send func(ctx context.Context, records storage.Records, d Delivery) error

// Factors are all factors that can be asked for.
type Factors struct {
	// Alarm tells the operator of a limit that shut; nil = nobody is told. Set it before the first code.
	Alarm Alarm

	box    *secret.Box
	config func() *config.Config
	kinds  map[acr.Method]factor
}

// factor is one kind of factor. A new one is a file with these methods that puts itself into kinds; one that people switch
// on themselves is an [enroller], too.
type factor interface {
	// read takes the answer out of the posted form, in the one spelling that check compares; "" is none, and no guess.
	read(form url.Values) string
	// prompt says what there is to answer; it changes nothing.
	prompt(ctx context.Context, r storage.Records, q Question) (Prompt, error)
	// challenge makes ready: it sends a code where one must be sent.
	challenge(ctx context.Context, r storage.Records, q Question) (Prompt, error)
	// check judges the answer that read found, or more of the form; the try is already counted. The error is storage's.
	check(ctx context.Context, r storage.Records, t Try) (check, error)
}

// kinds make the factors for which nothing is sent. The file of each puts it here.
var kinds = map[acr.Method]func(f *Factors) factor{}

// New makes the factors of this server: those that are always there, and a code by every channel that is configured now.
func New(box *secret.Box, cfg func() *config.Config, send Send) *Factors {
	f := &Factors{box: box, config: cfg, kinds: map[acr.Method]factor{}}
	for channel := range cfg().Channels {
		f.kinds[acr.Method(channel)] = sentCode{acr.Method(channel), box, cfg, send, f.alarm}
	}
	for m, kind := range kinds {
		f.kinds[m] = kind(f)
	}
	return f
}

func (f *Factors) alarm(ctx context.Context, r storage.Records, s Shut) error {
	if f.Alarm == nil {
		return nil
	}
	return f.Alarm(ctx, r, s)
}

// Asks reports whether this server can ask for a method.
func (f *Factors) Asks(m acr.Method) bool { return f.kinds[m] != nil }

// Prompt says what a page should show; it changes nothing. ErrNoFactor, or storage's errors.
func (f *Factors) Prompt(ctx context.Context, r storage.Records, q Question) (Prompt, error) {
	kind, ok := f.kinds[q.Method]
	if !ok {
		return Prompt{}, fmt.Errorf("%w: %s", ErrNoFactor, q.Method)
	}
	return kind.prompt(ctx, r, q)
}

// Challenge makes a factor ready to be answered, by sending a new code where there is one to send: run it in a
// transaction. *Wait when it is too soon (nothing was sent; return it from the transaction, so that nothing is counted
// either), ErrNoFactor, or storage's errors.
func (f *Factors) Challenge(ctx context.Context, r storage.Records, q Question) (Prompt, error) {
	kind, ok := f.kinds[q.Method]
	if !ok {
		return Prompt{}, fmt.Errorf("%w: %s", ErrNoFactor, q.Method)
	}
	return kind.challenge(ctx, r, q)
}
