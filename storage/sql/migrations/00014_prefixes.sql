-- Codes that went to telephones know the prefix of the number, to judge prefixes by how many of their codes are entered.

-- +goose Up
ALTER TABLE codes ADD COLUMN prefix TEXT NOT NULL DEFAULT '';
CREATE INDEX codes_prefix ON codes (prefix, channel, created) WHERE prefix <> '';

-- +goose Down
DROP INDEX codes_prefix;
ALTER TABLE codes DROP COLUMN prefix;
