-- +goose Up
-- When somebody is away. users.away follows it: what asks who is there looks at that, as before.
create table absences (
    id         bigint      generated always as identity primary key,
    user_id    bigint      not null references users,
    first_day  date        not null,
    last_day   date        not null check (last_day >= first_day),
    from_at    timestamptz not null,
    until_at   timestamptz not null check (until_at > from_at),
    note       text        not null default '' check (length(note) <= 200),
    entered_by bigint      not null references users,
    entered_at timestamptz not null,
    ended_by   bigint      references users,
    ended_at   timestamptz,
    check ((ended_at is null) = (ended_by is null))
);
comment on column absences.first_day is 'as their calendar shows it; from_at and until_at are the moments, in their time zone as it was when it was entered';
comment on column absences.ended_at is 'taken back, or back earlier';
create index absences_open on absences (user_id, until_at) where ended_at is null;

call grant_to_application();
