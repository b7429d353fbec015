-- +goose Up
-- The customers' door: messages from the contact form with the proof of their sender's mailbox, and a count of attempts.
create table web_messages (
    inbound_message_id bigint primary key references inbound_messages,
    entity_id          bigint      not null references legal_entities,
    address            text        not null check (address = lower(address)),
    token_hash         bytea       not null unique,
    created_at         timestamptz not null,
    expires_at         timestamptz not null,
    proven_at          timestamptz
);
comment on table web_messages is 'a form proves nothing about who filled it in; proven_at is when the link in the mail to the address was followed';

create table attempts (
    id      bigint generated always as identity primary key,
    subject text        not null,
    at      timestamptz not null
);
comment on table attempts is 'who tried what, as contact:ip:192.0.2.1 or portal:address:ada@example.com; swept after a day';
create index attempts_subject on attempts (subject, at desc);
create index attempts_at on attempts (at);

call grant_to_application();
