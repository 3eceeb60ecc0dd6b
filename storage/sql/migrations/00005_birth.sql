-- Birth: an invitation that set the first password of an account nobody had before; its address, and until when.
-- claimed: the account has had a password, a linked login or a factor, so no invitation is its birth any more. Whether an
-- older account had is not known: it counts as claimed.
-- rests_until: the help desk took a factor away; until then no code to a contact opens anything.

-- +goose Up
ALTER TABLE persons ADD COLUMN claimed BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE persons ADD COLUMN birth_address TEXT NOT NULL DEFAULT '';
ALTER TABLE persons ADD COLUMN birth_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE persons ADD COLUMN rests_until BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE persons DROP COLUMN rests_until;
ALTER TABLE persons DROP COLUMN birth_until;
ALTER TABLE persons DROP COLUMN birth_address;
ALTER TABLE persons DROP COLUMN claimed;
