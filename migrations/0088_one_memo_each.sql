-- +goose Up
-- A credit note of another system belongs to one credit memo: voiding it for another would take the wrong one back.
create unique index gateway_postings_one_memo_each on gateway_postings (system, external_id) where action = 'issue' and external_id <> '';
