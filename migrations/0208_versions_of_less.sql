-- +goose NO TRANSACTION
-- +goose Up
-- What approvers gave less of is found by when they did.
create index concurrently if not exists credit_request_versions_less on credit_request_versions (replaced_at) where why = 'less';
