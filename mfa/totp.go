package mfa

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// What every authenticator app can do (RFC 6238 §1.2, §4; RFC 4226 §4 R6): several ignore other values silently.
const (
	totpSecret = 20 // bytes
	totpDigits = otp.DigitsSix
	totpPeriod = 30 // seconds
	totpSkew   = 1  // steps before and after
)

// Enrolment is an app to be switched on.
type Enrolment struct {
	FactorID string // goes with the form
	Account  string // shown in the app
	Key      string // base32 in groups of four, to be typed
	URI      string // otpauth: for the QR code, see [QR]; a secret, never in a link, log or header
}

// Enrol begins to switch on an authenticator app: a pending factor with a secret of its own. account is what the app shows
// beside the issuer (config.Factors.TOTP.Issuer). A key that was shown before and not confirmed is worth nothing from now on.
func (f *Factors) Enrol(ctx context.Context, r storage.Records, person *storage.Person, account string, now time.Time) (*Enrolment, error) {
	key := make([]byte, totpSecret)
	rand.Read(key)
	id := secret.NewID()
	err := r.PutFactor(ctx, &storage.Factor{
		ID:       id,
		PersonID: person.ID,
		Method:   string(acr.TOTP),
		Sealed:   f.box.Seal(key, "factor", person.ID, id),
		Pending:  true,
		Created:  now,
	})
	if err != nil {
		return nil, err
	}
	return f.enrolment(id, account, key), nil
}

// Pending shows a begun enrolment again, after a mistyped code. ErrNoFactor when there is none, it was confirmed,
// another one was begun since, or it was begun longer ago than a request lasts.
func (f *Factors) Pending(ctx context.Context, r storage.Records, person *storage.Person, factorID, account string, now time.Time) (*Enrolment, error) {
	a := app{f.box}
	factor, err := a.load(ctx, r, person.ID, factorID)
	if err != nil {
		return nil, err
	}
	if !f.begun(factor, now) {
		return nil, ErrNoFactor
	}
	key, err := a.open(factor)
	if err != nil {
		return nil, err
	}
	return f.enrolment(factorID, account, key), nil
}

// begun reports whether an enrolment waits for its first code. A key that stood on a screen hours ago is nobody's secret
// any more, so it lasts as long as a request does (config.Lifetimes.Request).
func (f *Factors) begun(factor *storage.Factor, now time.Time) bool {
	return factor.Pending && now.Before(factor.Created.Add(f.config().Lifetimes.Request))
}

func (f *Factors) enrolment(id, account string, key []byte) *Enrolment {
	text := base32.StdEncoding.EncodeToString(key)
	var groups []string
	for i := 0; i < len(text); i += 4 {
		groups = append(groups, text[i:i+4])
	}
	issuer := f.config().Factors.TOTP.Issuer
	return &Enrolment{FactorID: id, Account: account, Key: strings.Join(groups, " "), URI: keyURI(issuer, account, text)}
}

// keyURI follows Google Authenticator's Key URI Format. Label parts must not hold a colon; spaces are %20, because apps show
// a plus sign as it is.
func keyURI(issuer, account, key string) string {
	part := func(s string) string { return url.PathEscape(strings.ReplaceAll(s, ":", " ")) }
	return fmt.Sprintf("otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=%d&period=%d",
		part(issuer), part(account), key, strings.ReplaceAll(url.QueryEscape(strings.ReplaceAll(issuer, ":", " ")), "+", "%20"),
		totpDigits, totpPeriod)
}

