-- +goose Up
-- Nothing is booked but for a document. An entry names a document that is there, of the same legal entity, number,
-- customer and currency, caused by the same request and case; it books exactly what the document says, account by account
-- and open item by open item; and there is one for each document. So nobody books round the approval, which hangs on the
-- documents: the entry without its document is refused at commit, and the document without its approval.

-- What is on an entry, against what its document asks for. Amounts of zero count for nothing: they carry what is left over
-- in base currency. Less than two postings is no entry.
-- +goose StatementBegin
create function booked_as_expected(entry bigint, accounts text[], customers bigint[], kinds text[], items bigint[], amounts numeric[]) returns boolean
    language plpgsql stable as $$
begin
    return (select coalesce(sum(g.lines), 0) >= 2 and not coalesce(bool_or(g.amount <> 0), false) from (
        select sum(x.amount) as amount, sum(x.line) as lines from (
            select p.account, p.customer_id, p.item_kind, p.item_id, p.amount, 1 as line from postings p where p.entry_id = entry
            union all
            select u.account, u.customer_id, u.item_kind, u.item_id, -u.amount, 0 from unnest(accounts, customers, kinds, items, amounts)
                as u(account, customer_id, item_kind, item_id, amount)) x
        group by x.account, x.customer_id, x.item_kind, x.item_id) g);
end
$$;

-- Whether an entry is the exact opposite of the one it takes back, in both currencies.
create function mirrors_entry(entry bigint, of_entry bigint) returns boolean language plpgsql stable as $$
begin
    return (select count(*) > 0 and not bool_or(g.amount <> 0 or g.base <> 0) from (
        select sum(p.amount) as amount, sum(p.base_amount) as base from postings p where p.entry_id in (entry, of_entry)
        group by p.account, p.customer_id, p.item_kind, p.item_id) g)
        and exists (select 1 from journal_entries a join journal_entries b on b.id = of_entry
            where a.id = entry and a.entity_id = b.entity_id and a.currency = b.currency and a.customer_id = b.customer_id);
end
$$;

-- The account that money came in on, or left by, with a payment of a method.
create function received_on(method text) returns text language plpgsql immutable parallel safe as $$
begin
    return case method when 'withholding' then 'withholding' when 'opening_balance' then 'opening_balance' else 'cash' end;
end
$$;

-- Why an entry is not that of its document; null where it is.
create function journal_entry_fault(e journal_entries) returns text language plpgsql stable as $$
declare
    d record;
    gained text;
