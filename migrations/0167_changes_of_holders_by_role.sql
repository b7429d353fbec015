-- +goose Up
-- Changes of who holds a level name a person, a role, a team, or a role within a team.
alter table authority_changes
    add column role text not null default '',
    add column team_id bigint references teams;
alter table authority_changes
    drop constraint change_names_its_subject,
    add constraint change_names_its_subject check ((kind = 'holder') = (user_id is not null or role <> '' or team_id is not null)
        and (user_id is null or role = '' and team_id is null) and (kind <> 'holder' or level_id is not null)) not valid;

-- +goose StatementBegin
create or replace function authority_change_stands() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.state <> 'proposed'
        or (new.id, new.kind, new.level_id, new.user_id, new.role, new.team_id, new.before, new.content, new.comment, new.proposed_by, new.proposed_at)
            is distinct from (old.id, old.kind, old.level_id, old.user_id, old.role, old.team_id, old.before, old.content, old.comment, old.proposed_by, old.proposed_at) then
        raise exception 'a change of authority stays as it was proposed and decided'
            using errcode = 'integrity_constraint_violation', constraint = 'authority_change_stands', table = 'authority_changes';
    end if;
    return new;
end
$$;

-- Whether what a holding is limited to takes in a request of a legal entity, with the facts it was submitted with.
create function holding_covers(entity_ids bigint[], regions text[], team_ids bigint[], entity bigint, facts jsonb) returns boolean language sql immutable as $$
    select (entity_ids = '{}' or entity = any (entity_ids))
        and (team_ids = '{}' or coalesce((facts ->> 'team_id')::bigint = any (team_ids), false))
        and (regions = '{}' or case when jsonb_array_length(coalesce(facts -> 'among', '[]')) = 0 then coalesce(facts ->> 'region', '') = any (regions)
            else not exists (select from jsonb_array_elements(facts -> 'among') p where not coalesce(p ->> 'region', '') = any (regions)) end)
$$;
-- +goose StatementEnd

-- Who held a level, and from when to when: people by name, and whoever had the role or was in the team. A membership that one person
-- gave alone counts where it was there when two gave the level to whoever has it, or else from when two affirmed it.
create view authority_held as
    select h.level_id, h.user_id, h.entity_ids, h.regions, h.team_ids, h.valid_from, h.valid_until from authority_holders h where h.user_id is not null
    union all
    select h.level_id, m.user_id, h.entity_ids, h.regions, h.team_ids, greatest(h.valid_from, m.valid_from, m.since, t.valid_from, t.since) as valid_from,
        least(h.valid_until, m.valid_until, t.valid_until) as valid_until
    from authority_holders h
    cross join lateral (select x.user_id, x.valid_from, x.valid_until, case when c.id is null and x.valid_from > h.valid_from then coalesce(x.affirmed_at, 'infinity') end as since
        from person_memberships x left join person_changes c on c.id = x.change_id and not c.break_glass
        where h.role <> '' and x.role = h.role or h.role = '' and x.team_id = h.team_id) m
    left join lateral (select x.valid_from, x.valid_until, case when c.id is null and x.valid_from > h.valid_from then coalesce(x.affirmed_at, 'infinity') end as since
        from person_memberships x left join person_changes c on c.id = x.change_id and not c.break_glass
        where h.role <> '' and x.team_id = h.team_id and x.user_id = m.user_id) t on true
    where h.user_id is null and (h.role = '' or h.team_id is null or t.valid_from is not null);
grant select on authority_held to makegood_app;
comment on view authority_held is 'a person who holds a level in several ways has a row for each';

-- What somebody posts within an own limit they hold a level for, in whichever way.
-- +goose StatementBegin
do $$
declare
    was text := pg_get_functiondef('approval_fault(adjustment_approvals)'::regprocedure);
    is_now text := replace(replace(was, 'from authority_holders h join', 'from authority_held h join'), '(h.entity_ids = ''{}'' or r.entity_id = any (h.entity_ids))',
        'holding_covers(h.entity_ids, h.regions, h.team_ids, r.entity_id, (select f.facts from credit_request_facts f where f.credit_request_id = r.id))');
begin
    if position('authority_held' in is_now) = 0 or position('holding_covers' in is_now) = 0 then
        raise exception 'approval_fault does not look who holds a level as this step expects';
    end if;
    execute is_now;
end
$$;
-- +goose StatementEnd
