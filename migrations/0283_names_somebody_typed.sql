-- +goose Up
-- Parts of names are taken out of what others wrote only where somebody typed the names. Whoever is not erased after all leaves the reason and
-- the note, and whoever is erased later leaves those of erasures before.
alter table erasures add column names_typed boolean not null default false;
comment on column erasures.names_typed is 'somebody typed the names: their parts are taken out of texts too';

-- +goose StatementBegin
create or replace function erasure_stands() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and exists (select from erased_rows e where e.kind = 'erasure' and e.row_id = old.id)
        and to_jsonb(new) - array['reason', 'decision_note'] = to_jsonb(old) - array['reason', 'decision_note'] then
        return new;
    end if;
    if tg_op = 'DELETE' or old.state in ('done','refused','withdrawn')
        or (new.id, new.asked_by, new.asked_at, new.names_typed) is distinct from (old.id, old.asked_by, old.asked_at, old.names_typed)
        or new.reason <> old.reason and new.state not in ('done','refused','withdrawn')
        or (new.addresses, new.names) is distinct from (old.addresses, old.names) and new.state not in ('done','refused','withdrawn')
        or old.state = 'agreed' and (new.state not in ('agreed','done') or (new.decided_by, new.decided_at) is distinct from (old.decided_by, old.decided_at)
            or new.decision_note <> old.decision_note and new.state <> 'done')
        or old.state = 'asked' and new.state not in ('agreed','refused','withdrawn') then
        raise exception 'an erasure stays as it was asked for and decided'
            using errcode = 'integrity_constraint_violation', constraint = 'erasure_stands', table = 'erasures';
    end if;
    return new;
end
$$;
-- +goose StatementEnd
