-- +goose NO TRANSACTION
-- +goose Up
create index concurrently if not exists cases_follow_up on cases (follow_up_due, follow_up_at, id) where follow_up_at is not null;
