-- Enrolments that nobody confirmed are swept by when they began.

-- +goose Up
CREATE INDEX factors_begun ON factors (created) WHERE pending;

-- +goose Down
DROP INDEX factors_begun;
