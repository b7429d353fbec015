-- +goose NO TRANSACTION
-- +goose Up
-- Open cases, the newest first; what tells whether a case counts in a view lies in the index, so that counting reads it alone.
create index concurrently if not exists cases_open_counted on cases (opened_at desc, id desc) include (follow_up_at, follow_up_due, entity_id) where status in ('new','open','waiting');
