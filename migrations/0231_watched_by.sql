-- +goose NO TRANSACTION
-- +goose Up
-- What somebody watches, for their view of the queue.
create index concurrently if not exists case_watchers_user on case_watchers (user_id, case_id);
