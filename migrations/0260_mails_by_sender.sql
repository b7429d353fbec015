-- +goose NO TRANSACTION
-- +goose Up
-- What somebody wrote is found without reading every mail that ever came.
create index concurrently if not exists inbound_messages_sender on inbound_messages (lower(sender));
