-- +goose NO TRANSACTION
-- +goose Up
create index concurrently payment_promises_broken on payment_promises (entity_id, promised_on desc, id desc) where state = 'broken';
