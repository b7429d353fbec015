-- +goose Up
-- Answers to an address of their own find their case though the mail program of the customer drops all references.
alter table mailboxes add column tagged_replies boolean not null default false;
comment on column mailboxes.tagged_replies is 'what leaves from this address asks for answers to its own name with a token behind a plus';
