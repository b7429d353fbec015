-- +goose NO TRANSACTION
-- +goose Up
-- In which cases somebody wrote.
create index concurrently if not exists case_messages_author on case_messages (lower(author_address));
