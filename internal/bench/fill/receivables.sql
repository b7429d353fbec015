-- Years of invoices, most of them paid, as the reports of receivables read them: documents, what is open on them, and
-- the journal. Every figure follows from the number of the invoice, so each fill is the same. Triggers are off: the rows
-- are made to agree with one another. bench.invoices says how many, bench.entity for whom.
set session_replication_role = replica;

-- Rows go in faster without the indexes they do not need; these are made again at the end.
create temporary table dropped as
    select i.indexname, i.indexdef from pg_indexes i
    where i.schemaname = 'public' and i.tablename in ('invoices', 'payments', 'allocations', 'open_items', 'journal_entries', 'postings')
      and not exists (select 1 from pg_constraint c where c.conname = i.indexname);
do $$
declare
    d record;
begin
    for d in select * from dropped loop
        execute format('drop index %I', d.indexname);
    end loop;
end
$$;

insert into customers (id, account, name, kind, family_id, tier, region, country, entity_id, currency, created_at)
    select n, 'B' || n, 'Kunde ' || n || ' GmbH', 'direct', n, 'gold', 'EMEA', 'DE', current_setting('bench.entity')::bigint, 'EUR', now()
    from generate_series(1, 1000) n;

-- Sixty months of invoices up to today. Of a hundred, ninety-nine are paid within sixty days.
create unlogged table filled as
    select n as id, 1 + n % 1000 as customer_id, issued_on, issued_on + 30 as due_on, net, round(net * 0.19, 2) as tax, net + round(net * 0.19, 2) as total,
        case when n % 100 <> 17 and issued_on + 8 + (n * 31 % 52)::int <= current_date then issued_on + 8 + (n * 31 % 52)::int end as paid_on
    from (select n, current_date - 1825 + (n * 1825 / current_setting('bench.invoices')::bigint)::int as issued_on,
              round(20 + (n * 7919 % 900000) / 100.0, 2) as net
          from generate_series(1, current_setting('bench.invoices')::bigint) n) f;
analyze filled;

insert into invoices (id, entity_id, number, reference_key, series, fiscal_year, sequence_no, customer_id, sold_to_id, currency, issued_on, due_on,
        service_from, service_to, net, tax, total, fx_rate, posted_at)
    select id, current_setting('bench.entity')::bigint, 'B-' || id, 'B' || id, 'B', 2000, id, customer_id, customer_id, 'EUR', issued_on, due_on,
        issued_on - 30, issued_on, net, tax, total, 1, issued_on + time '09:00'
    from filled;
insert into payments (id, entity_id, number, series, fiscal_year, sequence_no, customer_id, currency, amount, received_on, fx_rate, posted_at)
    select id, current_setting('bench.entity')::bigint, 'PAY-B-' || id, 'PAY-B', 2000, id, customer_id, 'EUR', total, paid_on, 1, paid_on + time '09:00'
    from filled where paid_on is not null;
insert into allocations (id, entity_id, customer_id, source_kind, source_id, invoice_id, currency, amount, allocated_on, posted_at)
    select id, current_setting('bench.entity')::bigint, customer_id, 'payment', id, id, 'EUR', total, paid_on, paid_on + time '09:00'
    from filled where paid_on is not null;
insert into open_items (kind, document_id, number, customer_id, entity_id, currency, original, open, base_open, due_on, opened_on, closed_on)
    select 'invoice', id, 'B-' || id, customer_id, current_setting('bench.entity')::bigint, 'EUR', total,
        case when paid_on is null then total else 0 end, case when paid_on is null then total else 0 end, due_on, issued_on, paid_on
    from filled
    union all
    select 'payment', id, 'PAY-B-' || id, customer_id, current_setting('bench.entity')::bigint, 'EUR', total, 0, 0, paid_on, paid_on, paid_on
    from filled where paid_on is not null;

insert into journal_entries (id, entity_id, booked_on, dated_on, document_kind, document_id, document_number, customer_id, currency, actor_kind, posted_at)
    select 3 * id + e.n, current_setting('bench.entity')::bigint, e.day, e.day, e.kind, id, e.number, customer_id, 'EUR', 'system', e.day + time '09:00'
    from filled, lateral (values (0, 'invoice', 'B-' || id, issued_on), (1, 'payment', 'PAY-B-' || id, paid_on), (2, 'allocation', 'PAY-B-' || id, paid_on))
        as e(n, kind, number, day)
    where e.day is not null;
insert into postings (entry_id, entity_id, account, customer_id, invoice_id, currency, amount, base_amount, item_kind, item_id, booked_on, dated_on, posted_on)
    select 3 * id + p.n, current_setting('bench.entity')::bigint, p.account, case when p.item is not null then customer_id end,
        case when p.item = 'invoice' then id end, 'EUR', p.amount, p.amount, p.item, case when p.item is not null then id end, p.day, p.day, p.day
    from filled, lateral (values
        (0, 'receivable', 'invoice', total, issued_on), (0, 'revenue', null, -net, issued_on), (0, 'tax', null, -tax, issued_on),
        (1, 'cash', null, total, paid_on), (1, 'unapplied', 'payment', -total, paid_on),
        (2, 'unapplied', 'payment', total, paid_on), (2, 'receivable', 'invoice', -total, paid_on)) as p(n, account, item, amount, day)
    where p.day is not null;
drop table filled;

do $$
declare
    d record;
begin
    for d in select * from dropped loop
        execute d.indexdef;
    end loop;
end
$$;
