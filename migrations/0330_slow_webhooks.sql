-- +goose Up
-- An address that answers slowly is handed few deliveries at a time; the others wait as new, and take no worker's time.
alter table webhook_endpoints add column slow_at timestamptz;
comment on column webhook_endpoints.slow_at is 'when a delivery last found it busy; it is handed few at a time for a while after';
