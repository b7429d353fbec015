-- +goose NO TRANSACTION
-- +goose Up
create index concurrently if not exists cases_topic on cases (topic, (-id)) where status in ('resolved', 'closed') and topic <> '';
