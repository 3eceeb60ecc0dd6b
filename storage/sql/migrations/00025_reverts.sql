-- A change of the contacts that can be taken back, and what comes back by that.
-- As in the first: times are microseconds, 0 = never.

-- +goose Up
-- No link: it outlives a new password and each other link of the person, and many wait at once.
CREATE TABLE reverts (
    hash      BYTEA PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    address   TEXT NOT NULL,
    data      TEXT NOT NULL,
    created   BIGINT NOT NULL,
    expires   BIGINT NOT NULL,
    used_at   BIGINT NOT NULL
);
CREATE INDEX reverts_person ON reverts (person_id, address);
CREATE INDEX reverts_expires ON reverts (expires);
-- It came back by such a link: while it rests, no link for a password goes there.
ALTER TABLE contacts ADD COLUMN put_back BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE contacts DROP COLUMN put_back;
DROP TABLE reverts;
