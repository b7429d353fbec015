-- Many posted credit memos, as a preview of another one reads them: invoices with lines, taxes and open items, requests with lines, taxes
-- and facts, approvals, memos and allocations; no journal, no chains. Each row is one that the program's own commands wrote, given
-- other ids and numbers and moved back in time, so each fill is the same. Triggers are off: copies agree with one another as their
-- patterns do; what is older than two months is paid, as in any company. bench.copies says how many there are to be of each.
set session_replication_role = replica;

create temporary table copied (name text);
insert into copied values ('invoices'), ('invoice_lines'), ('invoice_taxes'), ('open_items'), ('adjustment_approvals'), ('credit_requests'),
    ('credit_request_lines'), ('credit_request_taxes'), ('credit_request_facts'), ('credit_memos'), ('credit_memo_lines'), ('credit_memo_taxes'),
    ('allocations');

-- Rows go in faster without the indexes they do not need; these are made again at the end.
create temporary table dropped as
    select i.indexname, i.indexdef from pg_indexes i join copied t on t.name = i.tablename
    where i.schemaname = 'public' and not exists (select 1 from pg_constraint c where c.conname = i.indexname);

do $$
declare
    d record;
    t record;
    stride constant bigint := 1000000; -- more than there are patterns: no two copies meet
begin
    for d in select * from dropped loop
        execute format('drop index %I', d.indexname);
    end loop;
    for t in
        select c.table_name as name, string_agg(quote_ident(column_name), ', ' order by ordinal_position) as columns,
            string_agg(case
                when column_name in ('id', 'invoice_id', 'invoice_line_id', 'invoice_tax_id', 'document_id', 'source_id', 'credit_request_id', 'approval_id',
                    'memo_id', 'credit_memo_id', 'credit_memo_line_id', 'sequence_no') then format('p.%I + g * %s', column_name, stride)
                when column_name in ('number', 'document_number', 'reference_key') and udt_name = 'text' then format('p.%I || ''-'' || g', column_name)
                when column_name = 'idempotency_key' then 'null'
                when column_name in ('open', 'base_open') then format('case when g * 7919 %% 1095 > 60 then 0 else p.%I end', column_name)
                when column_name = 'closed_on' then 'case when g * 7919 % 1095 > 60 then p.opened_on - (g * 7919 % 1095)::int + 45 else p.closed_on end'
                when udt_name = 'date' then format('p.%I - (g * 7919 %% 1095)::int', column_name)
                when udt_name = 'timestamptz' then format('p.%I - make_interval(days => (g * 7919 %% 1095)::int)', column_name)
                else format('p.%I', column_name) end, ', ' order by ordinal_position) as places
        from information_schema.columns c join copied on copied.name = c.table_name
        where c.table_schema = 'public' and c.is_generated = 'NEVER' group by c.table_name
    loop
        execute format('create temporary table pattern as table %I', t.name);
        execute format('insert into %I (%s) select %s from generate_series(1, %s) g, pattern p', t.name, t.columns, t.places, current_setting('bench.copies'));
        drop table pattern;
    end loop;
    for d in select * from dropped loop
        execute d.indexdef;
    end loop;
end
$$;
