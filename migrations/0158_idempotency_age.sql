-- +goose NO TRANSACTION
-- +goose Up
-- Keys are forgotten by age.
create index concurrently if not exists idempotency_keys_age on idempotency_keys (created_at);
