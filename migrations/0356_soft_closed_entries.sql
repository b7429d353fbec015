-- +goose Up
-- An entry says whether its month was soft-closed when its writer looked. One that was decided while the month was open, and written when it no
-- longer was, is refused as what passes by itself: its writer looks again, and books on the first open day or, as a controller, says so. Entries
-- that do not say it are of the version before.
alter table journal_entries add column soft boolean;
-- +goose StatementBegin
create or replace function entry_period_is_open() returns trigger language plpgsql as $$
declare
    shut record;
begin
    perform pg_advisory_xact_lock_shared(m.key) from (select distinct period_key(f.entity_id, f.booked_on) as key from fresh f order by 1) m;
    select f.booked_on, p.state into shut from fresh f join periods p on p.entity_id = f.entity_id and p.month = date_trunc('month', f.booked_on)::date
        where p.state = 'closed' or p.state = 'soft_closed' and not f.soft order by p.state limit 1;
    if found and shut.state = 'closed' then
        raise exception 'the period of % is closed', shut.booked_on
            using errcode = 'integrity_constraint_violation', constraint = 'period_is_closed', table = 'journal_entries';
    elsif found then
        raise exception 'the period of % was soft-closed at this moment', shut.booked_on
            using errcode = 'serialization_failure', constraint = 'period_was_soft_closed', table = 'journal_entries';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
