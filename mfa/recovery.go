package mfa

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
)

// ticketLasts is how long a list of new recovery codes can be confirmed.
const ticketLasts = 30 * time.Minute

// RecoveryCodes are new codes that nobody keeps yet: they count, and the former ones die, once one of them was typed back
// (help promise 7). Show them only in the answer to a POST.
type RecoveryCodes struct {
	Codes  []string // "abcd-efgh-ijkl-mnop", 80 bits each (docs/security.md, numbers)
	Ticket string   // goes with the form; sealed, for this person only, good once, for half an hour, until newer ones are shown
}

// ticket is what Ticket holds.
type ticket struct {
	ID    string   `json:"id"`
	Codes []string `json:"c"`
}

// linkRecovery is the purpose of the row that stands for the newest ticket of a person. The codes are not in it.
const linkRecovery = "recovery_codes"

// NewRecoveryCodes makes codes for a person, in place of those that were shown and not confirmed. The codes in force stay:
// a page that was left too early cost nobody those in the drawer.
func (f *Factors) NewRecoveryCodes(ctx context.Context, r storage.Links, person *storage.Person, now time.Time) (*RecoveryCodes, error) {
	t := ticket{ID: secret.NewID()}
	for range f.config().Factors.Recovery {
		t.Codes = append(t.Codes, secret.RecoveryCode())
	}
	raw, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	err = r.PutLink(ctx, &storage.Link{
		Hash: secret.Hash(t.ID), Purpose: linkRecovery, PersonID: person.ID, Created: now, Expires: now.Add(ticketLasts),
	})
	if err != nil {
		return nil, err
	}
	sealed := base64.RawURLEncoding.EncodeToString(f.box.Seal(raw, "recovery ticket", person.ID))
	return &RecoveryCodes{t.Codes, sealed}, nil
}

// PendingRecoveryCodes shows codes again that were not confirmed, after a mistyped one. ErrExpired when the ticket is too
// old, used, another person's, or not the newest.
func (f *Factors) PendingRecoveryCodes(ctx context.Context, r storage.Links, person *storage.Person, sealed string, now time.Time) (*RecoveryCodes, error) {
	t, err := f.ticket(person, sealed)
	if err != nil {
		return nil, err
	}
	if _, err := r.Link(ctx, secret.Hash(t.ID), linkRecovery, now); errors.Is(err, storage.ErrNotFound) {
		return nil, ErrExpired
	} else if err != nil {
		return nil, err
	}
	return &RecoveryCodes{t.Codes, sealed}, nil
}

// ConfirmRecoveryCodes puts the codes of the ticket in force, in place of all former ones, when typed is one of them. Run
// it in a transaction. rests is until when they count no more than the proof they were handed out on (acr.NewFactorRests);
// zero = they count at once. ErrWrong when it is none (nothing changed), ErrExpired as [Factors.PendingRecoveryCodes]; otherwise
// storage's errors.
func (f *Factors) ConfirmRecoveryCodes(ctx context.Context, r storage.Records, person *storage.Person, sealed, typed string, rests, now time.Time) error {
	t, err := f.ticket(person, sealed)
	if err != nil {
		return err
	}
	var hashes [][]byte
	for _, c := range t.Codes {
		hashes = append(hashes, reserve{f.box}.hash(person.ID, NormaliseRecovery(c)))
	}
	code := NormaliseRecovery(typed)
	if !slices.ContainsFunc(t.Codes, func(c string) bool { return NormaliseRecovery(c) == code }) {
		return ErrWrong
	}
	// A ticket that could come back would bring used codes back to life.
	if _, err := r.TakeLink(ctx, secret.Hash(t.ID), linkRecovery, now); errors.Is(err, storage.ErrNotFound) {
		return ErrExpired
	} else if err != nil {
		return err
	}
	if err := r.PutRecoveryCodes(ctx, person.ID, hashes, now); err != nil || rests.IsZero() {
		return err
	}
	return r.RestRecoveryCodes(ctx, person.ID, rests)
}

func (f *Factors) ticket(person *storage.Person, sealed string) (*ticket, error) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return nil, ErrExpired
	}
	plain, err := f.box.Open(raw, "recovery ticket", person.ID)
	if err != nil {
		return nil, ErrExpired
	}
	var t ticket
	if err := json.Unmarshal(plain, &t); err != nil {
		return nil, ErrExpired
	}
	return &t, nil
}

// NormaliseRecovery returns the one form of a recovery code as typed or pasted: lower case, without spaces and dashes,
// and with the letters for the digits that are read for them (RFC 4648 §6 has neither 0 nor 1). "" is no code.
func NormaliseRecovery(typed string) string {
	if len(typed) > maxTyped {
		return ""
	}
	var b strings.Builder
	for _, r := range strings.ToLower(typed) {
		switch {
		case 'a' <= r && r <= 'z', '2' <= r && r <= '7':
			b.WriteRune(r)
		case r == '0':
			b.WriteByte('o')
		case r == '1':
			b.WriteByte('l')
		case !strings.ContainsRune(filler, r):
			return ""
		}
	}
	if b.Len() != 16 { // 80 bits
		return ""
	}
	return b.String()
}

// reserve is the recovery codes: handed out beside an own factor, each good once in its place.
type reserve struct{ box *secret.Box }

func init() { kinds[acr.Recovery] = func(f *Factors) factor { return reserve{f.box} } }

func (s reserve) read(form url.Values) string { return NormaliseRecovery(typed(form)) }

func (s reserve) prompt(_ context.Context, _ storage.Records, q Question) (Prompt, error) {
	if q.Person.RecoveryCodes == 0 || len(q.Person.Factors) == 0 {
		return Prompt{}, ErrNoFactor
	}
	return Prompt{Method: acr.Recovery, Waiting: true}, nil
}

func (s reserve) challenge(ctx context.Context, r storage.Records, q Question) (Prompt, error) {
	return s.prompt(ctx, r, q)
}

// check uses the code in one statement: of many tries at once with the same one, one is right.
func (s reserve) check(ctx context.Context, r storage.Records, t Try) (check, error) {
	left, err := r.UseRecoveryCode(ctx, t.Person.ID, s.hash(t.Person.ID, t.answer), t.Now)
	switch {
	case errors.Is(err, storage.ErrUsed):
		return check{cause: ErrReplayed, replay: true, left: -1}, nil
	case errors.Is(err, storage.ErrNotFound):
		return check{cause: ErrWrong, left: -1}, nil
	case err != nil:
		return check{}, err
	}
	return check{left: left, event: acr.Event{
		ID: secret.NewID(), Method: acr.Recovery, Own: true, Resting: t.Now.Before(t.Person.RecoveryRestsUntil), At: t.Now, Request: t.Request,
	}}, nil
}

// hash binds a code to its owner: somebody else's row is worthless, and so is the list without the master key.
func (s reserve) hash(personID, code string) []byte {
	return s.box.MAC("recovery code", personID, code)
}
