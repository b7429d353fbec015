-- +goose Up
-- How much a customer may owe at most, and whether nothing more is to be sold to it on credit. Neither stops a posting.
alter table customers
    add column credit_limit numeric(20,4) check (credit_limit >= 0),
    add column credit_hold text not null default '' check (length(credit_hold) <= 500);
comment on column customers.credit_limit is 'in the customer''s currency; null: none';
comment on column customers.credit_hold is 'why nothing more is sold to it on credit; empty: it is';
