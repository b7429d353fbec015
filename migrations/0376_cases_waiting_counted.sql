-- +goose NO TRANSACTION
-- +goose Up
-- Cases that wait for somebody, counted from the index alone.
create index concurrently if not exists cases_waiting_counted on cases (waiting_on, next_due_at, id) include (follow_up_at, follow_up_due, entity_id) where status = 'waiting';
