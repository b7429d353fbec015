-- +goose Up
-- What the reports of cases ask for, so that a period costs what happened in it, not what ever did.
create index audit_log_moves on audit_log (at) where what = 'status.changed';
create index case_clocks_results on case_clocks (coalesce(breached_at, ended_at)) where outcome in ('met','breached_open','breached_met_late');
create index case_messages_said on case_messages (at) where kind in ('inbound','reply');
create index cases_joined on cases (closed_at) where merged_into is not null;
create index credit_requests_submitted on credit_requests (submitted_at) where submitted_at is not null;
create index credit_requests_approved on credit_requests (approved_at) where approved_at is not null;
create index credit_steps_decided on credit_steps (decided_at) where decided_at is not null;
