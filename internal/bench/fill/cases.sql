-- Years of cases with four messages each, nearly all of them closed: the open ones are the newest twentieth, at most 20,000. Every
-- row follows from the number of the case, so each fill is the same. Triggers are off; what they would have kept for the search is
-- put in at the end. bench.cases says how many, bench.me who has a part of them.
set session_replication_role = replica;
create temporary table dropped as
    select i.indexname, i.indexdef from pg_indexes i
    where i.schemaname = 'public' and i.tablename in ('cases', 'case_messages', 'case_words', 'case_clocks', 'case_participants')
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
    select 1000000 + n, 'B' || n, (array['Harbour','Meadow','Quarry','Lantern','Orchard','Ferry','Gable','Thicket'])[1 + n % 8] || ' '
            || (array['Logistics','Dental','Foods','Print','Studios','Hotels','Energy'])[1 + n % 7] || ' ' || n,
        'direct', 1000000 + n, (array['gold','silver','platinum'])[1 + n % 3], 'EMEA', 'DE', e.id, 'EUR', now()
    from generate_series(1, greatest(current_setting('bench.cases')::bigint / 50, 100)) n, (select min(id) as id from legal_entities) e;
insert into users (id, email, name, roles, created_at)
    select 1000000 + n, 'bench' || n || '@makegood.example', 'Agent ' || n, '{agent}', now() from generate_series(1, 40) n;

create unlogged table filled as
    select n, n > total - open as active, now() - (total - n) * interval '3 years' / total as opened_at,
        case when n <= total - open then (array['resolved','closed','closed','closed'])[1 + n % 4]
             else (array['new','open','open','waiting','waiting'])[1 + n % 5] end as status,
        case when n % 13 = 0 and n > total - open then null else 1000001 + n * 7919 % greatest(total / 50, 100) end as customer_id,
        case when n % 6 = 0 and n > total - open then null when n % 97 = 0 then current_setting('bench.me')::bigint else 1000001 + n * 31 % 40 end as assignee_id,
        case when n % 3 = 0 then round((n * 104729 % 900000) / 100.0 + 1, 2) else 0 end as disputed
    from generate_series(1, current_setting('bench.cases')::bigint) n,
        (select current_setting('bench.cases')::bigint as total, least(current_setting('bench.cases')::bigint / 20, 20000) as open) t;
analyze filled;

insert into cases (id, type, subject, status, waiting_on, priority, language, customer_id, entity_id, assignee_id, disputed, disputed_currency, risk_base,
        snippet, policy_id, next_clock, next_due_at, clock_paused, breached, opened_at, last_customer_at, unanswered_since, resolved_at, closed_at)
    select 1000000 + n, (array['inquiry','dispute','refund','remittance'])[1 + n % 4],
        (array['Invoice','Charge','Refund','Statement','Discount'])[1 + n % 5] || ' question w' || (n * 48271 % 60000), status,
        case when status = 'waiting' then (array['customer','customer','approver','upstream'])[1 + n / 5 % 4] else '' end, 'P' || 1 + n % 4, 'en',
        customer_id, e.id, assignee_id, case when active then disputed else 0 end, case when active and disputed > 0 then 'EUR' else '' end,
        case when active then disputed else 0 end, 'The invoice shows a charge that we do not know', p.id, case when active then 'resolution' else '' end,
        case when active and status <> 'waiting' then now() + (n * 2654435761 % 20160 - 600) * interval '1 minute' end, active and status = 'waiting',
        active and status <> 'waiting' and n * 2654435761 % 20160 < 600, opened_at, opened_at, case when active then opened_at end,
        case when not active then opened_at + interval '3 days' end, case when status = 'closed' then opened_at + interval '17 days' end
    from filled, (select min(id) as id from legal_entities) e, (select min(id) as id from sla_policies) p;

insert into case_clocks (case_id, kind, instance, policy_id, calendar_id, priority, started_at, target_seconds, due_at, paused_since, outcome)
    select c.id, 'resolution', 1, c.policy_id, p.calendar_id, c.priority, c.opened_at, 172800, c.next_due_at, case when c.clock_paused then c.opened_at end,
        case when c.breached then 'breached_open' else 'running' end
    from cases c join sla_policies p on p.id = c.policy_id where c.id > 1000000 and c.next_clock <> '';

insert into case_participants (case_id, address, name, accepted, added_at)
    select 1000000 + n, 'person' || customer_id || '@customer' || customer_id || '.example', 'Person ' || customer_id, true, opened_at
    from filled where customer_id is not null;

-- Four messages: two thirds of them share a word, each has some that one in sixty thousand has, one in thirty is Chinese.
insert into case_messages (id, case_id, kind, author_kind, author_name, author_address, subject, body, at)
    select 4 * (1000000 + f.n) + m, 1000000 + f.n, case when m % 2 = 0 then 'inbound' else 'reply' end, case when m % 2 = 0 then 'customer' else 'person' end,
        case when m % 2 = 0 then 'Person ' || f.n % 5000 else 'Agent ' || f.n % 40 end, '', '',
        case when (f.n * 4 + m) % 30 = 0 then '发票重复扣款，请尽快核实。' || substr('消费税端数合同数量单价服务折扣退款银行账户地址电话', 1 + (f.n % 20)::int, 5) || '。'
             else case when (f.n + m) % 3 > 0 then 'Please look at the invoice again. ' else 'Thank you. ' end || 'We saw w' || ((f.n * 4 + m) * 48271 % 60000) || ' and w'
                 || ((f.n * 4 + m) * 16807 % 60000) || ' on the statement of last month, line ' || f.n % 40 || ', reference PO' || (f.n * 69621 % 900000)
                 || '. Our office closes early on Friday, so call before noon or write to the address below.' end,
        f.opened_at + m * interval '2 hours'
    from filled f, generate_series(0, 3) m;

insert into case_words (source, case_id, words) select -id, id, search_words(subject) from cases where id > 1000000;
insert into case_words (source, case_id, words)
    select id, case_id, search_words(concat_ws(' ', subject, author_name, author_address, body)) from case_messages where case_id > 1000000;

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
alter table case_words alter column words set statistics 1000;
select setval(pg_get_serial_sequence('cases', 'id'), (select max(id) from cases)), setval(pg_get_serial_sequence('case_messages', 'id'), (select max(id) from case_messages));
