-- +goose Up
-- Who sells to a customer, as the system of sales names them: rules of assignment know it.
alter table customers add column sales_owner text not null default '';
comment on column customers.sales_owner is 'at most 100 characters; empty: nobody is named';
