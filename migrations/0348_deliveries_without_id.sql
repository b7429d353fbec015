-- +goose Up
-- What the deliveries of one mail without a Message-ID share, and no other mail has.
alter table inbound_messages add delivery bytea;
comment on column inbound_messages.delivery is 'hash of sender, words, files and date of a mail without a Message-ID; null for all others';
