-- +goose NO TRANSACTION
-- +goose Up
-- What a customer was credited within a year is summed out of the index alone.
create index concurrently if not exists credit_memos_credited_lately on credit_memos (customer_id, currency, issued_on) include (total);
