-- +goose Up
-- How many cases somebody has at most, and what they are there for. Who has no row takes any number of anything.
create table agent_terms (
    user_id   bigint  primary key references users,
    capacity  integer not null default 0 check (capacity between 0 and 9999),
    languages text[]  not null default '{}',
    countries text[]  not null default '{}',
    tiers     text[]  not null default '{}',
    topics    text[]  not null default '{}',
    version   integer not null default 1
);
comment on column agent_terms.capacity is 'open cases at most; 0: no limit';
call grant_to_application();
