-- +goose Up
-- The same rules at less cost. PostgreSQL plans a function written in SQL anew at every call and one in PL/pgSQL once per
-- connection, which made the digests more than half of what posting a memo took.

-- +goose StatementBegin
create or replace function adjustment_head(approval bigint, kind text, entity bigint, customer bigint, invoice bigint, currency text, reason text,
    net numeric, tax numeric, rounding numeric, refund numeric, outside numeric) returns text language plpgsql stable as $$
begin
    return (select 'adjustment/2|' || coalesce('r' || a.credit_request_id, 'i' || a.import_row_id) || '|' || kind || '|' || entity
        || '|' || coalesce(customer, 0) || '|' || coalesce(invoice, 0) || '|' || currency || '|' || reason || '|' || trim_scale(net)
        || '|' || trim_scale(tax) || '|' || trim_scale(rounding) || '|' || trim_scale(refund) || '|' || trim_scale(outside)
        from adjustment_approvals a where a.id = approval);
end
$$;

create or replace function credit_memo_digest(memo bigint) returns bytea language plpgsql stable as $$
declare
    m credit_memos;
    lines text;
    taxes text;
    bill text := '';
begin
    select * into m from credit_memos where id = memo;
    if not found then
        return null;
    end if;
    if m.digest_version = 1 then
        select string_agg('|l' || l.invoice_line_id || ':' || trim_scale(l.net)::text, '' order by l.invoice_line_id) into lines
            from credit_memo_lines l where l.credit_memo_id = memo;
        select string_agg('|t' || t.invoice_tax_id || ':' || trim_scale(t.net)::text || ':' || trim_scale(t.tax)::text, '' order by t.invoice_tax_id)
            into taxes from credit_memo_taxes t where t.credit_memo_id = memo;
        return sha256(convert_to('adjustment/1|' || m.credit_request_id || '|' || m.kind || '|' || m.entity_id || '|' || m.customer_id
            || '|' || m.invoice_id || '|' || m.currency || '|' || m.reason_code || '|' || trim_scale(m.net)::text || '|' || trim_scale(m.tax)::text
            || coalesce(lines, '') || coalesce(taxes, ''), 'UTF8'));
    end if;
    select string_agg('|l' || coalesce(l.invoice_line_id, 0) || ':' || trim_scale(l.amount) || ':' || trim_scale(l.net), '' order by l.line_no) into lines
        from credit_memo_lines l where l.credit_memo_id = memo;
    select string_agg('|t' || coalesce(t.invoice_tax_id, 0) || '/' || t.code || '/' || t.category || '/' || trim_scale(t.rate)
            || ':' || trim_scale(t.net) || ':' || trim_scale(t.tax), '' order by t.position) into taxes
        from credit_memo_taxes t where t.credit_memo_id = memo;
    if m.kind = 'rebill' then
        bill := coalesce((select bill_text(i.id) from invoices i where i.approval_id = m.approval_id), '|no bill');
    end if;
    return sha256(convert_to(adjustment_head(m.approval_id, m.kind, m.entity_id, m.customer_id, m.invoice_id, m.currency, m.reason_code,
        m.net, m.tax, m.rounding, m.to_refund, m.settled_outside) || coalesce(lines, '') || coalesce(taxes, '') || bill, 'UTF8'));
end
$$;

-- The head of a stream is locked, read and moved with two statements, and the hash is worked out in one expression.
create or replace function audit_chain() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    head audit_heads;
    stream bytea := convert_to(new.stream, 'UTF8');
    kind bytea := convert_to(new.actor_kind, 'UTF8');
    name bytea := convert_to(new.actor_name, 'UTF8');
    what bytea := convert_to(new.what, 'UTF8');
    request bytea := convert_to(new.request_id, 'UTF8');
    data bytea := convert_to(new.data::text, 'UTF8');
begin
    select * into head from audit_heads h where h.stream = new.stream for update;
    if not found then
        insert into audit_heads (stream, seq, hash) values (new.stream, 0, '\x') on conflict do nothing;
        select * into strict head from audit_heads h where h.stream = new.stream for update;
    end if;
    new.seq := head.seq + 1;
    new.prev_hash := head.hash;
    new.hash := sha256(int4send(octet_length(head.hash)) || head.hash
        || int4send(octet_length(stream)) || stream || int8send(new.seq)
        || int8send((extract(epoch from new.at) * 1000000)::bigint)
        || int4send(octet_length(kind)) || kind || int8send(new.actor_id) || int4send(octet_length(name)) || name
        || int4send(octet_length(what)) || what || int4send(octet_length(request)) || request || int4send(octet_length(data)) || data);
    update audit_heads h set seq = new.seq, hash = new.hash where h.stream = new.stream;
    return new;
end
$$;
-- +goose StatementEnd

-- Entries come with all their postings in one statement, so they are looked at when the statement ends: once for all of
-- them, not once for each row. An entry without postings is still found at commit.
drop trigger journal_entry_balances on postings;
drop trigger posting_has_its_entrys_days on postings;
drop function posting_has_its_entrys_days();

-- +goose StatementBegin
create function new_postings_are_sound() returns trigger language plpgsql as $$
declare
    wrong bigint;
begin
    select c.entry_id into wrong from (
            select p.entry_id, sum(p.amount) as amount, sum(p.base_amount) as base, count(*) as lines from postings p
            where p.entry_id = any (array(select distinct entry_id from fresh)) group by p.entry_id, p.currency) c
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

create or replace function journal_entry_balances() returns trigger language plpgsql as $$
begin
    if (select count(*) < 2 from postings where entry_id = new.id) then
        raise exception 'journal entry % has fewer than two postings', new.id
            using errcode = 'integrity_constraint_violation', constraint = 'journal_entry_balances', table = 'journal_entries';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create trigger new_postings_are_sound after insert on postings referencing new table as fresh
    for each statement execute function new_postings_are_sound();

-- +goose StatementBegin
create or replace function open_item_is_the_ledger() returns trigger language plpgsql as $$
declare
    k text;
    d bigint;
    item record;
begin
    if tg_table_name = 'postings' then k := new.item_kind; d := new.item_id; else k := new.kind; d := new.document_id; end if;
    select b.open as booked, b.base as booked_base, o.open, o.base_open as base into item
        from (select case k when 'invoice' then 1 else -1 end * coalesce(sum(amount), 0) as open,
                  case k when 'invoice' then 1 else -1 end * coalesce(sum(base_amount), 0) as base
              from postings where item_kind = k and item_id = d) b
        left join open_items o on o.kind = k and o.document_id = d;
    if (item.open, item.base) is distinct from (item.booked, item.booked_base) then
        raise exception '% % has % open (% in base currency), the ledger has % (%)', k, d, item.open, item.base, item.booked, item.booked_base
            using errcode = 'integrity_constraint_violation', constraint = 'open_item_is_the_ledger', table = 'open_items';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
