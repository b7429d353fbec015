-- +goose NO TRANSACTION
-- +goose Up
create index concurrently if not exists cases_topic on cases (topic, resolved_at desc) where status in ('resolved', 'closed') and topic <> '';