// Confirm switches the app on when code is right, by its first use; the event is evidence like any later use. weakUntil is
// the end of the cooling time when the enrolment stands on a proof that was not independent; zero otherwise. Try.Credential
// is the factor id of the enrolment. The verdict's cause is ErrWrong, or ErrExpired when there is no such pending enrolment
// (any more). The error is storage's.
func (f *Factors) Confirm(ctx context.Context, r storage.Records, t Try, weakUntil time.Time) (Verdict, error) {
	a := app{f.box}
	factor, err := a.load(ctx, r, t.Person.ID, t.Credential)
	if errors.Is(err, ErrNoFactor) || err == nil && !f.begun(factor, t.Now) {
		return Verdict{Cause: ErrExpired, Left: -1}, nil
	}
	if err != nil {
		return Verdict{}, err
	}
	step, err := a.step(factor, Normalise(t.Code), t.Now)
	if err != nil {
		return Verdict{}, err
	}
	if step == 0 {
		return Verdict{Cause: ErrWrong, Left: -1}, nil
	}
	if len(t.Person.Factors) == 0 {
		// Codes that came with a factor of former times would open what this one protects.
		if err := r.PutRecoveryCodes(ctx, t.Person.ID, nil, t.Now); err != nil {
			return Verdict{}, err
		}
	}
	err = r.ActivateFactor(ctx, factor.ID, step, weakUntil, t.Now)
	if errors.Is(err, storage.ErrUsed) || errors.Is(err, storage.ErrNotFound) {
		return Verdict{Cause: ErrExpired, Left: -1}, nil
	}
	if err != nil {
		return Verdict{}, err
	}
	return Verdict{OK: true, Event: a.event(t), Left: -1}, nil
}

// app is the authenticator app, an own factor.
type app struct{ box *secret.Box }

func (a app) read(typed string) string { return Normalise(typed) }

func (a app) prompt(ctx context.Context, r storage.Records, q Question) (Prompt, error) {
	if own := ownFactor(q.Person, q.Credential); own == nil || own.Method != string(acr.TOTP) {
		return Prompt{}, ErrNoFactor
	}
	return Prompt{Method: acr.TOTP, Credential: q.Credential, Waiting: true}, nil
}

func (a app) challenge(ctx context.Context, r storage.Records, q Question) (Prompt, error) {
	return a.prompt(ctx, r, q)
}

func (a app) check(ctx context.Context, r storage.Records, t Try) (check, error) {
	factor, err := a.load(ctx, r, t.Person.ID, t.Credential)
	if err != nil {
		return check{}, err
	}
	if factor.Pending {
		return check{}, ErrNoFactor
	}
	step, err := a.step(factor, t.Code, t.Now)
	if err != nil {
		return check{}, err
	}
	if step == 0 {
		return check{cause: ErrWrong, left: -1}, nil
	}
	// RFC 6238 §5.2: a code is good once. UseStep also refuses every earlier step, in any session or instance.
	err = r.UseStep(ctx, factor.ID, step, t.Now)
	if errors.Is(err, storage.ErrUsed) {
		return check{cause: ErrReplayed, replay: true, left: -1}, nil
	}
	if err != nil {
		return check{}, err
	}
	return check{event: a.event(t), left: -1}, nil
}

func (a app) load(ctx context.Context, r storage.Records, personID, id string) (*storage.Factor, error) {
	factor, err := r.Factor(ctx, personID, id)
	if errors.Is(err, storage.ErrNotFound) || err == nil && factor.Method != string(acr.TOTP) {
		return nil, ErrNoFactor
	}
	return factor, err
}

func (a app) open(factor *storage.Factor) ([]byte, error) {
	return a.box.Open(factor.Sealed, "factor", factor.PersonID, factor.ID)
}

// step returns the step whose code this is, or 0. All three are compared, whatever the first says.
func (a app) step(factor *storage.Factor, code string, now time.Time) (int64, error) {
	key, err := a.open(factor)
	if err != nil {
		return 0, err
	}
	text := base32.StdEncoding.EncodeToString(key)
	var found int64
	current := now.Unix() / totpPeriod
	for step := current - totpSkew; step <= current+totpSkew; step++ {
		want, err := hotp.GenerateCodeCustom(text, uint64(step), hotp.ValidateOpts{Digits: totpDigits, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, err
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found = step
		}
	}
	return found, nil
}

func (a app) event(t Try) acr.Event {
	return acr.Event{ID: secret.NewID(), Method: acr.TOTP, Credential: t.Credential, Own: true, At: t.Now, Request: t.Request}
}
