-- Open a case in one transaction: six rows in six tables and one row changed, a round trip each, without any rule.
\set account random(1, :accounts)
\set invoice random(1, 2000000000)
begin;
insert into base_case (account_id, subject) values (:account, 'charged twice on invoice ' || :invoice::bigint) returning id as case \gset
insert into base_message (case_id, message_id, body) values (:case, gen_random_uuid()::text, repeat('The amount on the invoice looks wrong. ', 40));
insert into base_timer (case_id, due_at) values (:case, now() + interval '4 hours');
insert into base_event (subject_id, kind, data) values (:case, 'case.opened', '{"channel": "mail", "priority": "normal"}');
insert into base_audit (actor_id, what, reference) values (1, 'case.opened', :case::bigint::text);
insert into base_outbox (topic, payload) values ('case.opened', jsonb_build_object('case', :case::bigint));
update base_account set changed_at = now() where id = :account;
commit;
