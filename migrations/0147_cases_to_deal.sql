-- +goose Up
-- Cases that wait for the rules of assignment to find somebody: new ones, and those of people who went away.
create table cases_to_deal (
    case_id  bigint      primary key references cases,
    since    timestamptz not null,
    tried_at timestamptz
);
comment on column cases_to_deal.tried_at is 'when nobody was found for it the last time';
call grant_to_application();
