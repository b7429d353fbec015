-- +goose Up
-- What PostgreSQL itself holds about adjustments, whoever writes: no document without an approval of exactly its
-- content, no more credited than billed, open items as the ledger says, numbers without gaps.

-- The text an approval's digest is taken over, the same as billing's Go code hashes when a request is frozen.
-- +goose StatementBegin
create function adjustment_head(approval bigint, kind text, entity bigint, customer bigint, invoice bigint, currency text, reason text,
    net numeric, tax numeric, rounding numeric, refund numeric, outside numeric) returns text language sql stable as $$
    select 'adjustment/2|' || coalesce('r' || a.credit_request_id, 'i' || a.import_row_id) || '|' || kind || '|' || entity || '|' || coalesce(customer, 0)
        || '|' || coalesce(invoice, 0) || '|' || currency || '|' || reason || '|' || trim_scale(net) || '|' || trim_scale(tax)
        || '|' || trim_scale(rounding) || '|' || trim_scale(refund) || '|' || trim_scale(outside)
    from adjustment_approvals a where a.id = approval
$$;

-- What an invoice bills, as a debit memo or a rebill: lines, taxes and the day it is due.
create function bill_text(invoice bigint) returns text language sql stable as $$
    select '|d' || to_char(i.due_on, 'YYYY-MM-DD')
        || coalesce((select string_agg('|b' || l.line_no || ':' || trim_scale(l.net), '' order by l.line_no) from invoice_lines l where l.invoice_id = i.id), '')
        || coalesce((select string_agg('|g' || t.code || '/' || t.category || '/' || trim_scale(t.rate) || ':' || trim_scale(t.net) || ':' || trim_scale(t.tax), ''
                     order by t.code collate "C", t.category collate "C", t.rate) from invoice_taxes t where t.invoice_id = i.id), '')
    from invoices i where i.id = invoice
$$;

create or replace function credit_memo_digest(memo bigint) returns bytea language sql stable as $$
    select sha256(convert_to(case m.digest_version when 1 then
        'adjustment/1|' || m.credit_request_id || '|' || m.kind || '|' || m.entity_id || '|' || m.customer_id || '|' || m.invoice_id
        || '|' || m.currency || '|' || m.reason_code
        || '|' || trim_scale(m.net)::text || '|' || trim_scale(m.tax)::text
        || coalesce((select string_agg('|l' || l.invoice_line_id || ':' || trim_scale(l.net)::text, '' order by l.invoice_line_id)
                     from credit_memo_lines l where l.credit_memo_id = m.id), '')
        || coalesce((select string_agg('|t' || t.invoice_tax_id || ':' || trim_scale(t.net)::text || ':' || trim_scale(t.tax)::text, '' order by t.invoice_tax_id)
                     from credit_memo_taxes t where t.credit_memo_id = m.id), '')
    else
        adjustment_head(m.approval_id, m.kind, m.entity_id, m.customer_id, m.invoice_id, m.currency, m.reason_code,
            m.net, m.tax, m.rounding, m.to_refund, m.settled_outside)
        || coalesce((select string_agg('|l' || coalesce(l.invoice_line_id, 0) || ':' || trim_scale(l.amount) || ':' || trim_scale(l.net), '' order by l.line_no)
                     from credit_memo_lines l where l.credit_memo_id = m.id), '')
        || coalesce((select string_agg('|t' || coalesce(t.invoice_tax_id, 0) || '/' || t.code || '/' || t.category || '/' || trim_scale(t.rate)
                        || ':' || trim_scale(t.net) || ':' || trim_scale(t.tax), '' order by t.position)
                     from credit_memo_taxes t where t.credit_memo_id = m.id), '')
        || case m.kind when 'rebill' then coalesce((select bill_text(i.id) from invoices i where i.approval_id = m.approval_id), '|no bill') else '' end
    end, 'UTF8'))
    from credit_memos m where m.id = memo
$$;

create function debit_memo_digest(invoice bigint) returns bytea language sql stable as $$
    select sha256(convert_to(adjustment_head(i.approval_id, 'debit', i.entity_id, i.customer_id, i.corrects_id, i.currency, i.reason_code,
            i.net, i.tax, i.rounding, 0, 0) || bill_text(i.id), 'UTF8'))
    from invoices i where i.id = invoice
$$;

create function refund_digest(refund bigint) returns bytea language sql stable as $$
    select sha256(convert_to(adjustment_head(f.approval_id, 'refund', f.entity_id, f.customer_id, 0, f.currency, f.reason_code, f.amount, 0, 0, 0, 0)
        || coalesce((select string_agg('|s' || s.item_kind || ':' || s.item_id || ':' || trim_scale(s.amount), '' order by s.item_kind collate "C", s.item_id)
                     from refund_sources s where s.refund_id = f.id), ''), 'UTF8'))
    from refunds f where f.id = refund
