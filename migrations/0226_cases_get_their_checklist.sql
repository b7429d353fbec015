-- +goose Up
-- A case has the checklist of its type from its first moment, whoever opens it, and opening one takes no statement more for it. What comes in
-- closed, from the past, has nothing left to do.
-- +goose StatementBegin
create function give_checklist() returns trigger language plpgsql as $$
begin
    insert into case_points (case_id, code, position, text, hint, required, case_type, list)
        select c.id, e.point->>'code', e.place, e.point->>'text', coalesce(e.point->>'hint', ''), (e.point->>'required')::boolean, k.case_type, k.number
        from opened c
        cross join lateral (select * from checklists where case_type = c.type order by number desc limit 1) k
        cross join lateral jsonb_array_elements(k.points) with ordinality e (point, place)
        where c.status <> 'closed';
    return null;
end
$$;
-- +goose StatementEnd
create trigger give_checklist after insert on cases referencing new table as opened for each statement execute function give_checklist();
