-- +goose Up
-- Sign-in through a company's own provider (OpenID Connect), and what is seen of API tokens.
create table oidc_identities (
    issuer       text        not null,
    subject      text        not null,
    user_id      bigint      not null references users,
    created_at   timestamptz not null,
    last_used_at timestamptz,
    primary key (issuer, subject)
);
comment on table oidc_identities is 'who is who at the provider: issuer and subject alone, never a mail address, which others may come to hold';
create unique index oidc_identities_user on oidc_identities (issuer, user_id);

create table oidc_flows (
    token_hash bytea       primary key,
    user_id    bigint      references users,
    state      text        not null,
    nonce      text        not null,
    verifier   text        not null,
    next       text        not null,
    expires_at timestamptz not null
);
comment on column oidc_flows.user_id is 'who connects their account; null for a sign-in';
create index oidc_flows_expires on oidc_flows (expires_at);

alter table api_tokens add column last_used_at timestamptz;
create index api_tokens_user on api_tokens (user_id, id desc);

call grant_to_application();