$$;

create function write_off_digest(write_off bigint) returns bytea language sql stable as $$
    select sha256(convert_to(adjustment_head(w.approval_id, 'write_off', w.entity_id, w.customer_id, 0, w.currency, w.reason_code, w.amount, w.tax_relief, 0, 0, 0)
        || coalesce((select string_agg('|w' || l.invoice_id || ':' || trim_scale(l.amount) || ':' || trim_scale(l.tax_relief), '' order by l.invoice_id)
                     from write_off_lines l where l.write_off_id = w.id), ''), 'UTF8'))
    from write_offs w where w.id = write_off
$$;

create function transfer_digest(transfer bigint) returns bytea language sql stable as $$
    select sha256(convert_to(adjustment_head(t.approval_id, 'transfer', t.entity_id, t.customer_id, 0, t.currency, t.reason_code, t.amount, 0, 0, 0, 0)
        || '|s' || t.item_kind || ':' || t.item_id || ':' || trim_scale(t.amount) || '|c' || t.to_customer_id, 'UTF8'))
    from transfers t where t.id = transfer
$$;

create function reversal_digest(reversal bigint) returns bytea language sql stable as $$
    select sha256(convert_to(adjustment_head(v.approval_id, 'reversal', v.entity_id, v.customer_id, 0, v.currency, v.reason_code, v.amount, 0, 0, 0, 0)
        || '|v' || v.document_kind || ':' || v.document_id, 'UTF8'))
    from reversals v where v.id = reversal
$$;

-- One refusal for all: the approval must carry the digest of what is posted.
create function approved_as(approval bigint, digest bytea, document text, number text) returns void language plpgsql as $$
begin
    if not exists (select 1 from adjustment_approvals a where a.id = approval and a.digest = approved_as.digest) then
        raise exception '% % has no approval of exactly this content', document, number
            using errcode = 'integrity_constraint_violation', constraint = 'adjustment_needs_approval', table = document;
    end if;
end
$$;

create or replace function credit_memo_is_approved() returns trigger language plpgsql as $$
begin
    if not exists (select 1 from adjustment_approvals a where a.id = new.approval_id and a.credit_request_id is not distinct from new.credit_request_id) then
        perform approved_as(null, null, 'credit_memos', new.number);
    end if;
    perform approved_as(new.approval_id, credit_memo_digest(new.id), 'credit_memos', new.number);
    if (select coalesce(sum(net), 0) from credit_memo_lines where credit_memo_id = new.id) <> new.net
       or (select coalesce(sum(tax), 0) from credit_memo_taxes where credit_memo_id = new.id) <> new.tax then
        raise exception 'credit memo % does not add up', new.number
            using errcode = 'integrity_constraint_violation', constraint = 'memo_adds_up', table = 'credit_memos';
    end if;
    return null;
end
$$;

create function invoice_is_approved() returns trigger language plpgsql as $$
begin
    if new.kind = 'debit_memo' then
        perform approved_as(new.approval_id, debit_memo_digest(new.id), 'invoices', new.number);
    elsif new.corrects_id is not null and not exists (select 1 from credit_memos m where m.approval_id = new.approval_id and m.kind = 'rebill'
            and m.invoice_id = new.corrects_id) then
        perform approved_as(null, null, 'invoices', new.number);
    end if;
    return null;
end
$$;

create function refund_is_approved() returns trigger language plpgsql as $$
begin
    if (select coalesce(sum(amount), 0) from refund_sources where refund_id = new.id) <> new.amount then
        raise exception 'refund % does not add up', new.number
            using errcode = 'integrity_constraint_violation', constraint = 'refund_adds_up', table = 'refunds';
    end if;
    if not exists (select 1 from credit_memos m join refund_sources s on s.refund_id = new.id and s.item_kind = 'credit_memo' and s.item_id = m.id
                   where m.approval_id = new.approval_id and m.to_refund = new.amount) then
        perform approved_as(new.approval_id, refund_digest(new.id), 'refunds', new.number);
    end if;
    return null;
end
$$;

create function write_off_is_approved() returns trigger language plpgsql as $$
begin
    if (select coalesce(sum(amount), 0) from write_off_lines where write_off_id = new.id) <> new.amount then
        raise exception 'write-off % does not add up', new.number
            using errcode = 'integrity_constraint_violation', constraint = 'write_off_adds_up', table = 'write_offs';
    end if;
    perform approved_as(new.approval_id, write_off_digest(new.id), 'write_offs', new.number);
    return null;
end
$$;

create function transfer_is_approved() returns trigger language plpgsql as $$
begin
    perform approved_as(new.approval_id, transfer_digest(new.id), 'transfers', new.number);
    return null;
end
$$;

create function reversal_is_approved() returns trigger language plpgsql as $$
begin
    perform approved_as(new.approval_id, reversal_digest(new.id), 'reversals', new.number);
    return null;
