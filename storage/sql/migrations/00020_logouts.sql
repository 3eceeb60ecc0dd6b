-- Panels are told that a stay is over, through the outbox.

-- +goose Up
ALTER TABLE outbox ADD COLUMN client_id TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN sid TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN session_id TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_logouts ON outbox (person_id, created) WHERE channel = 'logout';
CREATE INDEX sessions_idle ON sessions (idle_until) WHERE ended_at = 0;

-- +goose Down
DROP INDEX sessions_idle;
DROP INDEX outbox_logouts;
ALTER TABLE outbox DROP COLUMN session_id;
ALTER TABLE outbox DROP COLUMN sid;
ALTER TABLE outbox DROP COLUMN client_id;
