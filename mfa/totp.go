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
	"github.com/soglia-sso/soglia/config"
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

// keyURI follows Google Authenticator's Key URI Format. Label parts must not hold a colon; spaces are %20, because apps show
// a plus sign as it is. The account is shortened where its letters take many bytes: the picture must stay coarse enough to
// be read from a screen.
func keyURI(issuer, account, key string) string {
	part := func(s string) string { return url.PathEscape(strings.ReplaceAll(s, ":", " ")) }
	return fmt.Sprintf("otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=%d&period=%d",
		part(issuer), shortened(account, part), key, strings.ReplaceAll(url.QueryEscape(strings.ReplaceAll(issuer, ":", " ")), "+", "%20"),
		totpDigits, totpPeriod)
}

// longestLabel is what an account may take in a key URI, in bytes, escaped.
const longestLabel = 96

// shortened escapes a text, without its last letters where it would be too long.
func shortened(s string, escape func(string) string) string {
	if out := escape(s); len(out) <= longestLabel {
		return out
	}
	letters := []rune(s)
	for len(letters) > 1 && len(escape(string(letters)+"…")) > longestLabel {
		letters = letters[:len(letters)-1]
	}
	return escape(string(letters) + "…")
}

// app is the authenticator app, an own factor.
type app struct {
	box    *secret.Box
	config func() *config.Config
}

func init() { kinds[acr.TOTP] = func(f *Factors) factor { return app{f.box, f.config} } }

func (a app) read(form url.Values) string { return Normalise(typed(form)) }

func (a app) begin(_ context.Context, _ storage.Records, row *storage.Factor, q Question) (*Enrolment, error) {
	key := make([]byte, totpSecret)
	rand.Read(key)
	row.Sealed = a.box.Seal(key, "factor", row.PersonID, row.ID)
	return a.show(row, q.Person, key), nil
}

func (a app) again(_ context.Context, _ storage.Records, row *storage.Factor, q Question) (*Enrolment, error) {
	key, err := a.open(row)
	if err != nil {
		return nil, err
	}
	return a.show(row, q.Person, key), nil
}

func (a app) show(row *storage.Factor, person *storage.Person, key []byte) *Enrolment {
	text := base32.StdEncoding.EncodeToString(key)
	var groups []string
	for i := 0; i < len(text); i += 4 {
		groups = append(groups, text[i:i+4])
	}
	return &Enrolment{Method: acr.TOTP, FactorID: row.ID, App: &Key{
		Account: person.Username, Key: strings.Join(groups, " "), URI: keyURI(a.config().Factors.TOTP.Issuer, person.Username, text),
	}}
}

func (a app) confirm(_ context.Context, _ storage.Records, row *storage.Factor, t Try) (check, error) {
	step, err := a.step(row, t.answer, t.Now)
	if err != nil {
		return check{}, err
	}
	if step == 0 {
		return check{cause: ErrWrong}, nil
	}
	return check{counter: step, event: a.event(t)}, nil
}

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
	factor, err := load(ctx, r, t.Person.ID, acr.TOTP, t.Credential)
	if err != nil {
		return check{}, err
	}
	if factor.Pending {
		return check{}, ErrNoFactor
	}
	step, err := a.step(factor, t.answer, t.Now)
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
