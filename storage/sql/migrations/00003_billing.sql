-- Whether the operator's own system holds a billing profile for the person: a Technical Administrator must have one.

-- +goose Up
ALTER TABLE persons ADD COLUMN billing_profile BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE persons DROP COLUMN billing_profile;
