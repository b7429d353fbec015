-- +goose Up
-- The cash rounding that imported credits gave back counts as given, so that it is not given back once more.
update open_items o set rounding_given = x.given
from (select i.id, coalesce((select sum(m.rounding) from credit_memos m where m.invoice_id = i.id
                and not exists (select from reversals v where v.document_kind = 'credit_memo' and v.document_id = m.id)), 0)
            + coalesce((select sum(r.rounding) from rounding_reservations r where r.invoice_id = i.id and r.state = 'held'), 0) as given
        from invoices i where i.id in (select invoice_id from credit_memos where origin = 'imported' and rounding <> 0)) x
where o.kind = 'invoice' and o.document_id = x.id and o.rounding_given <> x.given;
