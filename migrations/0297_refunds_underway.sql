-- +goose Up
-- Requests that are underway keep what they are to pay out.
insert into refund_reservations (credit_request_id, customer_id, currency, invoice_id, amount, state, reserved_at)
select r.id, r.customer_id, r.currency, case when r.kind <> 'refund' then r.invoice_id end, x.amount, 'held', r.submitted_at
from credit_requests r, lateral (select case when r.kind = 'refund' then r.total else (r.content ->> 'ToRefund')::numeric end as amount) x
where r.state in ('pending','returned','approved','failed') and x.amount > 0 and r.customer_id is not null and r.submitted_at is not null
on conflict do nothing;
