-- Gateways say what became of a message, by an id of their own.

-- +goose Up
ALTER TABLE outbox ADD COLUMN gateway TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN gateway_id TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN receipt TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN receipt_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX outbox_gateway_id ON outbox (gateway_id) WHERE gateway_id <> '';

-- +goose Down
DROP INDEX outbox_gateway_id;
ALTER TABLE outbox DROP COLUMN receipt_at;
ALTER TABLE outbox DROP COLUMN receipt;
ALTER TABLE outbox DROP COLUMN gateway_id;
ALTER TABLE outbox DROP COLUMN gateway;
