-- +goose NO TRANSACTION
-- +goose Up
-- What counts in the windows of one requester: what is underway at any age, what was posted by the time of its posting.
create index concurrently credit_requests_requester_counts on credit_requests
    (requester_id, (case when state = 'posted' then coalesce(ended_at, submitted_at) else 'infinity'::timestamptz end)) where state in ('pending','returned','approved','posted','failed');
