-- +goose Up
-- The door: second factors, the second step of a sign-in, passkeys, and the rules of when somebody has to prove themselves anew.
create table sign_in_rules (
    id                  boolean primary key default true check (id),
    second_factor_roles text[]  not null default '{}'
        check (second_factor_roles <@ array['agent','senior','supervisor','controller','director','collections','auditor','admin']),
    step_up_minutes     integer not null default 15 check (step_up_minutes between 0 and 720),
    tokens_decide       boolean not null default true,
    version             integer not null default 1
);
comment on column sign_in_rules.second_factor_roles is 'people with one of these roles sign in with a second factor, and set one up before anything else';
comment on column sign_in_rules.step_up_minutes is 'who proved themselves longer ago proves it again before deciding about money or people; 0 never asks';
comment on column sign_in_rules.tokens_decide is 'whether an API token of a person may decide about money, although nobody is there to prove themselves';
insert into sign_in_rules default values;

alter table sessions
    add column id     bigint generated always as identity unique,
    add column proof  text not null default 'password' check (proof in ('password','totp','recovery','passkey','oidc')),
    add column origin text not null default '';
comment on column sessions.proof is 'the strongest that was shown when it was opened';

create table sign_in_tickets (
    token_hash bytea       primary key,
    user_id    bigint      not null references users,
    enrol      boolean     not null,
    user_agent text        not null,
    origin     text        not null,
    tries      integer     not null default 0,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
comment on table sign_in_tickets is 'sign-ins whose first step is done; enrol: the second one is to set a second factor up';
create index sign_in_tickets_expires on sign_in_tickets (expires_at);

create table totp_factors (
    user_id      bigint      primary key references users,
    secret       bytea       not null,
    last_step    bigint      not null default 0,
    created_at   timestamptz not null,
    confirmed_at timestamptz
);
comment on column totp_factors.secret is 'sealed';
comment on column totp_factors.last_step is 'the span of 30 seconds whose code was used last; neither it nor an earlier one is taken again';

create table recovery_codes (
    user_id    bigint      not null references users,
    code_hash  bytea       not null,
    created_at timestamptz not null,
    used_at    timestamptz,
    primary key (user_id, code_hash)
);

create table passkeys (
    id            bigint generated always as identity primary key,
    user_id       bigint      not null references users,
    credential_id bytea       not null unique,
    credential    jsonb       not null,
    name          text        not null check (name <> ''),
    created_at    timestamptz not null,
    last_used_at  timestamptz
);
create index passkeys_user on passkeys (user_id);

create table passkey_ceremonies (
    token_hash bytea       primary key,
    purpose    text        not null check (purpose in ('register','sign_in','second_step','prove')),
    user_id    bigint      references users,
    data       jsonb       not null,
    expires_at timestamptz not null
);
create index passkey_ceremonies_expires on passkey_ceremonies (expires_at);

call grant_to_application();
