-- +goose NO TRANSACTION
-- needs extension pg_trgm
-- +goose Up
-- Parts of the addresses and names of who takes part in cases.
create index concurrently if not exists case_participants_parts on case_participants using gin (address gin_trgm_ops, name gin_trgm_ops);
