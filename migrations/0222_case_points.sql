-- +goose Up
-- The checklist of one case, copied when it opened or got another type, so that a list that changes later changes no case.
create table case_points (
    case_id   bigint      not null references cases,
    code      text        not null check (code <> ''),
    position  integer     not null check (position > 0),
    text      text        not null check (text <> ''),
    hint      text        not null default '',
    required  boolean     not null,
    listed    boolean     not null default true,
    case_type text        not null,
    list      integer     not null,
    done_at   timestamptz,
    done_by   bigint      references users,
    done_name text        not null default '',
    version   integer     not null default 1 check (version > 0),
    primary key (case_id, code),
    foreign key (case_type, list) references checklists (case_type, number),
    constraint tick_is_whole check ((done_at is null) = (done_by is null) and (done_at is null) = (done_name = '')),
    constraint only_what_is_done_outlives_its_list check (listed or done_at is not null)
);
comment on column case_points.listed is 'of the list of the type the case has now; a point that was done before the type changed stays without being asked for';
comment on column case_points.list is 'the version it was copied from';

-- +goose StatementBegin
create function count_undone_points() returns trigger language plpgsql as $$
begin
    update cases c set undone_points = n.undone
        from (select m.case_id, (select count(*) from case_points p where p.case_id = m.case_id and p.listed and p.required and p.done_at is null) as undone
            from (select distinct case_id from moved) m) n
        where c.id = n.case_id and c.undone_points <> n.undone;
    return null;
end
$$;
-- +goose StatementEnd
create trigger count_added after insert on case_points referencing new table as moved for each statement execute function count_undone_points();
create trigger count_changed after update on case_points referencing new table as moved for each statement execute function count_undone_points();
create trigger count_removed after delete on case_points referencing old table as moved for each statement execute function count_undone_points();
call grant_to_application();
