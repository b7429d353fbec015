-- +goose Up
-- A case that gets another type while it is over keeps its checklist; open again, it is owed that of its type.
alter table cases add column list_owed boolean not null default false;
