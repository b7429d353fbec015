-- +goose NO TRANSACTION
-- +goose Up
-- Cases whose last word is a question of ours, the longest unanswered first.
create index concurrently if not exists cases_awaiting on cases (last_reply_at, id) where status = 'waiting' and waiting_on = 'customer' and unanswered_since is null;
