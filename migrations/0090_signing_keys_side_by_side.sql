-- +goose Up
-- A domain has its next key beside the one that signs: its record is published and known before it takes over.
alter table dkim_keys drop constraint dkim_keys_pkey, add primary key (domain, selector);
create unique index dkim_keys_signing on dkim_keys (domain) where active;
comment on table dkim_keys is 'of each domain that mails of ours come from; one of them signs, and without one mails leave unsigned';
