package session

import (
	"context"
	"encoding/json"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/storage"
)

// Thaw lifts the freeze that "it was not me" left on a person's account, where a proof beside what the browser had proved does so
// (acr.LiftsFreeze). Call it in the transaction that attaches the proof; the record is appended where it lifts. It asks the
// database nothing where the account is not frozen.
func Thaw(ctx context.Context, db storage.Records, cfg *config.Config, person *storage.Person, before []acr.Event, proof acr.Event, record *storage.Event, now time.Time) error {
	if !Frozen(person, now) {
		return nil
	}
	evidence := acr.Evidence{Events: append(append([]acr.Event(nil), before...), proof)}
	if !acr.LiftsFreeze(cfg.Policy, AcrPerson(cfg, person), evidence, now) {
		return nil
	}
	lifted, err := db.Unfreeze(ctx, person.ID, now)
	if err != nil || !lifted {
		return err
	}
	return db.Append(ctx, record)
}

// Frozen reports whether "it was not me" holds a person's account.
func Frozen(p *storage.Person, now time.Time) bool {
	z := freeze(p)
	return z.Holds(now)
}

// CodesTo are the addresses to which the second steps of sessions went that were no own factors: what whoever holds such a
// session can read.
func CodesTo(sessions ...*storage.Session) ([]string, error) {
	var to []string
	for _, s := range sessions {
		var events []acr.Event
		if err := json.Unmarshal(s.Events, &events); err != nil {
			return nil, err
		}
		for _, e := range events {
			if e.Address != "" && !e.ByOwnFactor() {
				to = append(to, e.Address)
			}
		}
	}
	return to, nil
}
