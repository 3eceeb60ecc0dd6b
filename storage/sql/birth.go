package sql

import "context"

// The mark of birth (see storage.Person.BirthAddress) lives in the statements themselves, so that no caller can forget it:
// the statement that sets the first password of an account that nobody had writes it, and every statement that changes a
// password, contact, login or factor takes it away. A person loaded earlier cannot bring it back.

// birth is its part of UpdatePerson. $9 is the password's hash (every new one differs, by its salt), $18 and $19 the mark.
const birth = `
		birth_address = CASE WHEN NOT claimed AND $9 <> '' THEN $18 WHEN password_hash = $9 THEN birth_address ELSE '' END,
		birth_until = CASE WHEN NOT claimed AND $9 <> '' THEN $19 WHEN password_hash = $9 THEN birth_until ELSE 0 END,
		claimed = claimed OR $9 <> ''`

// clearBirth takes the mark away.
func (r records) clearBirth(ctx context.Context, personID string) error {
	_, err := r.q.Exec(ctx, `UPDATE persons SET birth_address = '', birth_until = 0 WHERE id = $1 AND birth_until <> 0`, personID)
	return err
}

// markClaimed is clearBirth for what changes a way to sign in; after it no invitation counts as the account's birth.
func (r records) markClaimed(ctx context.Context, personID string) error {
	_, err := r.q.Exec(ctx, `UPDATE persons SET claimed = TRUE, birth_address = '', birth_until = 0
		WHERE id = $1 AND (NOT claimed OR birth_until <> 0)`, personID)
	return err
}
