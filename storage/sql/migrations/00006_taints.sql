-- What a person's second steps are worth, and since when.
-- As in the first: times are microseconds, 0 = never.

-- +goose Up
-- Second steps from before it are void.
ALTER TABLE persons ADD COLUMN second_since BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE persons DROP COLUMN second_since;
