-- +goose Up
alter table payment_promises add column remind boolean not null default false;
comment on column payment_promises.remind is 'the customer asked to be reminded before the day';

-- +goose StatementBegin
create or replace function promise_is_decided_once() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.state = 'open' and new.state <> 'open' and new.version = old.version + 1
       and (new.id, new.entity_id, new.customer_id, new.invoice_id, new.currency, new.amount, new.promised_on, new.promised_by, new.note, new.remind, new.made_at, new.made_by, new.made_by_name)
           is not distinct from
           (old.id, old.entity_id, old.customer_id, old.invoice_id, old.currency, old.amount, old.promised_on, old.promised_by, old.note, old.remind, old.made_at, old.made_by, old.made_by_name) then
        return new;
    end if;
    raise exception 'a promise is decided once and stays as it was made'
        using errcode = 'restrict_violation', constraint = 'promise_is_decided_once', table = 'payment_promises';
end
$$;
-- +goose StatementEnd
