-- +goose NO TRANSACTION
-- needs extension pg_trgm
-- +goose Up
-- Parts of subjects, over all cases there ever were.
create index concurrently if not exists cases_subject_parts on cases using gin (subject gin_trgm_ops);
