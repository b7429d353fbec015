-- +goose Up
-- What a token may do holds for the work it begins: that of an assistant decides nothing either once it goes on as a job.
alter table bulk_runs add assistant boolean not null default false;
