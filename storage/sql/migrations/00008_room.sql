-- Open requests make room for newer ones. standing says which go first (storage.Standing); of those that were there before,
-- nothing is known, so they stand as a browser that came back. An evicted request is closed until its browser opens it again.

--
-- A code knows what it was asked in, a request or a session: once that is over, the next one need not wait.

-- +goose Up
ALTER TABLE requests ADD COLUMN standing BIGINT NOT NULL DEFAULT 1;
ALTER TABLE requests ADD COLUMN evicted BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX requests_evicted ON requests (ip, finished_at) WHERE evicted;
ALTER TABLE codes ADD COLUMN request_hash BYTEA;
ALTER TABLE codes ADD COLUMN session_id TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE codes DROP COLUMN session_id;
ALTER TABLE codes DROP COLUMN request_hash;
DROP INDEX requests_evicted;
ALTER TABLE requests DROP COLUMN evicted;
ALTER TABLE requests DROP COLUMN standing;
