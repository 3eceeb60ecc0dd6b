-- What people say about their own contacts: a mailbox or number may get no codes, and a new one knows on what it came.

-- +goose Up
ALTER TABLE contacts ADD COLUMN no_codes BOOLEAN NOT NULL DEFAULT FALSE;
-- The address whose code was all that proved its adding; empty where something else did, too.
ALTER TABLE contacts ADD COLUMN proved_by TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE contacts DROP COLUMN proved_by;
ALTER TABLE contacts DROP COLUMN no_codes;
