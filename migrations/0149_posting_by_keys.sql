-- +goose Up
-- What each posting runs is planned once per connection, and by keys: the holds of invoices were planned anew at each call, as a function in
-- plain SQL is; and a memo was looked for among all of its legal entity by whoever planned while there were none.
-- +goose StatementBegin
create or replace function settle_holds(invoices bigint[], moment timestamptz) returns void language plpgsql as $$
begin
    with these as (select distinct t.invoice_id from unnest(invoices) as t(invoice_id)
    ), asked as (
        select h.id, h.invoice_id, h.invoice_line_id, case h.wanted when 0 then h.amount else h.wanted end as wanted, h.digits
        from these t join holds h on h.invoice_id = t.invoice_id and h.released_at is null
    ), capped as (
        select a.id, a.invoice_id, a.wanted, case when a.invoice_line_id is null then a.wanted
            else least(a.wanted, greatest(0, r.gross - coalesce(sum(a.wanted) over line, 0))) end as at_most
        from asked a
        left join lateral (select l.list - l.discount - b.credited
                + case when i.prices_include_tax or l.list = l.discount then 0
                    else round(l.tax_share * (l.list - l.discount - b.credited) / (l.list - l.discount), a.digits) end as gross
            from invoice_lines l join invoice_line_balances b on b.invoice_line_id = l.id join invoices i on i.id = l.invoice_id
            where l.id = a.invoice_line_id) r on true
        window line as (partition by a.invoice_line_id order by a.id rows between unbounded preceding and 1 preceding)
    ), kept as (
        select c.id, c.invoice_id, c.wanted, c.at_most,
            greatest(0, least(c.at_most, o.open - coalesce(sum(c.at_most) over (partition by c.invoice_id order by c.id rows between unbounded preceding and 1 preceding), 0))) as keeps
        from capped c join open_items o on o.kind = 'invoice' and o.document_id = c.invoice_id
    ), short as (
        select k.*, k.wanted - k.keeps as missing, sum(k.wanted - k.keeps) over (partition by k.invoice_id order by k.id) as through,
            greatest(0, s.credits - e.credits) as credits, greatest(0, s.offs - e.offs) as offs
        from kept k
        cross join lateral (select coalesce(sum(a.amount) filter (where a.source_kind in ('credit_memo', 'reversal')), 0) as credits,
            coalesce(sum(a.amount) filter (where a.source_kind = 'write_off'), 0) as offs from allocations a where a.invoice_id = k.invoice_id) s
        cross join lateral (select coalesce(sum(x.credited), 0) as credits, coalesce(sum(x.written_off), 0) as offs
            from holds x where x.invoice_id = k.invoice_id and x.released_at is not null) e
    ), parts as (
        select s.id, s.invoice_id, s.wanted, s.keeps, s.missing,
            greatest(s.wanted - s.at_most, greatest(0, least(s.through, s.credits) - (s.through - s.missing))) as credited,
            greatest(0, least(s.through, s.credits + s.offs) - greatest(s.through - s.missing, s.credits)) as written_off
        from short s
    ), changed as (
        update holds h set amount = p.keeps, wanted = p.wanted, credited = p.credited, written_off = least(p.written_off, p.missing - p.credited),
            paid = p.missing - p.credited - least(p.written_off, p.missing - p.credited), changed_at = moment
        from parts p where h.id = p.id and (h.amount, h.wanted, h.credited, h.written_off, h.paid)
            is distinct from (p.keeps, p.wanted, p.credited, least(p.written_off, p.missing - p.credited), p.missing - p.credited - least(p.written_off, p.missing - p.credited))
    )
    update open_items o set held = k.held
        from (select t.invoice_id, coalesce(sum(p.keeps), 0) as held from these t left join parts p on p.invoice_id = t.invoice_id group by t.invoice_id) k
        where o.kind = 'invoice' and o.document_id = k.invoice_id and o.held <> k.held;
end
$$;

create or replace function credit_memo_entry_fault(e journal_entries) returns text language plpgsql stable as $$
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
        where m.id = e.document_id and (m.entity_id = e.entity_id and m.number = e.document_number and m.customer_id = e.customer_id
            and m.currency = e.currency and m.credit_request_id is not distinct from e.credit_request_id
            and m.case_id is not distinct from e.case_id) is true;
    if booked then
        return null;
    elsif booked is null then
        return 'no such credit memo';
    end if;
    return 'it does not book what the credit memo gives';
end
$$;

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
    -- Each is looked up by its key (a subquery that gives one value is never turned into a join): read together, planned while there were
    -- few, this could read every posting there is.
    select f.entry_id into wrong from fresh f
        where (select (p.xmin::text, p.cmin::text) from postings p where p.id = f.id)
            is distinct from (select (e.xmin::text, e.cmin::text) from journal_entries e where e.id = f.entry_id) limit 1;
    if found then
        raise exception 'journal entry % is written already: postings come with their entry', wrong
            using errcode = 'integrity_constraint_violation', constraint = 'postings_come_with_their_entry', table = 'postings';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
