-- +goose NO TRANSACTION
-- +goose Up
-- Open cases whose customer nobody knows, counted from the index alone.
create index concurrently if not exists cases_unknown_counted on cases (next_due_at, id) include (follow_up_at, follow_up_due, entity_id) where customer_id is null and status in ('new','open','waiting');
