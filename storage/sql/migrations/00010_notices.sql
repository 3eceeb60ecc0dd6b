-- A number may also get security notices, where its owner wants that.

-- +goose Up
ALTER TABLE contacts ADD COLUMN notices BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE contacts DROP COLUMN notices;
