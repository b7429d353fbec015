-- +goose NO TRANSACTION
-- +goose Up
create index concurrently if not exists dispute_lines_reason on dispute_lines (reason_code, (-id)) where decided_at is not null;
