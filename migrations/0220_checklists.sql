-- +goose Up
-- What is to be done with a case of a type, point by point. Lists are versions; the highest number is in force, and one without points is none.
create table checklists (
    case_type    text        not null check (case_type in ('inquiry', 'dispute', 'concession', 'cancellation', 'refund', 'remittance')),
    number       integer     not null check (number > 0),
    points       jsonb       not null check (jsonb_typeof(points) = 'array' and jsonb_array_length(points) <= 30),
    created_by   bigint      not null references users,
    created_name text        not null,
    created_at   timestamptz not null,
    primary key (case_type, number)
);
comment on column checklists.points is 'in their order: code, text, hint, required';
call make_immutable(array['checklists']);
call grant_to_application();
