-- +goose Up
-- What the first request under an idempotency key did is kept with what it did, by the same transaction: when its answer is lost, because the
-- program died or the line to the database broke off, the same request sent again is not carried out once more.
alter table idempotency_keys
    add column did text[] not null default '{}',
    add column lost boolean not null default false;
comment on column idempotency_keys.did is 'events that the first request recorded, with the number of what it made; empty until it has committed something';
comment on column idempotency_keys.lost is 'the first request has ended, and its answer was none that tells what it did';
