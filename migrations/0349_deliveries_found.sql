-- +goose NO TRANSACTION
-- +goose Up
-- Another delivery of a mail without a Message-ID is found by what it shares with the first.
create index concurrently if not exists inbound_messages_delivery on inbound_messages (delivery) where delivery is not null;
