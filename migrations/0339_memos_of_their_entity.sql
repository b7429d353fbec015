-- +goose Up
-- A memo on account is given by the legal entity that its customer has an account with. Those on an invoice follow it, and cost no look.
-- +goose StatementBegin
create function memo_of_customers_entity() returns trigger language plpgsql as $$
begin
    if not exists (select from customers c where c.id = new.customer_id and c.entity_id = new.entity_id) then
        raise exception '% is not of the legal entity that its customer has an account with', new.number
            using errcode = 'integrity_constraint_violation', constraint = 'of_customers_entity', table = 'credit_memos';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create trigger of_customers_entity after insert on credit_memos for each row when (new.invoice_id is null) execute function memo_of_customers_entity();
