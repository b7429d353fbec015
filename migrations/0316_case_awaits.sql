-- +goose Up
-- What has come of waiting for the customer's answer to our question of a moment; another question begins anew.
create table case_awaits (
    case_id      bigint primary key references cases,
    since        timestamptz not null,
    reminded     integer     not null default 0 check (reminded >= 0),
    next_at      timestamptz,
    told         text        not null default '',
    closed_at    timestamptz,
    reopen_until timestamptz,
    mail_id      bigint,
    reopened_at  timestamptz,
    check ((closed_at is null) = (reopen_until is null))
);
comment on column case_awaits.since is 'when we asked: the last reply';
comment on column case_awaits.next_at is 'when the next reminder or the closing comes at the earliest';
comment on column case_awaits.told is 'why somebody of the desk was told instead; nothing more happens by itself then';
comment on column case_awaits.mail_id is 'the letter that told the customer that the case was closed';
call grant_to_application();
