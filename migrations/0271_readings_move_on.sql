-- +goose Up
-- When a reading last moved on, so that one that does not for days is given up; and how much it has brought, so that it ends at its bound.
alter table live_readings add column moved_at timestamptz, add column bytes bigint not null default 0;
comment on column live_readings.moved_at is 'when a page came last, or a new key; null: when it began';
comment on column live_readings.bytes is 'of the pages that came';
