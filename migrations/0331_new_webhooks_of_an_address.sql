-- +goose NO TRANSACTION
-- +goose Up
-- What of an address is still to be handed out, the oldest first.
create index concurrently if not exists webhook_deliveries_new_of on webhook_deliveries (endpoint_id, id) where state = 'new';
