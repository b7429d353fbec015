-- +goose Up
create trigger of_customers_entity after insert on credit_memos referencing new table as came
    for each statement execute function of_customers_entity('invoice_id');
