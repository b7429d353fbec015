-- +goose NO TRANSACTION
-- +goose Up
create unique index concurrently if not exists authority_holders_once on authority_holders (level_id, coalesce(user_id, 0), role, coalesce(team_id, 0), valid_from);
