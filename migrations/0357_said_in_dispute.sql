-- +goose Up
-- A block that comes from a file says how much of the invoice is in dispute where it came from.
alter table dunning_blocks add column disputed numeric(20,4) check (disputed is null or disputed > 0 and coalesce(invoice_id, 0) > 0);
comment on column dunning_blocks.disputed is 'what an imported file said is in dispute of the invoice: not asked for while the block stands and no case holds any of it';

-- +goose StatementBegin
create or replace function block_is_lifted_once() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.lifted_at is null and new.lifted_at is not null
       and (new.id, new.entity_id, new.customer_id, new.invoice_id, new.from_on, new.until_on, new.reason, new.made_at, new.made_by, new.made_by_name, new.disputed)
           is not distinct from
           (old.id, old.entity_id, old.customer_id, old.invoice_id, old.from_on, old.until_on, old.reason, old.made_at, old.made_by, old.made_by_name, old.disputed) then
        return new;
    end if;
    raise exception 'a dunning block is lifted once and stays as it was made'
        using errcode = 'restrict_violation', constraint = 'block_is_lifted_once', table = 'dunning_blocks';
end
$$;

-- What of an invoice a file said is in dispute, at a moment, by the day where its legal entity is. What a case holds of it, or ever held, takes its place.
create function said_disputed(invoice bigint, moment timestamptz) returns numeric language plpgsql stable as $$
begin
    return (select coalesce(sum(b.disputed), 0) from invoices i join legal_entities e on e.id = i.entity_id
        cross join lateral (select (moment at time zone e.time_zone)::date as today) d
        join dunning_blocks b on b.customer_id = i.customer_id and b.until_on >= d.today and b.invoice_id = i.id
        where i.id = said_disputed.invoice and b.disputed > 0 and b.from_on <= d.today and (b.lifted_on is null or b.lifted_on > d.today)
            and not exists (select from hold_changes c where c.invoice_id = i.id and c.at between b.made_at and moment));
end
$$;
-- +goose StatementEnd
