-- +goose Up
-- The same rules at less cost, once more: what was looked at for each row is looked at once for all rows of a statement,
-- or once for each memo. No rule is dropped.

-- A key is worked out for every entry, and an expression in PL/pgSQL is not planned anew each time.
-- +goose StatementBegin
create or replace function period_key(entity bigint, day date) returns bigint language plpgsql immutable parallel safe as $$
begin
    return hashtextextended('period ' || entity || ' ' || (extract(year from day) * 12 + extract(month from day))::int, 0);
end
$$;
-- +goose StatementEnd

-- The months of a statement's entries: the share in each is taken first, then it is looked whether one is closed. Nobody
-- sees the entries before the commit, and a month that is being closed waits for the share.
drop trigger entry_period_is_open on journal_entries;
-- +goose StatementBegin
create or replace function entry_period_is_open() returns trigger language plpgsql as $$
declare
    shut date;
begin
    perform pg_advisory_xact_lock_shared(m.key) from (select distinct period_key(f.entity_id, f.booked_on) as key from fresh f order by 1) m;
    select f.booked_on into shut from fresh f where exists (select 1 from periods p where p.entity_id = f.entity_id
        and p.month = date_trunc('month', f.booked_on)::date and p.state = 'closed') limit 1;
    if found then
        raise exception 'the period of % is closed', shut
            using errcode = 'integrity_constraint_violation', constraint = 'period_is_closed', table = 'journal_entries';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create trigger entry_period_is_open after insert on journal_entries referencing new table as fresh
    for each statement execute function entry_period_is_open();

-- A memo, its lines and its taxes were each compared with what was approved; now the row that was written last does it for
-- all of them. Of rows written by one (sub)transaction, which are there or not there together, the command counter tells
-- the order. Rows of a memo are never changed, so it stays what it was when they were written. A row that comes later,
-- also after constraints were set immediate or in another transaction, finds none after it and compares everything again.
-- +goose StatementBegin
create function memo_is_written_on(part text, row_id bigint, place integer) returns boolean language plpgsql stable as $$
declare
    writer xid;
    command bigint;
begin
    if part = 'memo' then
        select m.xmin, m.cmin::text::bigint into writer, command from credit_memos m where m.id = row_id;
        return exists (select 1 from credit_memo_taxes t where t.credit_memo_id = row_id and t.xmin = writer and t.cmin::text::bigint >= command)
            or exists (select 1 from credit_memo_lines l where l.credit_memo_id = row_id and l.xmin = writer and l.cmin::text::bigint >= command);
    elsif part = 'line' then
        select l.xmin, l.cmin::text::bigint into writer, command from credit_memo_lines l where l.credit_memo_id = row_id and l.line_no = place;
        return exists (select 1 from credit_memo_taxes t where t.credit_memo_id = row_id and t.xmin = writer and t.cmin::text::bigint >= command)
            or exists (select 1 from credit_memo_lines l where l.credit_memo_id = row_id and l.xmin = writer
                and (l.cmin::text::bigint, l.line_no) > (command, place));
    end if;
    select t.xmin, t.cmin::text::bigint into writer, command from credit_memo_taxes t where t.credit_memo_id = row_id and t.position = place;
    return exists (select 1 from credit_memo_taxes t where t.credit_memo_id = row_id and t.xmin = writer
            and (t.cmin::text::bigint, t.position) > (command, place))
        or exists (select 1 from credit_memo_lines l where l.credit_memo_id = row_id and l.xmin = writer and l.cmin::text::bigint > command);
end
$$;

create or replace function credit_memo_is_approved() returns trigger language plpgsql as $$
declare
    off boolean := (select coalesce(sum(net), 0) from credit_memo_lines where credit_memo_id = new.id) <> new.net
        or (select coalesce(sum(tax), 0) from credit_memo_taxes where credit_memo_id = new.id) <> new.tax;
begin
    if not exists (select 1 from adjustment_approvals a where a.id = new.approval_id and a.credit_request_id is not distinct from new.credit_request_id) then
        perform approved_as(null, null, 'credit_memos', new.number);
    end if;
    if off or not memo_is_written_on('memo', new.id, 0) then
        perform approved_as(new.approval_id, credit_memo_digest(new.id), 'credit_memos', new.number);
    end if;
    if off then
        raise exception 'credit memo % does not add up', new.number
            using errcode = 'integrity_constraint_violation', constraint = 'memo_adds_up', table = 'credit_memos';
    end if;
    return null;
end
$$;

create or replace function memo_part_belongs_to_new_memo() returns trigger language plpgsql as $$
begin
    if tg_table_name = 'credit_memo_lines' then
        if memo_is_written_on('line', new.credit_memo_id, new.line_no) then
            return null;
        end if;
    elsif memo_is_written_on('tax', new.credit_memo_id, new.position) then
        return null;
    end if;
    if not exists (
        select 1 from credit_memos m join adjustment_approvals a on a.id = m.approval_id
        where m.id = new.credit_memo_id and a.digest = credit_memo_digest(m.id)
    ) then
        raise exception 'a credit memo has exactly the lines and taxes that were approved, and takes no further ones once it is posted'
            using errcode = 'integrity_constraint_violation', constraint = 'adjustment_needs_approval', table = tg_table_name;
    end if;
    return null;
end
$$;
-- +goose StatementEnd

-- The other digests are planned once per connection too: the same queries, word for word, in PL/pgSQL.
-- +goose StatementBegin
do $do$
declare
    f record;
