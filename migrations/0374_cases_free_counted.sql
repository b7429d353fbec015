-- +goose NO TRANSACTION
-- +goose Up
-- Open cases that nobody has, counted from the index alone.
create index concurrently if not exists cases_free_counted on cases (next_due_at, id) include (follow_up_at, follow_up_due, entity_id) where assignee_id is null and status in ('new','open','waiting');
