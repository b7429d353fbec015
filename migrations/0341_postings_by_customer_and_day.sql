-- +goose NO TRANSACTION
-- +goose Up
-- The lines of a statement of account are those of its days, however long the customer has been one.
create index concurrently if not exists postings_customer_day on postings (customer_id, dated_on) where customer_id is not null;