begin
    if e.document_kind not in ('allocation', 'chargeback', 'reversal') and e.reverses_id is not null then
        return 'it takes another entry back, which only a reversal, an allocation taken back or a chargeback won does';
    end if;
    if e.document_kind = 'credit_memo' then
        select m.* into d from credit_memos m where m.id = e.document_id and m.entity_id = e.entity_id and m.number = e.document_number
            and m.customer_id = e.customer_id and m.currency = e.currency and m.credit_request_id is not distinct from e.credit_request_id
            and m.case_id is not distinct from e.case_id;
        if not found then
            return 'no such credit memo';
        end if;
        gained := case d.kind when 'concession' then 'concessions' when 'sla_credit' then 'service_credits' else 'revenue' end;
        if not booked_as_expected(e.id, array[gained, 'tax', 'rounding', 'unapplied', 'cash_clearing'],
                array[null, null, null, d.customer_id, null], array[null, null, null, 'credit_memo', null],
                array[null, null, null, d.id, null], array[d.net, d.tax, d.rounding, d.settled_outside - d.total, -d.settled_outside]) then
            return 'it does not book what the credit memo gives';
        end if;
    elsif e.document_kind = 'allocation' then
        select a.*, r.document_id as taken_back into d from allocations a
            join invoices i on i.id = a.invoice_id and i.customer_id = a.customer_id and i.entity_id = a.entity_id and i.currency = a.currency
            left join journal_entries r on r.id = e.reverses_id and r.document_kind = 'allocation'
            where a.id = e.document_id and a.entity_id = e.entity_id and a.customer_id = e.customer_id and a.currency = e.currency
            and a.source_kind in ('payment', 'credit_memo', 'transfer');
        if not found or d.taken_back is distinct from d.reverses_id then
            return 'no such allocation';
        end if;
        if not booked_as_expected(e.id, array['unapplied', 'receivable'], array[d.customer_id, d.customer_id], array[d.source_kind, 'invoice'],
                array[d.source_id, d.invoice_id], array[d.amount, -d.amount]) or e.reverses_id is not null and not mirrors_entry(e.id, e.reverses_id) then
            return 'it does not book what was applied';
        end if;
    elsif e.document_kind = 'invoice' then
        select i.* into d from invoices i where i.id = e.document_id and i.entity_id = e.entity_id and i.number = e.document_number
            and i.customer_id = e.customer_id and i.currency = e.currency and i.credit_request_id is not distinct from e.credit_request_id
            and i.case_id is not distinct from e.case_id;
        if not found then
            return 'no such invoice';
        end if;
        gained := 'revenue';
        if d.origin = 'imported' and exists (select 1 from postings p where p.entry_id = e.id and p.account = 'opening_balance') then
            gained := 'opening_balance';
        end if;
        if not booked_as_expected(e.id, array['receivable', gained, 'tax', 'rounding'], array[d.customer_id, null, null, null],
                array['invoice', null, null, null], array[d.id, null, null, null], array[d.total, -d.net, -d.tax, -d.rounding]) then
            return 'it does not book what the invoice bills';
        end if;
    elsif e.document_kind = 'payment' then
        select p.* into d from payments p where p.id = e.document_id and p.entity_id = e.entity_id and p.number = e.document_number
            and p.customer_id = e.customer_id and p.currency = e.currency;
        if not found then
            return 'no such payment';
        end if;
        if not booked_as_expected(e.id, array[received_on(d.method), 'unapplied'], array[null, d.customer_id], array[null, 'payment'],
                array[null, d.id], array[d.amount, -d.amount]) then
            return 'it does not book what was paid';
        end if;
    elsif e.document_kind = 'refund' then
        select f.*, s.kinds, s.items, s.amounts into d from refunds f, lateral (select coalesce(array_agg(x.item_kind), '{}') as kinds, coalesce(array_agg(x.item_id), '{}') as items,
                coalesce(array_agg(x.amount), '{}') as amounts from refund_sources x where x.refund_id = f.id) s
            where f.id = e.document_id and f.entity_id = e.entity_id and f.number = e.document_number and f.customer_id = e.customer_id
            and f.currency = e.currency and f.credit_request_id = e.credit_request_id and f.case_id is not distinct from e.case_id;
        if not found then
            return 'no such refund';
        end if;
        if not booked_as_expected(e.id, array_append(array_fill('unapplied'::text, array[cardinality(d.kinds)]), 'cash_clearing'),
                array_fill(d.customer_id, array[cardinality(d.kinds)]), d.kinds, d.items, array_append(d.amounts, -d.amount)) then
            return 'it does not book what was refunded';
        end if;
    elsif e.document_kind = 'write_off' then
        return write_off_entry_fault(e);
    elsif e.document_kind = 'transfer' then
        select t.* into d from transfers t where t.id = e.document_id and t.entity_id = e.entity_id and t.number = e.document_number
            and t.customer_id = e.customer_id and t.currency = e.currency and t.credit_request_id = e.credit_request_id
            and t.case_id is not distinct from e.case_id;
        if not found then
            return 'no such transfer';
        end if;
        if not booked_as_expected(e.id, array['unapplied', 'unapplied'], array[d.customer_id, d.to_customer_id], array[d.item_kind, 'transfer'],
                array[d.item_id, d.id], array[d.amount, -d.amount]) then
            return 'it does not book what was transferred';
        end if;
    elsif e.document_kind = 'chargeback' then
        select c.*, p.method, r.document_id as taken_back into d from chargebacks c
            join payments p on p.id = c.payment_id and p.customer_id = c.customer_id and p.entity_id = c.entity_id and p.currency = c.currency
            left join journal_entries r on r.id = e.reverses_id and r.document_kind = 'chargeback'
            where c.id = e.document_id and c.entity_id = e.entity_id and c.number = e.document_number and c.customer_id = e.customer_id
            and c.currency = e.currency;
        if not found or d.taken_back is distinct from d.reverses_id then
            return 'no such chargeback';
        end if;
        if d.reverses_id is not null then
            d.amount := -d.amount;
        end if;
        if not booked_as_expected(e.id, array['unapplied', received_on(d.method)], array[d.customer_id, null], array['payment', null],
                array[d.payment_id, null], array[d.amount, -d.amount]) or e.reverses_id is not null and not mirrors_entry(e.id, e.reverses_id) then
            return 'it does not book what was charged back';
        end if;
    elsif e.document_kind = 'reversal' then
        return reversal_entry_fault(e);
    else
        return 'no kind of document with entries';
    end if;
    return null;
