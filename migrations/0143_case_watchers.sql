-- +goose Up
-- Who is told what happens to a case without working on it.
create table case_watchers (
    case_id bigint      not null references cases,
    user_id bigint      not null references users,
    since   timestamptz not null,
    primary key (case_id, user_id)
);
call grant_to_application();
