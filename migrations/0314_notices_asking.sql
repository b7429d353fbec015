-- +goose NO TRANSACTION
-- +goose Up
-- Steps of ladders that nobody took notice of yet: few among all that a person was told.
create index concurrently if not exists notices_asking on notices (user_id, id desc) where acknowledged_at is null and params ? 'rung';
