-- +goose NO TRANSACTION
-- +goose Up
-- Requests of the same customer and amount are found without reading all that were made lately.
create index concurrently if not exists credit_requests_same_amount on credit_requests (customer_id, total, submitted_at)
    where state in ('pending', 'returned', 'approved', 'posted', 'failed');
