-- +goose Up
-- The two entries that each credit memo makes are compared with their document by one statement each: their lines summed in one pass beside
-- the document, where they were grouped and joined with what is expected. What is asked stays as it was; a line on an account that is
-- none of the document's is now refused also where another makes up for it.
-- +goose StatementBegin
create function credit_memo_entry_fault(e journal_entries) returns text language plpgsql stable as $$
declare
    booked boolean;
begin
    select s.lines >= 2 and s.others = 0 and s.gained = m.net and s.tax = m.tax and s.rounding = m.rounding
            and s.unapplied = m.settled_outside - m.total and s.clearing = -m.settled_outside
        into booked
        from credit_memos m
        cross join lateral (select count(*) as lines,
                count(*) filter (where p.amount <> 0 and (p.account = case m.kind when 'concession' then 'concessions' when 'sla_credit' then 'service_credits' else 'revenue' end
                        and p.item_kind is null and p.customer_id is null
                    or p.account in ('tax', 'rounding', 'cash_clearing') and p.item_kind is null and p.customer_id is null
                    or p.account = 'unapplied' and p.item_kind = 'credit_memo' and p.item_id = m.id and p.customer_id = m.customer_id) is not true) as others,
                coalesce(sum(p.amount) filter (where p.account in ('revenue', 'concessions', 'service_credits')), 0) as gained,
                coalesce(sum(p.amount) filter (where p.account = 'tax'), 0) as tax,
                coalesce(sum(p.amount) filter (where p.account = 'rounding'), 0) as rounding,
                coalesce(sum(p.amount) filter (where p.account = 'unapplied'), 0) as unapplied,
                coalesce(sum(p.amount) filter (where p.account = 'cash_clearing'), 0) as clearing
            from postings p where p.entry_id = e.id) s
        where m.id = e.document_id and m.entity_id = e.entity_id and m.number = e.document_number and m.customer_id = e.customer_id
            and m.currency = e.currency and m.credit_request_id is not distinct from e.credit_request_id and m.case_id is not distinct from e.case_id;
    if booked then
        return null;
    elsif booked is null then
        return 'no such credit memo';
    end if;
    return 'it does not book what the credit memo gives';
end
$$;

create function allocation_entry_fault(e journal_entries) returns text language plpgsql stable as $$
declare
    booked boolean;
begin
    select s.lines >= 2 and s.others = 0 and s.unapplied = a.amount and s.receivable = -a.amount
        into booked
        from allocations a join invoices i on i.id = a.invoice_id and i.customer_id = a.customer_id and i.entity_id = a.entity_id and i.currency = a.currency
        cross join lateral (select count(*) as lines,
                count(*) filter (where p.amount <> 0 and (p.customer_id = a.customer_id
                    and (p.account = 'unapplied' and p.item_kind = a.source_kind and p.item_id = a.source_id
                        or p.account = 'receivable' and p.item_kind = 'invoice' and p.item_id = a.invoice_id)) is not true) as others,
                coalesce(sum(p.amount) filter (where p.account = 'unapplied'), 0) as unapplied,
                coalesce(sum(p.amount) filter (where p.account = 'receivable'), 0) as receivable
            from postings p where p.entry_id = e.id) s
        where a.id = e.document_id and a.entity_id = e.entity_id and a.customer_id = e.customer_id and a.currency = e.currency
            and a.source_kind in ('payment', 'credit_memo', 'transfer')
            and case when e.reverses_id is null then a.reverses_id is null else a.reverses_id = (select r.document_id from journal_entries r
                where r.id = e.reverses_id and r.document_kind = 'allocation') end;
    if booked is null then
        return 'no such allocation';
    elsif not booked or e.reverses_id is not null and not mirrors_entry(e.id, e.reverses_id) then
        return 'it does not book what was applied';
    end if;
    return null;
end
$$;
-- +goose StatementEnd

alter function journal_entry_fault(journal_entries) rename to other_entry_fault;
-- +goose StatementBegin
create function journal_entry_fault(e journal_entries) returns text language plpgsql stable as $$
begin
    if e.document_kind = 'credit_memo' and e.reverses_id is null then
        return credit_memo_entry_fault(e);
    elsif e.document_kind = 'allocation' then
        return allocation_entry_fault(e);
    end if;
    return other_entry_fault(e);
end
$$;
-- +goose StatementEnd

-- A posting and its entry are found by one look.
-- +goose StatementBegin
create or replace function new_postings_are_sound() returns trigger language plpgsql as $$
declare
    wrong bigint;
    line record;
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
    -- One after another by their keys: all at once this could read every posting there is, planned while there were few.
    for line in select f.id, f.entry_id from fresh f loop
        perform 1 from postings p join journal_entries e on e.id = p.entry_id where p.id = line.id and p.xmin = e.xmin and p.cmin = e.cmin;
        if not found then
            raise exception 'journal entry % is written already: postings come with their entry', line.entry_id
                using errcode = 'integrity_constraint_violation', constraint = 'postings_come_with_their_entry', table = 'postings';
        end if;
    end loop;
    return null;
end
$$;
-- +goose StatementEnd

call grant_to_application();