end
$$;
-- +goose StatementEnd
create constraint trigger adjustment_needs_approval after insert on invoices deferrable initially deferred
    for each row when (new.kind = 'debit_memo' or new.corrects_id is not null) execute function invoice_is_approved();
create constraint trigger adjustment_needs_approval after insert on refunds deferrable initially deferred
    for each row execute function refund_is_approved();
create constraint trigger adjustment_needs_approval after insert on write_offs deferrable initially deferred
    for each row execute function write_off_is_approved();
create constraint trigger adjustment_needs_approval after insert on transfers deferrable initially deferred
    for each row execute function transfer_is_approved();
create constraint trigger adjustment_needs_approval after insert on reversals deferrable initially deferred
    for each row execute function reversal_is_approved();

-- Parts come with their document, never to one that is posted.
-- +goose StatementBegin
create function part_of_new_refund() returns trigger language plpgsql as $$
declare r refunds;
begin
    select * into r from refunds where id = new.refund_id;
    if (select coalesce(sum(amount), 0) from refund_sources where refund_id = new.refund_id) <> r.amount then
        perform approved_as(null, null, 'refunds', r.number);
    end if;
    return null;
end
$$;
create function part_of_new_write_off() returns trigger language plpgsql as $$
declare w write_offs;
begin
    select * into w from write_offs where id = new.write_off_id;
    perform approved_as(w.approval_id, write_off_digest(w.id), 'write_offs', w.number);
    return null;
end
$$;
create function part_of_new_bill() returns trigger language plpgsql as $$
declare i invoices;
begin
    select * into i from invoices where id = new.invoice_id;
    if (select coalesce(sum(net), 0) from invoice_lines where invoice_id = i.id) <> i.net
       or (select coalesce(sum(tax), 0) from invoice_taxes where invoice_id = i.id) <> i.tax then
        raise exception 'invoice % does not add up', i.number
            using errcode = 'integrity_constraint_violation', constraint = 'invoice_adds_up', table = tg_table_name;
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create constraint trigger part_of_new_refund after insert on refund_sources deferrable initially deferred
    for each row execute function part_of_new_refund();
create constraint trigger part_of_new_write_off after insert on write_off_lines deferrable initially deferred
    for each row execute function part_of_new_write_off();
create constraint trigger part_of_new_bill after insert on invoice_taxes deferrable initially deferred
    for each row execute function part_of_new_bill();

-- Never more credited on a line or a tax than was billed, whatever the balances beside them say. A reversed memo counts no more.
-- +goose StatementBegin
create function credit_within_what_was_billed() returns trigger language plpgsql as $$
begin
    if tg_table_name = 'credit_memo_lines' then
        if (select sum(l.amount) from credit_memo_lines l where l.invoice_line_id = new.invoice_line_id and not exists
                (select 1 from reversals v where v.document_kind = 'credit_memo' and v.document_id = l.credit_memo_id))
           > (select amount from invoice_line_balances where invoice_line_id = new.invoice_line_id) then
            raise exception 'more credited on invoice line % than it has', new.invoice_line_id
                using errcode = 'integrity_constraint_violation', constraint = 'credit_within_line', table = 'credit_memo_lines';
        end if;
    elsif exists (select 1 from invoice_taxes i, (select sum(t.net) as net, sum(t.tax) as tax from credit_memo_taxes t
                where t.invoice_tax_id = new.invoice_tax_id and not exists
                    (select 1 from reversals v where v.document_kind = 'credit_memo' and v.document_id = t.credit_memo_id)) c
            where i.id = new.invoice_tax_id and (c.net > i.net or c.tax > i.tax)) then
        raise exception 'more tax credited on invoice tax % than it has', new.invoice_tax_id
            using errcode = 'integrity_constraint_violation', constraint = 'credit_within_group_tax', table = 'credit_memo_taxes';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create constraint trigger credit_within_what_was_billed after insert on credit_memo_lines deferrable initially deferred
    for each row when (new.invoice_line_id is not null) execute function credit_within_what_was_billed();
create constraint trigger credit_within_what_was_billed after insert on credit_memo_taxes deferrable initially deferred
    for each row when (new.invoice_tax_id is not null) execute function credit_within_what_was_billed();

-- What is open on a document is what the ledger has on it.
-- +goose StatementBegin
create function open_item_is_the_ledger() returns trigger language plpgsql as $$
declare
    k text;
    d bigint;
    booked record;
    item record;
