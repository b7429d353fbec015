-- +goose Up
-- Where customers of a legal entity pay: a link with places for amount, currency, reference and account.
alter table collection_policies add column payment_link text not null default '' check (length(payment_link) <= 500);
comment on column collection_policies.payment_link is 'https alone, checked before it is kept; empty: customers are shown no link';
