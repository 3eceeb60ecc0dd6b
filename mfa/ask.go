package mfa

import (
	"context"
	"errors"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// Ask is [Factors.Prompt] for a page that is about to be shown: a code that has to be sent is sent now, once. Where that
// is too soon (a reload, another tab, enough for today) the page shows when the next one may be sent. sent records the
// sending, in its transaction.
func (f *Factors) Ask(ctx context.Context, db storage.Store, q Question, sent func(storage.Records) error) (Prompt, error) {
	prompt, err := f.Prompt(ctx, db, q)
	if err != nil || prompt.Waiting || prompt.ResendAt.After(q.Now) {
		return prompt, err
	}
	now, err := f.Send(ctx, db, q, sent)
	var wait *Wait
	if errors.As(err, &wait) {
		return f.TooSoon(ctx, db, q, wait) // asked anew: another tab may have sent the code that is waiting now
	}
	return now, err
}

// Send is [Factors.Challenge] in a transaction of its own, with its record. *Wait when it is too soon.
func (f *Factors) Send(ctx context.Context, db storage.Store, q Question, sent func(storage.Records) error) (prompt Prompt, err error) {
	err = db.Tx(ctx, func(r storage.Records) error {
		if prompt, err = f.Challenge(ctx, r, q); err != nil {
			return err
		}
		return sent(r)
	})
	return prompt, err
}

// TooSoon is the prompt of who asked for another code before its time.
func (f *Factors) TooSoon(ctx context.Context, r storage.Records, q Question, wait *Wait) (Prompt, error) {
	prompt, err := f.Prompt(ctx, r, q)
	return prompt.Later(wait), err
}

// Later is the prompt of who must wait for another code.
func (p Prompt) Later(wait *Wait) Prompt {
	p.ResendAt, p.Capped, p.Held = wait.Until, wait.Limit != "resend", wait.Held()
	return p
}

// Minutes is how long the code is good from now, rounded up; 0 for an app.
func (p Prompt) Minutes(now time.Time) int {
	if p.Expires.IsZero() {
		return 0
	}
	return max(1, int((p.Expires.Sub(now)+time.Minute-1)/time.Minute))
}

// ResendIn is in how many seconds another code may be sent, rounded up, so that trying then is never too early; 0 = now.
func (p Prompt) ResendIn(now time.Time) int {
	if !p.ResendAt.After(now) {
		return 0
	}
	return int((p.ResendAt.Sub(now) + time.Second - 1) / time.Second)
}
