-- +goose NO TRANSACTION
-- +goose Up
create index concurrently if not exists credit_steps_climbed on credit_steps (climbed_at) where climbed_at is not null;
