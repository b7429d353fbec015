-- +goose NO TRANSACTION
-- +goose Up
-- The credit memos that settled a case are found by it: a customer who looks at a request on the portal is shown them.
create index concurrently if not exists credit_memos_case on credit_memos (case_id) where case_id is not null;
