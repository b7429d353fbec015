-- +goose NO TRANSACTION
-- +goose Up
-- A customer who writes of a payment names it as the bank did.
create index concurrently if not exists payments_bank_reference on payments (bank_reference) where bank_reference <> '';
