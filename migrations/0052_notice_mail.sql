-- +goose Up
-- Notices by mail: what each person has chosen, and what was mailed.
create table notice_choices (
    user_id    bigint primary key references users,
    mail       text        not null check (mail in ('none', 'at_once', 'digest')),
    quiet_from integer     check (quiet_from between 0 and 1439),
    quiet_to   integer     check (quiet_to between 0 and 1439),
    digest_at  integer     not null default 480 check (digest_at between 0 and 1439),
    since      timestamptz not null,
    version    integer     not null default 1,
    check ((quiet_from is null) = (quiet_to is null)),
    check (quiet_from <> quiet_to)
);
comment on column notice_choices.quiet_from is 'minutes of the person''s day, in their own time zone';
comment on column notice_choices.since is 'when mail was last switched on: nothing older is mailed';

alter table notices add urgent boolean not null default false, add mailed_at timestamptz;
comment on column notices.urgent is 'the ladder says that quiet hours and digests do not hold it back';
create index notices_unmailed on notices (user_id, id) where mailed_at is null and read_at is null;
call grant_to_application();
