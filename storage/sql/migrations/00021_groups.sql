-- The groups that a person was put into, by the people API or by command, as words: no name has a blank.

-- +goose Up
ALTER TABLE persons ADD COLUMN member_of TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE persons DROP COLUMN member_of;
