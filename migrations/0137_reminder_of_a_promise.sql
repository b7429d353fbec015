-- +goose Up
-- So many days before a promised day collections hear of it, when the customer asked to be reminded.
alter table collection_policies add column promise_reminder_days integer not null default 1 check (promise_reminder_days between 0 and 30);
comment on column collection_policies.promise_reminder_days is 'days before a promised day on which collections hear of a promise whose customer asked for it; 0: never';
