-- +goose Up
-- Why an erasure was asked for or decided loses whoever a later erasure takes out; it stands among the rows that were emptied.
alter table erased_rows drop constraint erased_rows_kind_check;
alter table erased_rows add constraint erased_rows_kind_check check (kind in ('contact','inbound','outgoing','message','survey','promise','erasure')) not valid;
comment on column erased_rows.kind is 'of contacts, inbound_messages, outgoing_messages, case_messages, case_surveys (by case), payment_promises, erasures';
