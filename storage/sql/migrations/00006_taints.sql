-- What a person's second steps are worth, and since when.
-- As in the first: times are microseconds, 0 = never.

-- +goose Up
-- Second steps from before it are void.
ALTER TABLE persons ADD COLUMN second_since BIGINT NOT NULL DEFAULT 0;

-- What a provider ever reported of a subject, linked or not. Nothing is ever taken out: it would come back as independent.
CREATE TABLE reported (
    provider TEXT NOT NULL,
    subject  TEXT NOT NULL,
    address  TEXT NOT NULL,
    PRIMARY KEY (provider, subject, address)
);

-- Reserve codes that were handed out on a proof that did not count.
ALTER TABLE recovery_codes ADD COLUMN weak_until BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE recovery_codes DROP COLUMN weak_until;
DROP TABLE reported;
ALTER TABLE persons DROP COLUMN second_since;
