-- +goose NO TRANSACTION
-- +goose Up
-- Where in the audit log a moment is. The log is written in the order of time, so that a few bytes for many pages suffice.
create index concurrently if not exists audit_log_at on audit_log using brin (at) with (pages_per_range = 32);
