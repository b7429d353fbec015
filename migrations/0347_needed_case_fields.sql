-- +goose Up
-- What a company must know of a case before it is resolved.
alter table case_fields add needed boolean not null default false;
