-- +goose Up
-- The portal: sign-ins by mailed code or link, sessions of customers, and what they say to an outcome.
create table portal_sign_ins (
    id          bigint generated always as identity primary key,
    ticket_hash bytea       not null unique,
    address     text        not null check (address = lower(address)),
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    tries       integer     not null default 0,
    used_at     timestamptz
);
comment on table portal_sign_ins is 'one asked-for code; the code and the link are worked out from the row and the secret key, neither is kept';
create index portal_sign_ins_expires on portal_sign_ins (expires_at);

create table portal_sessions (
    token_hash bytea primary key,
    address    text        not null check (address = lower(address)),
    csrf       text        not null,
    user_agent text        not null default '',
    created_at timestamptz not null,
    seen_at    timestamptz not null,
    expires_at timestamptz not null
);
create index portal_sessions_expires on portal_sessions (expires_at);

create table outcome_answers (
    id       bigint generated always as identity primary key,
    case_id  bigint      not null references cases,
    address  text        not null,
    accepted boolean     not null,
    at       timestamptz not null
);
comment on table outcome_answers is 'what customers say to how their case was decided; the last counts';
create index outcome_answers_case on outcome_answers (case_id, id desc);

call grant_to_application();
