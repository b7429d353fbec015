-- +goose Up
-- What the reports of receivables ask for, so that any past day costs what was open on it, and a period what happened in it.

-- Items open on a day: those still open that had begun, and those settled whose life holds the day.
create index open_items_unsettled on open_items (opened_on) where closed_on is null;
create index open_items_settled on open_items using gist (daterange(opened_on, greatest(opened_on, closed_on))) where closed_on is not null;

-- Sales of a period, read from the index alone.
create index invoices_sales on invoices (issued_on) include (entity_id, currency, total, fx_rate, posted_at);
create index invoices_due_day on invoices (due_on);

-- What was settled, credited and disputed in a period.
create index allocations_day on allocations (allocated_on);
create index credit_memos_day on credit_memos (issued_on);
create index dispute_lines_opened on dispute_lines (opened_at);
create index dispute_lines_decided on dispute_lines (decided_at) where decided_at is not null;
