-- "It was not me": what it leaves on the account (storage.Person.FrozenSince and after).
-- As in the first: times are microseconds, 0 = never.

-- +goose Up
ALTER TABLE persons ADD COLUMN frozen_since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE persons ADD COLUMN frozen_mailed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE persons ADD COLUMN frozen_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE persons ADD COLUMN frozen_lifted BIGINT NOT NULL DEFAULT 0;
-- Addresses with line breaks between them.
ALTER TABLE persons ADD COLUMN frozen_via TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE persons DROP COLUMN frozen_via;
ALTER TABLE persons DROP COLUMN frozen_lifted;
ALTER TABLE persons DROP COLUMN frozen_until;
ALTER TABLE persons DROP COLUMN frozen_mailed;
ALTER TABLE persons DROP COLUMN frozen_since;
