-- A refresh token that stays is noted once a day in the audit; one that is replaced is repeated within a leeway, where the
-- key that its successor was made with is the one of now.

-- +goose Up
ALTER TABLE refreshes ADD COLUMN noted_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE refreshes ADD COLUMN key_id BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE refreshes DROP COLUMN key_id;
ALTER TABLE refreshes DROP COLUMN noted_at;
