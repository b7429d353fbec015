-- +goose Up
-- Which version of its macro a run uses; 0 of every other, and of those begun before.
alter table bulk_runs add column macro_version integer not null default 0;
