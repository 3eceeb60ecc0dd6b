-- A number as an own factor: the channels by which it was proved. The pace of codes hangs on the address by one channel,
-- whether it is a contact, a factor or neither yet.

-- +goose Up
ALTER TABLE factors ADD COLUMN channels TEXT NOT NULL DEFAULT '';
ALTER TABLE codes ADD COLUMN sent_to TEXT NOT NULL DEFAULT '';
CREATE INDEX codes_sent_to ON codes (sent_to, created);
ALTER TABLE persons ADD COLUMN chosen_way TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE persons DROP COLUMN chosen_way;
DROP INDEX codes_sent_to;
ALTER TABLE codes DROP COLUMN sent_to;
ALTER TABLE factors DROP COLUMN channels;
