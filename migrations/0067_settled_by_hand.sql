-- +goose Up
-- What another system has not taken can be settled there by a person, or given up, who says how.
alter table gateway_postings
    add settled_by  text not null default '',
    add settled_how text not null default '',
    drop constraint gateway_postings_state_check,
    add constraint gateway_postings_state_check check (state in ('waiting', 'issued', 'voided', 'needless', 'refused', 'unknown', 'by_hand')),
    drop constraint gateway_postings_check1,
    add constraint settled_has_time check ((state in ('issued', 'voided', 'needless', 'refused', 'by_hand')) = (settled_at is not null)),
    add constraint by_hand_says_how check ((state = 'by_hand') = (settled_how <> '') and (settled_by <> '') = (settled_how <> ''));

-- +goose StatementBegin
create or replace function gateway_outcome_stands() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.state not in ('issued', 'voided', 'needless', 'by_hand')
       and (new.id, new.entity_id, new.credit_memo_id, new.action, new.reversal_id, new.gateway, new.system, new.key, new.ordered_at)
           is not distinct from (old.id, old.entity_id, old.credit_memo_id, old.action, old.reversal_id, old.gateway, old.system, old.key, old.ordered_at) then
        return new;
    end if;
    raise exception 'what was issued in another system stands as it is'
        using errcode = 'restrict_violation', constraint = 'gateway_outcome_stands', table = 'gateway_postings';
end
$$;
-- +goose StatementEnd
