-- +goose Up
-- What an erasure waits for is said with its figures: which cases, which hold.
alter table erasures add column obstacle_params jsonb not null default '{}';
comment on column erasures.obstacle_params is 'of the message in obstacle; emptied with it';
