-- +goose NO TRANSACTION
-- +goose Up
-- Customers by the beginning of their account, as it is typed.
create index concurrently if not exists customers_account_begins on customers (account text_pattern_ops);
