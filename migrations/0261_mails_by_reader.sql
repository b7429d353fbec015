-- +goose NO TRANSACTION
-- +goose Up
-- What was written to somebody, however their address was spelled.
create index concurrently if not exists outgoing_messages_reader on outgoing_messages (lower(to_address));
