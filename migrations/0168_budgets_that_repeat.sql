-- +goose Up
-- A concession budget of each month from one on, until another begins; a month's own figure goes before it.
create table concession_budget_series (
    team_id     bigint        not null references teams,
    from_month  date          not null check (extract(day from from_month) = 1),
    amount      numeric(20,4) check (amount >= 0),
    version     integer       not null default 1,
    set_at      timestamptz   not null,
    set_by      bigint        not null,
    set_by_name text          not null default '',
    primary key (team_id, from_month)
);
comment on column concession_budget_series.amount is 'of each month, in the authority currency, tax included; null: from here on there is none';

-- The budgets of the months that begin between two days: a month's own, or else that of the series that had begun last.
-- +goose StatementBegin
create function concession_budgets_between(first date, last date)
    returns table (team_id bigint, month date, amount numeric, version integer, set_at timestamptz, set_by_name text, each_from date) language sql stable as $$
    select b.team_id, b.month, b.amount, b.version, b.set_at, b.set_by_name, null::date from concession_budgets b where b.month between first and last
    union all
    select s.team_id, m::date, s.amount, 0, s.set_at, s.set_by_name, s.from_month
    from concession_budget_series s
        left join lateral (select min(n.from_month) as begins from concession_budget_series n where n.team_id = s.team_id and n.from_month > s.from_month) n on true
        cross join lateral generate_series(greatest(s.from_month, date_trunc('month', first::timestamp)::date)::timestamp, least(last, n.begins - 1)::timestamp, interval '1 month') m
    where s.amount is not null and m::date between first and last
        and not exists (select from concession_budgets b where b.team_id = s.team_id and b.month = m::date)
$$;
-- +goose StatementEnd

call grant_to_application();