begin
    for f in select proname, pg_get_function_arguments(oid) as arguments, pg_get_function_result(oid) as result, prosrc from pg_proc
            where proname in ('bill_text', 'debit_memo_digest', 'refund_digest', 'write_off_digest', 'transfer_digest', 'reversal_digest')
            and prolang = (select oid from pg_language where lanname = 'sql') loop
        execute format('create or replace function %I(%s) returns %s language plpgsql stable as %L', f.proname, f.arguments, f.result,
            E'begin\n    return (' || f.prosrc || E');\nend');
    end loop;
end
$do$;
-- +goose StatementEnd

-- What a statement adds to an entry balances by itself, and so does the entry, which began with nothing: it need not be
-- added up again. (It also could take all postings there are: the plan was made while there were few.)
-- +goose StatementBegin
create or replace function new_postings_are_sound() returns trigger language plpgsql as $$
declare
    wrong bigint;
begin
    select c.entry_id into wrong from (select f.entry_id, sum(f.amount) as amount, sum(f.base_amount) as base, count(*) as lines
            from fresh f group by f.entry_id, f.currency) c
        group by c.entry_id having bool_or(c.amount <> 0) or sum(c.base) <> 0 or sum(c.lines) < 2 limit 1;
    if found then
        raise exception 'journal entry % does not balance or has fewer than two postings', wrong
            using errcode = 'integrity_constraint_violation', constraint = 'journal_entry_balances', table = 'journal_entries';
    end if;
    if exists (select 1 from fresh f where not exists (select 1 from journal_entries e where e.id = f.entry_id and e.entity_id = f.entity_id
               and e.booked_on = f.booked_on and e.dated_on = f.dated_on and (e.posted_at at time zone 'UTC')::date = f.posted_on)) then
        raise exception 'a posting carries the days of its entry'
            using errcode = 'integrity_constraint_violation', constraint = 'posting_has_its_entrys_days', table = 'postings';
    end if;
    return null;
end
$$;
-- +goose StatementEnd

-- A query in a string is planned at every call, one that stands there once per connection.
-- +goose StatementBegin
create or replace function numbers_used(kind text, entity bigint, series text, year integer, from_no bigint, to_no bigint) returns bigint
    language plpgsql stable as $$
begin
    if kind = 'credit_memo' then
        return (select count(*) from credit_memos d where d.entity_id = entity and d.series = numbers_used.series and d.fiscal_year = year
            and d.sequence_no between from_no and to_no);
    elsif kind in ('invoice', 'debit_memo') then
        return (select count(*) from invoices d where d.entity_id = entity and d.series = numbers_used.series and d.fiscal_year = year
            and d.sequence_no between from_no and to_no);
    elsif kind = 'payment' then
        return (select count(*) from payments d where d.entity_id = entity and d.series = numbers_used.series and d.fiscal_year = year
            and d.sequence_no between from_no and to_no);
    elsif kind = 'refund' then
        return (select count(*) from refunds d where d.entity_id = entity and d.series = numbers_used.series and d.fiscal_year = year
            and d.sequence_no between from_no and to_no);
    elsif kind = 'write_off' then
        return (select count(*) from write_offs d where d.entity_id = entity and d.series = numbers_used.series and d.fiscal_year = year
            and d.sequence_no between from_no and to_no);
    elsif kind = 'transfer' then
        return (select count(*) from transfers d where d.entity_id = entity and d.series = numbers_used.series and d.fiscal_year = year
            and d.sequence_no between from_no and to_no);
    elsif kind = 'reversal' then
        return (select count(*) from reversals d where d.entity_id = entity and d.series = numbers_used.series and d.fiscal_year = year
            and d.sequence_no between from_no and to_no);
    end if;
    return (select count(*) from chargebacks d where d.entity_id = entity and d.series = numbers_used.series and d.fiscal_year = year
        and d.sequence_no between from_no and to_no);
end
$$;
-- +goose StatementEnd

-- The head of a stream is locked, read and moved with one statement; it keeps the hash it had before for the row that is written.
alter table audit_heads add column before bytea not null default '\x';
-- +goose StatementBegin
create or replace function audit_chain() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    head audit_heads;
    books bytea := convert_to(new.stream, 'UTF8');
    kind bytea := convert_to(new.actor_kind, 'UTF8');
    name bytea := convert_to(new.actor_name, 'UTF8');
    what bytea := convert_to(new.what, 'UTF8');
    request bytea := convert_to(new.request_id, 'UTF8');
    data bytea := convert_to(new.data::text, 'UTF8');
    since bytea := int8send((extract(epoch from new.at) * 1000000)::bigint) || int4send(octet_length(kind)) || kind || int8send(new.actor_id)
        || int4send(octet_length(name)) || name || int4send(octet_length(what)) || what || int4send(octet_length(request)) || request
        || int4send(octet_length(data)) || data;
begin
    loop
        update audit_heads h set before = h.hash, seq = h.seq + 1, hash = sha256(int4send(octet_length(h.hash)) || h.hash
            || int4send(octet_length(books)) || books || int8send(h.seq + 1) || since) where h.stream = new.stream returning h.* into head;
        exit when found;
        insert into audit_heads (stream, seq, hash) values (new.stream, 0, '\x') on conflict do nothing;
    end loop;
    new.seq := head.seq;
    new.prev_hash := head.before;
    new.hash := head.hash;
    return new;
end
$$;
-- +goose StatementEnd

-- The primary key is read backwards as well as forwards.
drop index credit_requests_all;
