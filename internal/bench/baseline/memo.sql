-- One credit memo in one transaction: six rows written and one balance changed, a round trip each. With accounts = 1
-- every client waits for the same row.
\set account random(1, :accounts)
\set cents random(1, 400000)
begin;
insert into base_memo (once_key, account_id, amount, currency, reason)
    values (gen_random_uuid()::text, :account, :cents::numeric / 100, 'EUR', 'charged twice') returning id as memo \gset
insert into base_posting (memo_id, account, debit) values (:memo, 'revenue', :cents::numeric / 100);
insert into base_posting (memo_id, account, credit) values (:memo, 'receivable:' || :account::integer, :cents::numeric / 100);
insert into base_event (kind, data) values ('memo.posted', jsonb_build_object('memo', :memo::bigint));
insert into base_audit (actor_id, what, reference) values (1, 'memo.posted', :memo::bigint::text);
insert into base_outbox (topic, payload) values ('memo.posted', jsonb_build_object('memo', :memo::bigint));
update base_account set balance = balance - :cents::numeric / 100, memo_count = memo_count + 1, changed_at = now() where id = :account;
commit;
