-- +goose Up
-- How much goodwill a team may give in a month, and which request counts in which team's month.

create table concession_budgets (
    team_id     bigint        not null references teams,
    month       date          not null check (extract(day from month) = 1),
    amount      numeric(20,4) not null check (amount >= 0),
    version     integer       not null default 1,
    set_at      timestamptz   not null,
    set_by      bigint        not null,
    set_by_name text          not null default '',
    primary key (team_id, month)
);
comment on table concession_budgets is 'a team without a row has no budget that month, and none that could be used up';
comment on column concession_budgets.amount is 'in the authority currency, tax included, as limits are';

create table concession_budget_uses (
    credit_request_id bigint primary key references credit_requests,
    team_id           bigint        not null references teams,
    month             date          not null check (extract(day from month) = 1),
    amount            numeric(20,4) not null
);
comment on table concession_budget_uses is 'the requester''s team and the month when a concession was submitted; it counts while its request is pending, approved or posted and not taken back';
create index concession_budget_uses_month on concession_budget_uses (team_id, month);
insert into concession_budget_uses (credit_request_id, team_id, month, amount)
    select r.id, u.team_id, date_trunc('month', r.submitted_at at time zone 'UTC')::date, r.authority_amount from credit_requests r join users u on u.id = r.requester_id
    where r.kind = 'concession' and u.team_id is not null and r.submitted_at is not null;

call grant_to_application();
