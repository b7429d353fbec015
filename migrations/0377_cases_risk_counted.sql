-- +goose NO TRANSACTION
-- +goose Up
-- Open cases by the money in dispute, counted from the index alone.
create index concurrently if not exists cases_risk_counted on cases (risk_base desc, id desc) include (follow_up_at, follow_up_due, entity_id) where status in ('new','open','waiting');
