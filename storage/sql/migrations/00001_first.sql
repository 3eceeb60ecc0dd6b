-- One text for PostgreSQL and SQLite. Times are microseconds since 1970 in UTC, 0 = never. Empty bytes are NULL.
-- Every table that expires has an index on what its sweep looks at. Columns that change on hot paths have no index, so
-- that PostgreSQL can update them in place (heap-only tuples).
-- Sessions, grants and tokens carry no foreign key: each one would lock the person's row at every sign-on.

-- +goose Up
CREATE TABLE persons (
    id              TEXT PRIMARY KEY,
    version         BIGINT NOT NULL,
    username        TEXT NOT NULL,
    canonical       TEXT NOT NULL UNIQUE,
    customer_number TEXT NOT NULL,
    external_id     TEXT NOT NULL,
    locale          TEXT NOT NULL,
    profile         TEXT NOT NULL,
    password_hash   TEXT NOT NULL,
    password_set_at BIGINT NOT NULL,
    password_via    TEXT NOT NULL,
    password_via_to BIGINT NOT NULL,
    every_sign_in   BOOLEAN NOT NULL,
    disabled        BOOLEAN NOT NULL,
    created         BIGINT NOT NULL,
    updated         BIGINT NOT NULL
);

CREATE TABLE contacts (
    id          TEXT PRIMARY KEY,
    person_id   TEXT NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    channel     TEXT NOT NULL,
    address     TEXT NOT NULL,
    canonical   TEXT NOT NULL,
    is_primary  BOOLEAN NOT NULL,
    verified_at BIGINT NOT NULL,
    fresh_until BIGINT NOT NULL,
    created     BIGINT NOT NULL
);
CREATE INDEX contacts_person ON contacts (person_id);
CREATE INDEX contacts_address ON contacts (canonical, channel, person_id);

CREATE TABLE factors (
    id         TEXT PRIMARY KEY,
    person_id  TEXT NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    method     TEXT NOT NULL,
    label      TEXT NOT NULL,
    sealed     BYTEA,
    address    TEXT NOT NULL,
    pending    BOOLEAN NOT NULL,
    last_step  BIGINT NOT NULL,
    weak_until BIGINT NOT NULL,
    disabled   BOOLEAN NOT NULL,
    created    BIGINT NOT NULL,
    last_used  BIGINT NOT NULL
);
CREATE INDEX factors_person ON factors (person_id);

CREATE TABLE recovery_codes (
    person_id TEXT NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    hash      BYTEA NOT NULL,
    created   BIGINT NOT NULL,
    used_at   BIGINT NOT NULL,
    PRIMARY KEY (person_id, hash)
);

CREATE TABLE identities (
    provider  TEXT NOT NULL,
    subject   TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    emails    TEXT NOT NULL,
    proved_at BIGINT NOT NULL,
    created   BIGINT NOT NULL,
    PRIMARY KEY (provider, subject)
);
CREATE INDEX identities_person ON identities (person_id);

CREATE TABLE sessions (
    id         TEXT PRIMARY KEY,
    person_id  TEXT NOT NULL,
    hash       BYTEA NOT NULL UNIQUE,
    version    BIGINT NOT NULL,
    events     TEXT NOT NULL,
    ip         TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created    BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    idle_until BIGINT NOT NULL,
    expires    BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL,
    end_reason TEXT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person_id);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE quarantines (
    id         TEXT PRIMARY KEY,
    person_id  TEXT NOT NULL,
    hash       BYTEA NOT NULL UNIQUE,
    events     TEXT NOT NULL,
    ip         TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);
CREATE INDEX quarantines_expires ON quarantines (expires);

CREATE TABLE requests (
    hash         BYTEA PRIMARY KEY,
    version      BIGINT NOT NULL,
    client_id    TEXT NOT NULL,
    browser_hash BYTEA,
    ip           TEXT NOT NULL,
    params       TEXT NOT NULL,
    asked        TEXT NOT NULL,
    interacted   BOOLEAN NOT NULL,
    created      BIGINT NOT NULL,
    expires      BIGINT NOT NULL,
    finished_at  BIGINT NOT NULL
);
CREATE INDEX requests_browser ON requests (browser_hash) WHERE finished_at = 0;
CREATE INDEX requests_ip ON requests (ip) WHERE finished_at = 0;
CREATE INDEX requests_expires ON requests (expires);

-- keep_until: an unused code goes with its minute, a used one stays as long as its grant, so that a replay is noticed.
CREATE TABLE grants (
    id           TEXT PRIMARY KEY,
    client_id    TEXT NOT NULL,
    person_id    TEXT NOT NULL,
    session_id   TEXT NOT NULL,
    sid          TEXT NOT NULL,
    code_hash    BYTEA UNIQUE,
    code_expires BIGINT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge    TEXT NOT NULL,
    nonce        TEXT NOT NULL,
    scopes       TEXT NOT NULL,
    claims       TEXT NOT NULL,
    frozen       TEXT NOT NULL,
    offline      BOOLEAN NOT NULL,
    created      BIGINT NOT NULL,
    redeemed_at  BIGINT NOT NULL,
    expires      BIGINT NOT NULL,
    keep_until   BIGINT NOT NULL,
    ended_at     BIGINT NOT NULL,
    end_reason   TEXT NOT NULL
);
CREATE INDEX grants_session ON grants (session_id);
CREATE INDEX grants_person ON grants (person_id);
CREATE INDEX grants_keep ON grants (keep_until);

