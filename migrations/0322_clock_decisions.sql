-- +goose NO TRANSACTION
-- +goose Up
-- Promises by when they were decided: one broken stays broken, whatever became of its clock since. The version before reads case_clocks_results.
create index concurrently if not exists case_clocks_decisions on case_clocks (coalesce(breached_at, ended_at)) where breached_at is not null or outcome = 'met';
