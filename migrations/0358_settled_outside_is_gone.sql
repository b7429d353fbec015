-- +goose Up
-- What was settled outside is booked as money on its way out, as a refund is: a customer who got it in another way does not get it here once more. Of a
-- credit note that was brought in it is what that paid back where it comes from.
create function gone_with(memo credit_memos) returns numeric language sql stable as $$
    select case when $1.origin = 'imported' then paid_back_there($1.id) else $1.settled_outside end
$$;

create or replace function cash_kept(bigint[], bpchar) returns numeric language sql stable as $$
    select coalesce((select sum(p.amount) from payments p where p.customer_id = any ($1) and p.currency = $2 and is_cash(p)), 0)
        - coalesce((select sum(f.amount) from refunds f where f.customer_id = any ($1) and f.currency = $2
            and not exists (select from reversals v where v.document_kind = 'refund' and v.document_id = f.id)), 0)
        - coalesce((select sum(gone_with(m)) from credit_memos m where m.customer_id = any ($1) and m.currency = $2 and m.settled_outside > 0
            and not exists (select from reversals v where v.document_kind = 'credit_memo' and v.document_id = m.id)), 0)
$$;
