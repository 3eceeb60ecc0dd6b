-- What was mailed as a link, what was allowed to panels, remembered browsers, used client assertions.
-- As in the first: times are microseconds, 0 = never; links, remembers and assertions have no foreign key, consents are
-- few and go with their person.

-- +goose Up
-- One row per person and purpose: the newest link by construction, whoever asks at the same time.
CREATE TABLE links (
    person_id TEXT NOT NULL,
    purpose   TEXT NOT NULL,
    hash      BYTEA NOT NULL UNIQUE,
    address   TEXT NOT NULL,
    data      TEXT NOT NULL,
    created   BIGINT NOT NULL,
    expires   BIGINT NOT NULL,
    used_at   BIGINT NOT NULL,
    PRIMARY KEY (person_id, purpose)
);
CREATE INDEX links_expires ON links (expires);

-- One row per scope, so that two answers at once add up. A consent to nothing in particular has the scope ''.
CREATE TABLE consents (
    person_id TEXT NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    scope     TEXT NOT NULL,
    created   BIGINT NOT NULL,
    updated   BIGINT NOT NULL,
    PRIMARY KEY (person_id, client_id, scope)
);

-- Used ones stay until they would have expired: one that comes back was stolen.
CREATE TABLE remembers (
    hash       BYTEA PRIMARY KEY,
    person_id  TEXT NOT NULL,
    ip         TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE INDEX remembers_person ON remembers (person_id);
CREATE INDEX remembers_expires ON remembers (expires);

-- The hash is of client and jti: clients choose their jti's length.
CREATE TABLE assertions (
    hash      BYTEA PRIMARY KEY,
    client_id TEXT NOT NULL,
    expires   BIGINT NOT NULL
);
CREATE INDEX assertions_expires ON assertions (expires);

-- An id of the operator's own system names one person.
CREATE UNIQUE INDEX persons_external ON persons (external_id) WHERE external_id <> '';

-- +goose Down
DROP INDEX persons_external;
DROP TABLE assertions;
DROP TABLE remembers;
DROP TABLE consents;
DROP TABLE links;
