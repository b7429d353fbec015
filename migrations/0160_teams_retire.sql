-- +goose Up
-- A team that is not wanted any more is retired: what names it keeps its name.
alter table teams
    add column retired_at timestamptz,
    add column version integer not null default 1;
comment on column teams.retired_at is 'since when nobody is put into it any more; null: it is in use';
