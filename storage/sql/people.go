package sql

import (
	"context"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

var (
	personByID       = union(`who AS (SELECT id AS person_id FROM persons WHERE id = $1)`, everyone...)
	personByUsername = union(`who AS (SELECT id AS person_id FROM persons WHERE canonical = $1)`, everyone...)
	peopleByEmail    = union(`who AS (SELECT DISTINCT person_id FROM contacts
		WHERE canonical = $1 AND channel = 'email' ORDER BY person_id LIMIT 20)`, everyone...)
	personByExternal = union(`who AS (SELECT id AS person_id FROM persons
		WHERE external_id = $1 AND external_id <> '')`, everyone...)
	personByIdentity = union(`who AS (SELECT person_id FROM identities WHERE provider = $1 AND subject = $2)`, everyone...)
)

func (r records) Person(ctx context.Context, id string) (*storage.Person, error) {
	return first(personByID.each(ctx, r.q, nil, id))
}

func (r records) PersonByUsername(ctx context.Context, canonical string) (*storage.Person, error) {
	return first(personByUsername.each(ctx, r.q, nil, canonical))
}

func (r records) PersonByExternalID(ctx context.Context, externalID string) (*storage.Person, error) {
	return first(personByExternal.each(ctx, r.q, nil, externalID))
}

func (r records) PeopleByEmail(ctx context.Context, canonical string) ([]*storage.Person, error) {
	return peopleByEmail.each(ctx, r.q, nil, canonical)
}

func (r records) PersonByIdentity(ctx context.Context, provider, subject string) (*storage.Person, error) {
	return first(personByIdentity.each(ctx, r.q, nil, provider, subject))
}

// CreatePerson stores p with what belongs to it and sets p.Version.
func (r records) CreatePerson(ctx context.Context, p *storage.Person) error {
	err := r.tx(ctx, func(r records) error {
		// ON CONFLICT rather than an error: an error would spoil the caller's whole transaction on PostgreSQL.
		err := r.change(ctx, storage.ErrConflict, `INSERT INTO persons (id, version, username, canonical, customer_number,
			external_id, locale, profile, password_hash, password_set_at, password_via, password_via_to, every_sign_in,
			disabled, created, updated, billing_profile, rests_until, claimed, member_of)
			VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) ON CONFLICT DO NOTHING`,
			p.ID, p.Username, p.Canonical, p.CustomerNumber, p.ExternalID, p.Locale, text(p.Profile), p.PasswordHash,
			micros(p.PasswordSetAt), p.PasswordVia, micros(p.PasswordViaUntil), p.EverySignIn, p.Disabled,
			micros(p.Created), micros(p.Updated), p.BillingProfile, micros(p.RestsUntil),
			p.PasswordHash != "" || len(p.Identities)+len(p.Factors) > 0, words(p.Groups))
		if err != nil {
			return err
		}
		for _, c := range p.Contacts {
			mine := *c
			mine.PersonID = p.ID
			if err := r.PutContact(ctx, &mine); err != nil {
				return err
			}
		}
		for _, f := range p.Factors {
			mine := *f
			mine.PersonID = p.ID
			if err := r.PutFactor(ctx, &mine); err != nil {
				return err
			}
		}
		for _, i := range p.Identities {
			mine := *i
			mine.PersonID = p.ID
			if err := r.insertIdentity(ctx, &mine, `DO NOTHING`); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		p.Version = 1
	}
	return err
}

func (r records) UpdatePerson(ctx context.Context, p *storage.Person) error {
	err := r.change(ctx, storage.ErrConflict, `UPDATE persons SET version = version + 1, username = $3, canonical = $4,
		customer_number = $5, external_id = $6, locale = $7, profile = $8, password_hash = $9, password_set_at = $10,
		password_via = $11, password_via_to = $12, every_sign_in = $13, disabled = $14, updated = $15,
		billing_profile = $16, rests_until = $17, member_of = $20, `+birth+`
		WHERE id = $1 AND version = $2`,
		p.ID, p.Version, p.Username, p.Canonical, p.CustomerNumber, p.ExternalID, p.Locale, text(p.Profile),
		p.PasswordHash, micros(p.PasswordSetAt), p.PasswordVia, micros(p.PasswordViaUntil), p.EverySignIn, p.Disabled,
		micros(p.Updated), p.BillingProfile, micros(p.RestsUntil), p.BirthAddress, micros(p.BirthUntil), words(p.Groups))
	if err == nil {
		p.Version++
	}
	return err
}

// HoldPassword needs no lock on SQLite, where a transaction is the only writer.
func (r records) HoldPassword(ctx context.Context, id string, setAt time.Time) error {
	text := `SELECT 1 FROM persons WHERE id = $1 AND password_set_at = $2 AND NOT disabled`
	if r.fused {
		text += ` FOR SHARE`
	}
	var one int64
	return r.q.QueryRow(ctx, text, id, micros(setAt)).Scan(&one)
}

// RehashPassword is no error when the password has changed meanwhile: then there is nothing to rehash.
func (r records) RehashPassword(ctx context.Context, id, old, new string) error {
	_, err := r.q.Exec(ctx, `UPDATE persons SET password_hash = $3 WHERE id = $1 AND password_hash = $2`, id, old, new)
	return err
}

// PutContact makes or replaces a contact. ErrConflict when the id is another person's, ErrNotFound without a person.
func (r records) PutContact(ctx context.Context, c *storage.Contact) error {
	return r.tx(ctx, func(r records) error {
		err := r.change(ctx, storage.ErrConflict, `INSERT INTO contacts (id, person_id, channel, address, canonical,
			is_primary, verified_at, fresh_until, created, notices, no_codes, proved_by, put_back)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
			ON CONFLICT (id) DO UPDATE SET channel = excluded.channel, address = excluded.address,
			canonical = excluded.canonical, is_primary = excluded.is_primary, verified_at = excluded.verified_at,
			fresh_until = excluded.fresh_until, notices = excluded.notices, no_codes = excluded.no_codes,
			proved_by = excluded.proved_by, put_back = excluded.put_back WHERE contacts.person_id = excluded.person_id`,
			c.ID, c.PersonID, c.Channel, c.Address, c.Canonical, c.Primary, micros(c.VerifiedAt), micros(c.RestsUntil),
			micros(c.Created), c.Notices, c.NoCodes, c.ProvedBy, c.PutBack)
		if err != nil {
			return err
		}
		return r.clearBirth(ctx, c.PersonID)
	})
}

func (r records) SetNotices(ctx context.Context, personID, id string, on bool) error {
	return r.change(ctx, storage.ErrNotFound, `UPDATE contacts SET notices = $3 WHERE id = $2 AND person_id = $1 AND channel = 'phone'`, personID, id, on)
}

func (r records) SettleContact(ctx context.Context, personID, id string, now time.Time) error {
	return r.change(ctx, storage.ErrNotFound, `UPDATE contacts SET fresh_until = 0, proved_by = ''
		WHERE id = $2 AND person_id = $1 AND fresh_until > $3 AND verified_at <> 0`, personID, id, micros(now))
}

func (r records) VerifyContact(ctx context.Context, id string, at time.Time) error {
	n, err := r.q.Exec(ctx, `UPDATE contacts SET verified_at = $2 WHERE id = $1 AND verified_at = 0`, id, micros(at))
	if err != nil || n > 0 {
		return err
	}
	return r.existing(ctx, nil, `SELECT 1 FROM contacts WHERE id = $1`, id)
}

// RemoveContact fails with ErrNotFound when this person has no such contact.
func (r records) RemoveContact(ctx context.Context, personID, id string) error {
	return r.tx(ctx, func(r records) error {
		var verified int64
		err := r.q.QueryRow(ctx, `DELETE FROM contacts WHERE id = $1 AND person_id = $2 RETURNING verified_at`, id, personID).Scan(&verified)
		if err != nil {
			return err
		}
		if err := r.clearBirth(ctx, personID); err != nil || verified == 0 {
			return err
		}
		return r.VoidSecondSteps(ctx, personID)
	})
}

func (r records) ChooseWay(ctx context.Context, personID, way string) error {
	_, err := r.q.Exec(ctx, `UPDATE persons SET chosen_way = $2 WHERE id = $1`, personID, way)
	return err
}

// PutIdentity links, or replaces "proved at"; a zero ProvedAt makes it unproved again.
func (r records) PutIdentity(ctx context.Context, i *storage.Identity) error {
	return r.tx(ctx, func(r records) error {
		return r.insertIdentity(ctx, i, `(provider, subject) DO UPDATE SET proved_at = excluded.proved_at
			WHERE identities.person_id = excluded.person_id`)
	})
}

func (r records) insertIdentity(ctx context.Context, i *storage.Identity, conflict string) error {
	err := r.change(ctx, storage.ErrConflict, `INSERT INTO identities (provider, subject, person_id, emails, proved_at,
		created) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT `+conflict,
		i.Provider, i.Subject, i.PersonID, list(i.Emails), micros(i.ProvedAt), micros(i.Created))
	if err != nil {
		return err
	}
	if err := r.markClaimed(ctx, i.PersonID); err != nil {
		return err
	}
	return r.ReportAddresses(ctx, i.Provider, i.Subject, i.Emails...)
}

func (r records) ReportAddresses(ctx context.Context, provider, subject string, addresses ...string) error {
	for _, a := range addresses {
		_, err := r.q.Exec(ctx, `INSERT INTO reported (provider, subject, address) VALUES ($1, $2, $3)
			ON CONFLICT DO NOTHING`, provider, subject, a)
		if err != nil {
			return err
		}
	}
	return nil
}

func (r records) ProveIdentity(ctx context.Context, provider, subject string, at time.Time) error {
	n, err := r.q.Exec(ctx, `UPDATE identities SET proved_at = $3
		WHERE provider = $1 AND subject = $2 AND proved_at = 0`, provider, subject, micros(at))
	if err != nil || n > 0 {
		return err
	}
	return r.existing(ctx, nil, `SELECT 1 FROM identities WHERE provider = $1 AND subject = $2`, provider, subject)
}

func (r records) UnproveIdentities(ctx context.Context, personID string) error {
	_, err := r.q.Exec(ctx, `UPDATE identities SET proved_at = 0 WHERE person_id = $1 AND proved_at <> 0`, personID)
	return err
}

// RemoveIdentity fails with ErrNotFound when this person has no such link.
func (r records) RemoveIdentity(ctx context.Context, personID, provider, subject string) error {
	return r.tx(ctx, func(r records) error {
		var emails string
		err := r.q.QueryRow(ctx, `DELETE FROM identities WHERE provider = $1 AND subject = $2 AND person_id = $3
			RETURNING emails`, provider, subject, personID).Scan(&emails)
		if err != nil {
			return err
		}
		// A link from before there was a table of reported addresses has them in its own row only.
		if err := r.ReportAddresses(ctx, provider, subject, listOf(emails)...); err != nil {
			return err
		}
		if err := r.markClaimed(ctx, personID); err != nil {
			return err
		}
		return r.VoidSecondSteps(ctx, personID)
	})
}

// void is the one statement that writes second_since. $1 person, $2 now.
const void = `UPDATE persons SET second_since = $2 WHERE id = $1 AND second_since < $2`

func (r records) VoidSecondSteps(ctx context.Context, personID string) error {
	_, err := r.q.Exec(ctx, void, personID, micros(r.clock.now()))
	return err
}
