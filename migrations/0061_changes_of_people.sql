-- +goose Up
-- Who works here and with which rights changes by two people; links that are mailed to people of the desk, to choose a password by.
create table person_changes (
    id            bigint generated always as identity primary key,
    kind          text        not null check (kind in ('add','change','rules')),
    user_id       bigint      references users,
    before        jsonb       not null default '{}',
    content       jsonb       not null,
    reason        text        not null check (reason <> ''),
    break_glass   boolean     not null default false,
    state         text        not null default 'proposed' check (state in ('proposed','confirmed','refused','withdrawn')),
    proposed_by   bigint      not null references users,
    proposed_at   timestamptz not null,
    decided_by    bigint      references users,
    decided_at    timestamptz,
    decision_note text        not null default '',
    constraint person_change_names_somebody check (kind <> 'change' or user_id is not null),
    constraint person_change_has_its_decision check ((state = 'proposed') = (decided_at is null) and (decided_at is null) = (decided_by is null)),
    constraint person_change_needs_a_second_person check (state <> 'confirmed' or break_glass or decided_by <> proposed_by)
);
comment on table person_changes is 'roles, teams, entities and the rules of the door change by these, confirmed by somebody else than who proposed it, or by breaking the glass';
create index person_changes_open on person_changes (id) where state = 'proposed';

-- +goose StatementBegin
create function person_change_stands() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.state <> 'proposed'
        or (new.id, new.kind, new.before, new.content, new.reason, new.break_glass, new.proposed_by, new.proposed_at)
            is distinct from (old.id, old.kind, old.before, old.content, old.reason, old.break_glass, old.proposed_by, old.proposed_at) then
        raise exception 'a change of people stays as it was proposed and decided'
            using errcode = 'integrity_constraint_violation', constraint = 'person_change_stands', table = 'person_changes';
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger person_change_stands before update or delete on person_changes for each row execute function person_change_stands();

create table person_links (
    id         bigint generated always as identity primary key,
    kind       text        not null check (kind in ('invite','reset')),
    address    text        not null check (address = lower(address)),
    user_id    bigint      references users,
    nonce      bytea       not null,
    tries      integer     not null default 0,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at    timestamptz
);
comment on table person_links is 'letters with a link to choose a password by; the link is worked out from the row and the secret key and is not kept, so that the database alone lets nobody in';
comment on column person_links.user_id is 'found out when the letter is written: whether anybody has the address is not told to who asks';
create index person_links_user on person_links (user_id) where used_at is null;
create index person_links_expires on person_links (expires_at);

call grant_to_application();
