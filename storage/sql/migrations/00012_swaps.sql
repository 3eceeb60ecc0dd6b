-- A factor that was begun in the place of another one says which.

-- +goose Up
ALTER TABLE factors ADD COLUMN replaces TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE factors DROP COLUMN replaces;
