-- +goose Up
-- Customers have accounts with one legal entity: what is issued to them, received from them or given to them is that one's. What corrects an
-- invoice follows it.
-- +goose StatementBegin
create function of_customers_entity() returns trigger language plpgsql as $$
declare
    wrong text;
begin
    select n.number into wrong from came n join customers c on c.id = n.customer_id where n.entity_id <> c.entity_id
        and to_jsonb(n) ->> tg_argv[0] is null limit 1;
    if wrong is not null then
        raise exception '% is not of the legal entity that its customer has an account with', wrong
            using errcode = 'integrity_constraint_violation', constraint = 'of_customers_entity', table = tg_table_name;
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create trigger of_customers_entity after insert on invoices referencing new table as came
    for each statement execute function of_customers_entity('corrects_id');
