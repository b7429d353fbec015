-- +goose NO TRANSACTION
-- +goose Up
-- What a person was told, the latest first: without it the page of notices walks over those of everybody.
create index concurrently if not exists notices_by_person on notices (user_id, id desc);
