-- +goose Up
-- Mailboxes: signing in by OAuth 2.0, what the last comparison with the server found, and messages a server would not give.
alter table mailboxes
    add column auth text not null default 'password' check (auth in ('password','xoauth2','oauthbearer')),
    add column retry_at timestamptz,
    add column failures integer not null default 0,
    add column reconciled_at timestamptz,
    add column missing integer not null default 0,
    add column alarm text not null default '';
comment on column mailboxes.retry_at is 'while it fails: when the next attempt is made';
comment on column mailboxes.alarm is 'what will make it fail soon unless a person acts: a sign-in that cannot be renewed';
comment on column mailboxes.missing is 'messages on the server, at or below the cursor, that are not stored; found by the last comparison';

create table mailbox_grants (
    mailbox_id           bigint primary key references mailboxes on delete cascade,
    token_url            text not null,
    client_id            text not null,
    client_secret_sealed bytea not null,
    scope                text not null default '',
    refresh_token_sealed bytea,
    access_token_sealed  bytea,
    access_until         timestamptz,
    ends_at              timestamptz,
    refreshed_at         timestamptz,
    error                text not null default '',
    error_at             timestamptz
);
comment on table mailbox_grants is 'what lets a mailbox sign in by OAuth 2.0; without a refresh token the client signs in for itself (client credentials)';
comment on column mailbox_grants.ends_at is 'when the client secret or the consent ends and a person must renew it';

alter table inbound_messages
    add column refusal text not null default '',
    add column quiet boolean not null default false;
comment on column inbound_messages.refusal is 'the server''s words when it would not give the message; there are no raw bytes then';
comment on column inbound_messages.quiet is 'a message of the past that was imported: it is answered by nobody automatically';
call grant_to_application();
