-- +goose Up
-- A bank takes back what was received, and gives back what it took, on no day before that; and what it did is never in the future, wherever the
-- legal entity is.
-- +goose StatementBegin
create function chargeback_in_order() returns trigger language plpgsql as $$
begin
    if new.charged_on > (new.posted_at at time zone 'UTC')::date + 1
        or new.charged_on < (case when new.reverses_id is null then (select received_on from payments where id = new.payment_id)
            else (select charged_on from chargebacks where id = new.reverses_id) end) then
        raise exception 'chargeback % cannot be of %', new.number, new.charged_on
            using errcode = 'integrity_constraint_violation', constraint = 'chargeback_in_order', table = 'chargebacks';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create trigger chargeback_in_order after insert on chargebacks for each row execute function chargeback_in_order();