begin
    if tg_table_name = 'postings' then k := new.item_kind; d := new.item_id; else k := new.kind; d := new.document_id; end if;
    select case k when 'invoice' then 1 else -1 end * coalesce(sum(amount), 0) as open,
        case k when 'invoice' then 1 else -1 end * coalesce(sum(base_amount), 0) as base into booked from postings where item_kind = k and item_id = d;
    select open, base_open as base into item from open_items where kind = k and document_id = d;
    if (item.open, item.base) is distinct from (booked.open, booked.base) then
        raise exception '% % has % open (% in base currency), the ledger has % (%)', k, d, item.open, item.base, booked.open, booked.base
            using errcode = 'integrity_constraint_violation', constraint = 'open_item_is_the_ledger', table = 'open_items';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create constraint trigger open_item_is_the_ledger after insert on postings deferrable initially deferred
    for each row when (new.item_kind is not null) execute function open_item_is_the_ledger();
create constraint trigger open_item_is_the_ledger after insert or update of open, base_open on open_items deferrable initially deferred
    for each row execute function open_item_is_the_ledger();

-- Numbers: every number up to the last given one is on a document, and no document has a number that was not given.
alter table document_sequences add column document_kind text;
update document_sequences set document_kind = case when series like 'PAY-%' then 'payment' when series like 'CM-%' then 'credit_memo' else 'invoice' end;
alter table document_sequences alter column document_kind set not null,
    add constraint document_sequences_kind check (document_kind in ('invoice','debit_memo','payment','credit_memo','refund','write_off','transfer','reversal','chargeback'));

-- +goose StatementBegin
create function numbers_used(kind text, entity bigint, series text, year integer, from_no bigint, to_no bigint) returns bigint language plpgsql stable as $$
declare
    n bigint;
    source text := case kind when 'invoice' then 'invoices' when 'debit_memo' then 'invoices' when 'payment' then 'payments'
        when 'credit_memo' then 'credit_memos' when 'refund' then 'refunds' when 'write_off' then 'write_offs' when 'transfer' then 'transfers'
        when 'reversal' then 'reversals' when 'chargeback' then 'chargebacks' end;
begin
    execute format('select count(*) from %I where entity_id = $1 and series = $2 and fiscal_year = $3 and sequence_no between $4 and $5', source)
        into n using entity, series, year, from_no, to_no;
    return n;
end
$$;

create function numbers_have_no_gaps() returns trigger language plpgsql as $$
declare
    before bigint := case tg_op when 'INSERT' then 0 else old.last_no end;
begin
    if new.last_no < before or (tg_op = 'UPDATE' and (old.entity_id, old.series, old.fiscal_year, old.document_kind)
            is distinct from (new.entity_id, new.series, new.fiscal_year, new.document_kind))
       or numbers_used(new.document_kind, new.entity_id, new.series, new.fiscal_year, before + 1, new.last_no) <> new.last_no - before then
        raise exception 'series % % would have a gap between % and %', new.series, new.fiscal_year, before, new.last_no
            using errcode = 'integrity_constraint_violation', constraint = 'numbers_have_no_gaps', table = 'document_sequences';
    end if;
    return null;
end
$$;

create function number_was_given() returns trigger language plpgsql as $$
begin
    if not exists (select 1 from document_sequences s where s.entity_id = new.entity_id and s.series = new.series
                   and s.fiscal_year = new.fiscal_year and s.last_no >= new.sequence_no) then
        raise exception 'number % of series % % was never given', new.sequence_no, new.series, new.fiscal_year
            using errcode = 'integrity_constraint_violation', constraint = 'numbers_have_no_gaps', table = tg_table_name;
    end if;
    return null;
end
$$;

do $$
declare
    t text;
begin
    foreach t in array array['invoices','payments','credit_memos','refunds','write_offs','transfers','reversals','chargebacks'] loop
        execute format('create constraint trigger number_was_given after insert on %I deferrable initially deferred
            for each row when (new.sequence_no is not null) execute function number_was_given()', t);
        execute format('alter table %I add constraint %I check (sequence_no >= 1)', t, t || '_sequence_from_one');
    end loop;
end
$$;
-- +goose StatementEnd
create constraint trigger numbers_have_no_gaps after insert or update on document_sequences deferrable initially deferred
    for each row execute function numbers_have_no_gaps();
revoke delete, truncate on document_sequences from makegood_app;

-- The day of the books goes down from the entry to its postings, and cannot be another one.
-- +goose StatementBegin
create function posting_has_its_entrys_days() returns trigger language plpgsql as $$
begin
    if not exists (select 1 from journal_entries e where e.id = new.entry_id and e.entity_id = new.entity_id and e.booked_on = new.booked_on
                   and e.dated_on = new.dated_on and (e.posted_at at time zone 'UTC')::date = new.posted_on) then
        raise exception 'a posting carries the days of its entry'
            using errcode = 'integrity_constraint_violation', constraint = 'posting_has_its_entrys_days', table = 'postings';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create constraint trigger posting_has_its_entrys_days after insert on postings deferrable initially deferred
    for each row execute function posting_has_its_entrys_days();