end
$$;

-- A write-off has an entry for each of its invoices.
create function write_off_entry_fault(e journal_entries) returns text language plpgsql stable as $$
declare
    d record;
begin
    select l.invoice_id, l.amount, l.tax_relief, i.customer_id into d from postings p
        join write_off_lines l on l.write_off_id = e.document_id and l.invoice_id = p.item_id
        join write_offs w on w.id = l.write_off_id join invoices i on i.id = l.invoice_id
        where p.entry_id = e.id and p.item_kind = 'invoice' and w.entity_id = e.entity_id and w.number = e.document_number and w.currency = e.currency
        and w.credit_request_id = e.credit_request_id and w.case_id is not distinct from e.case_id and i.customer_id = e.customer_id limit 1;
    if not found then
        return 'no such write-off';
    end if;
    if not booked_as_expected(e.id, array['receivable', 'bad_debt', 'tax'], array[d.customer_id, null, null], array['invoice', null, null],
            array[d.invoice_id, null, null], array[-d.amount, d.amount - d.tax_relief, d.tax_relief]) then
        return 'it does not book what was written off';
    end if;
    if exists (select 1 from postings p join journal_entries o on o.id = p.entry_id where p.item_kind = 'invoice' and p.item_id = d.invoice_id
            and p.entry_id <> e.id and o.document_kind = 'write_off' and o.document_id = e.document_id) then
        return 'the write-off is booked on this invoice already';
    end if;
    return null;
end
$$;

-- A reversal takes back the entries of the document it names, and those of the bill that a rebill issued with its memo.
create function reversal_entry_fault(e journal_entries) returns text language plpgsql stable as $$
begin
    if not exists (select 1 from reversals v join journal_entries o on o.id = e.reverses_id
            where v.id = e.document_id and v.entity_id = e.entity_id and v.number = e.document_number
            and v.credit_request_id = e.credit_request_id and v.case_id is not distinct from e.case_id
            and (o.document_id = v.document_id and o.document_kind = case v.document_kind when 'debit_memo' then 'invoice' else v.document_kind end
                or v.document_kind = 'credit_memo' and o.document_kind = 'invoice' and exists (select 1 from invoices i join credit_memos m
                    on m.approval_id = i.approval_id where i.id = o.document_id and m.id = v.document_id))) then
        return 'no such reversal of that entry';
    end if;
    if not mirrors_entry(e.id, e.reverses_id) then
        return 'it is not the opposite of what it takes back';
    end if;
    return null;
end
$$;

create or replace function journal_entry_balances() returns trigger language plpgsql as $$
declare
    fault text := journal_entry_fault(new);
begin
    if fault is not null then
        if (select count(*) < 2 from postings where entry_id = new.id) then
            raise exception 'journal entry % has fewer than two postings', new.id
                using errcode = 'integrity_constraint_violation', constraint = 'journal_entry_balances', table = 'journal_entries';
        end if;
        raise exception 'journal entry % of % % has no document that it books: %', new.id, new.document_kind, new.document_number, fault
            using errcode = 'integrity_constraint_violation', constraint = 'entry_has_its_document', table = 'journal_entries';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
alter function journal_entry_balances() rename to entry_has_its_document;
alter trigger journal_entry_balances on journal_entries rename to entry_has_its_document;

-- One entry for each document. A write-off has one for each invoice, looked at above; what takes back is unique by what it
-- takes back.
create unique index journal_entries_one_for_a_document on journal_entries (document_kind, document_id)
    where reverses_id is null and document_kind <> 'write_off';

-- Postings come in the statement that writes their entry, and in no other: what is added to an entry later would be booked for
-- nothing, and could land in a month that was closed meanwhile.
-- +goose StatementBegin
create or replace function new_postings_are_sound() returns trigger language plpgsql as $$
declare
    wrong bigint;
    line record;
    written text;
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
    -- One after another by their keys: as a join this could take all postings there are, planned while there were few.
    for line in select f.id, f.entry_id from fresh f loop
        select e.xmin::text || ' ' || e.cmin::text into written from journal_entries e where e.id = line.entry_id;
        perform 1 from postings p where p.id = line.id and p.xmin::text || ' ' || p.cmin::text = written;
        if not found then
            raise exception 'journal entry % is written already: postings come with their entry', line.entry_id
                using errcode = 'integrity_constraint_violation', constraint = 'postings_come_with_their_entry', table = 'postings';
        end if;
    end loop;
    return null;
end
$$;
-- +goose StatementEnd
