-- +goose Up
create trigger of_customers_entity after insert on payments referencing new table as came
    for each statement execute function of_customers_entity();
-- What a bank did is never in the future, wherever the legal entity is.
alter table payments add constraint payment_has_come check (received_on <= (posted_at at time zone 'UTC')::date + 1) not valid;
