-- +goose NO TRANSACTION
-- +goose Up
-- What is to be closed is found without reading everything that was closed before.
create index concurrently if not exists cases_to_close on cases (resolved_at, id) where status = 'resolved';
