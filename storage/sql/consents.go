package sql

import (
	"context"
	"slices"

	"github.com/soglia-sso/soglia/storage"
)

// PutConsent fails with ErrNotFound when there is no such person.
func (r records) PutConsent(ctx context.Context, c *storage.Consent) error {
	scopes := slices.Compact(slices.Sorted(slices.Values(c.Scopes))) // in one order, so that two answers never deadlock
	if len(scopes) == 0 {
		scopes = []string{""}
	}
	return r.tx(ctx, func(r records) error {
		for _, scope := range scopes {
			_, err := r.q.Exec(ctx, `INSERT INTO consents (person_id, client_id, scope, created, updated)
				VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person_id, client_id, scope)
				DO UPDATE SET updated = excluded.updated`,
				c.PersonID, c.ClientID, scope, micros(c.Created), micros(c.Updated))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Consent gives the scopes in order of name; Created is the first answer, Updated the last.
func (r records) Consent(ctx context.Context, personID, clientID string) (*storage.Consent, error) {
	found, err := r.consents(ctx, ` AND client_id = $2`, personID, clientID)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, storage.ErrNotFound
	}
	return found[0], nil
}

// ConsentsOf lists them in order of client.
func (r records) ConsentsOf(ctx context.Context, personID string) ([]*storage.Consent, error) {
	return r.consents(ctx, ``, personID)
}

func (r records) consents(ctx context.Context, which string, args ...any) ([]*storage.Consent, error) {
	var out []*storage.Consent
	err := r.q.Query(ctx, func(row Row) error {
		var c storage.Consent
		var scope string
		err := row.Scan(&c.PersonID, &c.ClientID, &scope, instant{&c.Created}, instant{&c.Updated})
		if err != nil {
			return err
		}
		if n := len(out); n == 0 || out[n-1].ClientID != c.ClientID {
			out = append(out, &c)
		}
		all := out[len(out)-1]
		if scope != "" {
			all.Scopes = append(all.Scopes, scope)
		}
		if c.Created.Before(all.Created) {
			all.Created = c.Created
		}
		if c.Updated.After(all.Updated) {
			all.Updated = c.Updated
		}
		return nil
	}, `SELECT person_id, client_id, scope, created, updated FROM consents
		WHERE person_id = $1`+which+` ORDER BY client_id, scope`, args...)
	return out, err
}

func (r records) RemoveConsent(ctx context.Context, personID, clientID string) error {
	_, err := r.q.Exec(ctx, `DELETE FROM consents WHERE person_id = $1 AND client_id = $2`, personID, clientID)
	return err
}
