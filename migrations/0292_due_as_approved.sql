-- +goose Up
-- A debit memo or rebill that was approved after its day to pay by is due on the day it is issued. What was approved stays beside it: the digest is
-- over that day.
alter table invoices add column approved_due_on date,
    add constraint due_as_approved check (approved_due_on is null or approved_due_on < issued_on and due_on = issued_on) not valid;
comment on column invoices.approved_due_on is 'the day to pay by that was approved, where it had passed when the document was issued; null elsewhere';

-- +goose StatementBegin
create or replace function bill_text(invoice bigint) returns text language plpgsql stable as $$
begin
    return (
    select '|d' || to_char(coalesce(i.approved_due_on, i.due_on), 'YYYY-MM-DD')
        || coalesce((select string_agg('|b' || l.line_no || ':' || trim_scale(l.net), '' order by l.line_no) from invoice_lines l where l.invoice_id = i.id), '')
        || coalesce((select string_agg('|g' || t.code || '/' || t.category || '/' || trim_scale(t.rate) || ':' || trim_scale(t.net) || ':' || trim_scale(t.tax), ''
                     order by t.code collate "C", t.category collate "C", t.rate) from invoice_taxes t where t.invoice_id = i.id), '')
    from invoices i where i.id = invoice
    );
end
$$;
-- +goose StatementEnd
