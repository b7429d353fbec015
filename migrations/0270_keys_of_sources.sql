-- +goose Up
-- Since when an account is read with the key it has: what was read with another one may have been another account.
alter table live_sources add column given_at timestamptz;
comment on column live_sources.given_at is 'when its key was given; null before there was this column: not after set_at';
