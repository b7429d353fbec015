-- +goose Up
-- Triage: open cases nobody has tied to a customer yet.
create index cases_triage on cases (next_due_at, id) where customer_id is null and status in ('new','open','waiting');
