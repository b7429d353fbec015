-- +goose NO TRANSACTION
-- +goose Up
drop index concurrently if exists webhook_deliveries_new_of;
create index concurrently webhook_deliveries_new_of on webhook_deliveries (endpoint_id, id) where state = 'new';
