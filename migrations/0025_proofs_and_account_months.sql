-- +goose Up
-- What an account came to in a month is kept, so that a balance of any day costs the months since and not the years before;
-- what was proven of the books is kept as well, so that each day proves what came since.

-- What was in dispute on a past day, and how a customer stood on one.
create index hold_changes_hold on hold_changes (hold_id, at);
create index open_items_customer_life on open_items (customer_id, closed_on, opened_on);

create table account_months (
    entity_id bigint      not null references legal_entities,
    month     date        not null check (extract(day from month) = 1),
    taken_at  timestamptz not null default now(),
    primary key (entity_id, month)
);
comment on table account_months is 'months whose sums are kept: one that is not closed loses them as soon as something is booked into it';
create table account_month_sums (
    entity_id   bigint  not null,
    account     text    not null,
    currency    char(3) not null,
    month       date    not null,
    amount      numeric not null,
    base_amount numeric not null,
    postings    bigint  not null check (postings > 0),
    primary key (entity_id, account, month, currency),
    foreign key (entity_id, month) references account_months on delete cascade
);
comment on table account_month_sums is 'what was booked on an account in a month in one currency, debit positive; not a balance';
grant select on account_months, account_month_sums to makegood_app;

-- Sums of a closed month stand as they are; of any other month they are dropped, never changed.
-- +goose StatementBegin
create function month_sums_stand() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and not exists (select from periods p where p.entity_id = old.entity_id and p.month = old.month and p.state = 'closed') then
        return old;
    end if;
    raise exception 'what an account came to in a closed month stands as it is'
        using errcode = 'restrict_violation', constraint = 'month_sums_stand', table = tg_table_name;
end
$$;
-- +goose StatementEnd
create trigger month_sums_stand before update or delete on account_months for each row execute function month_sums_stand();
create trigger month_sums_stand before update or delete on account_month_sums for each row execute function month_sums_stand();
create trigger immutable_table before truncate on account_months for each statement execute function refuse_change();
create trigger immutable_table before truncate on account_month_sums for each statement execute function refuse_change();

-- The database alone adds a month up, from its postings. It has the month's key alone meanwhile, so that no entry is half
-- in; false when the sums are there already, or when the month has not ended by the day and is not closed.
-- +goose StatementBegin
create function take_account_month(entity bigint, of date, today date) returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
    from_day date := date_trunc('month', of)::date;
    until_day date := (date_trunc('month', of) + interval '1 month')::date;
begin
    perform pg_advisory_xact_lock(period_key(entity, from_day));
    if exists (select from account_months m where m.entity_id = entity and m.month = from_day)
       or (today < until_day and not exists (select from periods p where p.entity_id = entity and p.month = from_day and p.state = 'closed')) then
        return false;
    end if;
    insert into account_months (entity_id, month) values (entity, from_day);
    -- Account by account, as the index on them has it.
    insert into account_month_sums (entity_id, account, currency, month, amount, base_amount, postings)
        select a.entity_id, a.role, s.currency, from_day, s.amount, s.base_amount, s.lines from ledger_accounts a cross join lateral (
            select p.currency, sum(p.amount) as amount, sum(p.base_amount) as base_amount, count(*) as lines from postings p
            where p.entity_id = a.entity_id and p.account = a.role and p.booked_on >= from_day and p.booked_on < until_day group by p.currency) s
        where a.entity_id = entity;
    return true;
end
$$;
-- +goose StatementEnd

-- A month is added up as it is closed.
-- +goose StatementBegin
create function closed_month_is_added_up() returns trigger language plpgsql as $$
begin
    perform take_account_month(new.entity_id, new.month, new.month);
    return null;
end
$$;
-- +goose StatementEnd
create trigger closed_month_is_added_up after insert or update on periods for each row when (new.state = 'closed')
    execute function closed_month_is_added_up();

-- What is booked into a month that was added up takes its sums away, in the entry's own transaction.
-- +goose StatementBegin
create function postings_spoil_month_sums() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    -- A closed month keeps its sums; that nothing is booked into it is another rule, which says so in its own words.
    delete from account_months m where (m.entity_id, m.month) in (select f.entity_id, date_trunc('month', f.booked_on)::date from fresh f)
        and not exists (select from periods p where p.entity_id = m.entity_id and p.month = m.month and p.state = 'closed');
    return null;
end
$$;
-- +goose StatementEnd
create trigger postings_spoil_month_sums after insert on postings referencing new table as fresh
    for each statement execute function postings_spoil_month_sums();

-- What an account comes to before a day: the months that are kept, and the postings of all others.
-- +goose StatementBegin
create function account_sums(entity bigint, of text, before date)
    returns table (currency char(3), amount numeric, base_amount numeric) language plpgsql stable as $$
declare
    whole date := date_trunc('month', before)::date; -- only whole months before it can be taken from what is kept
begin
    return query
        select x.currency, sum(x.amount), sum(x.base_amount) from (
            select s.currency, s.amount, s.base_amount from account_month_sums s
                where s.entity_id = entity and s.account = of and s.month < whole
            union all
            select p.currency, p.amount, p.base_amount
                from generate_series((select date_trunc('month', min(e.booked_on)::timestamp) from journal_entries e where e.entity_id = entity),
                    whole::timestamp, interval '1 month') g
                cross join lateral (select t.currency, t.amount, t.base_amount from postings t where t.entity_id = entity and t.account = of
                    and t.booked_on >= g::date and t.booked_on < least((g + interval '1 month')::date, before)) p
                where not exists (select from account_months m where m.entity_id = entity and m.month = g::date and m.month < whole)) x
        group by x.currency;
end
$$;
-- +goose StatementEnd

create table book_proofs (
    id            bigint generated by default as identity primary key,
    started_at    timestamptz not null,
    ended_at      timestamptz not null,
    whole         boolean not null,
    ok            boolean not null,
    proven_entry  bigint  not null,
    proven_event  bigint  not null,
    points        jsonb   not null,
    asked_by      bigint  not null default 0,
    asked_by_name text    not null default '',
    check (ended_at >= started_at)
);
comment on column book_proofs.whole is 'everything from the first entry; else what came after the last proof that held';
comment on column book_proofs.proven_entry is 'journal entries up to this one were committed and proven, if the proof held';
comment on column book_proofs.proven_event is 'audit events up to this one, likewise';
comment on column book_proofs.points is 'what was proven: its name, how much was looked at, and the first faults';
call make_immutable(array['book_proofs']);

call grant_to_application();