-- One row per refresh token ever given; used ones stay until the grant's absolute end. A grant's row is not rewritten
-- by a rotation: it is wide and has six indexes.
CREATE TABLE refreshes (
    hash       BYTEA PRIMARY KEY,
    grant_id   TEXT NOT NULL,
    generation BIGINT NOT NULL,
    until      BIGINT NOT NULL,
    expires    BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE INDEX refreshes_expires ON refreshes (expires);

CREATE TABLE access_tokens (
    hash      BYTEA PRIMARY KEY,
    grant_id  TEXT NOT NULL,
    client_id TEXT NOT NULL,
    scopes    TEXT NOT NULL,
    acr       TEXT NOT NULL,
    amr       TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    issued    BIGINT NOT NULL,
    expires   BIGINT NOT NULL
);
CREATE INDEX access_tokens_expires ON access_tokens (expires);

CREATE TABLE codes (
    id          TEXT PRIMARY KEY,
    flow        TEXT NOT NULL,
    purpose     TEXT NOT NULL,
    person_id   TEXT NOT NULL,
    contact_id  TEXT NOT NULL,
    channel     TEXT NOT NULL,
    mac         BYTEA NOT NULL,
    tries       BIGINT NOT NULL,
    max_tries   BIGINT NOT NULL,
    created     BIGINT NOT NULL,
    expires     BIGINT NOT NULL,
    used_at     BIGINT NOT NULL,
    replaced_at BIGINT NOT NULL
);
CREATE INDEX codes_flow ON codes (flow, purpose, created);
CREATE INDEX codes_contact ON codes (contact_id, created);
CREATE INDEX codes_expires ON codes (expires);

CREATE TABLE federations (
    state_hash   BYTEA PRIMARY KEY,
    provider     TEXT NOT NULL,
    request_id   TEXT NOT NULL,
    browser_hash BYTEA,
    sealed       BYTEA,
    created      BIGINT NOT NULL,
    expires      BIGINT NOT NULL
);
CREATE INDEX federations_expires ON federations (expires);

CREATE TABLE signing_keys (
    id          TEXT PRIMARY KEY,
    alg         TEXT NOT NULL,
    sealed      BYTEA,
    public      BYTEA,
    created     BIGINT NOT NULL,
    active_from BIGINT NOT NULL,
    retired_at  BIGINT NOT NULL,
    gone_at     BIGINT NOT NULL
);

CREATE TABLE generations (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE outbox (
    id          TEXT PRIMARY KEY,
    person_id   TEXT NOT NULL,
    channel     TEXT NOT NULL,
    kind        TEXT NOT NULL,
    sealed      BYTEA,
    created     BIGINT NOT NULL,
    not_after   BIGINT NOT NULL,
    due         BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    state       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    leased_by   TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    finished_at BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (due) WHERE state = 'queued';
CREATE INDEX outbox_not_after ON outbox (not_after);

-- The key doubles as the order of reading: newest first.
CREATE TABLE audit_events (
    at         BIGINT NOT NULL,
    id         TEXT NOT NULL,
    name       TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    reason     TEXT NOT NULL,
    actor      TEXT NOT NULL,
    person_id  TEXT NOT NULL,
    client_id  TEXT NOT NULL,
    session_id TEXT NOT NULL,
    ip         TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    request_id TEXT NOT NULL,
    detail     TEXT NOT NULL,
    PRIMARY KEY (at, id)
);
CREATE INDEX audit_events_person ON audit_events (person_id, at, id);

CREATE TABLE counters (
    name       TEXT PRIMARY KEY,
    hits       BIGINT NOT NULL,
    since      BIGINT NOT NULL,
    ends       BIGINT NOT NULL,
    until      BIGINT NOT NULL,
    streak     BIGINT NOT NULL,
    keep_until BIGINT NOT NULL
);
CREATE INDEX counters_keep ON counters (keep_until);

-- +goose Down
DROP TABLE counters;
DROP TABLE audit_events;
DROP TABLE outbox;
DROP TABLE generations;
DROP TABLE signing_keys;
DROP TABLE federations;
DROP TABLE codes;
DROP TABLE access_tokens;
DROP TABLE refreshes;
DROP TABLE grants;
DROP TABLE requests;
DROP TABLE quarantines;
DROP TABLE sessions;
DROP TABLE identities;
DROP TABLE recovery_codes;
DROP TABLE factors;
DROP TABLE contacts;
DROP TABLE persons;
