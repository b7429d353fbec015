-- +goose Up
-- Cash is what came from payments. Tax that was withheld is none, and of what customers had to their credit when books were taken over only what was
-- said to be a payment: a credit note that was brought in as an open balance is none.
create function came_as_payment(payment bigint) returns boolean language sql stable as $$
    select exists (select from import_rows r where r.document_kind = 'payment' and r.document_id = payment and r.state = 'done'
        and r.content #>> '{open_balance,type}' = 'payment')
$$;
create function is_cash(payments) returns boolean language sql stable as $$
    select $1.method <> 'withholding' and ($1.method <> 'opening_balance' or came_as_payment($1.id))
$$;

-- What a credit note that was brought in paid back where it comes from. What was settled there on another way is not in it.
create function paid_back_there(memo bigint) returns numeric language sql stable as $$
    select coalesce(sum((r.content #>> '{credit_note,to_refund}')::numeric), 0) from import_rows r
    where r.document_kind = 'credit_memo' and r.document_id = memo and r.state = 'done'
$$;

-- What customers paid in a currency and did not get back by refunds, here or there.
create function cash_kept(bigint[], bpchar) returns numeric language sql stable as $$
    select coalesce((select sum(p.amount) from payments p where p.customer_id = any ($1) and p.currency = $2 and is_cash(p)), 0)
        - coalesce((select sum(f.amount) from refunds f where f.customer_id = any ($1) and f.currency = $2
            and not exists (select from reversals v where v.document_kind = 'refund' and v.document_id = f.id)), 0)
        - coalesce((select sum(paid_back_there(m.id)) from credit_memos m where m.customer_id = any ($1) and m.currency = $2
            and m.origin = 'imported' and m.settled_outside > 0
            and not exists (select from reversals v where v.document_kind = 'credit_memo' and v.document_id = m.id)), 0)
$$;

-- Money that went back where a credit note was brought in from cannot be paid out here once more, and a credit that was taken over is no cash.
create or replace function cash_refundable(bigint, bpchar) returns numeric language sql stable as $$
    with recursive moved (amount, item_kind, item_id) as (
        select case when t.to_customer_id = $1 then t.amount else -t.amount end, t.item_kind, t.item_id from transfers t
        where $1 in (t.customer_id, t.to_customer_id) and t.currency = $2
            and not exists (select from reversals v where v.document_kind = 'transfer' and v.document_id = t.id)
        union all
        select m.amount, t.item_kind, t.item_id from moved m join transfers t on t.id = m.item_id where m.item_kind = 'transfer'
    )
    select least(
        cash_kept(array[$1], $2)
        + coalesce((select sum(m.amount) from moved m join payments p on p.id = m.item_id and is_cash(p) where m.item_kind = 'payment'), 0)
        - coalesce((select sum(case when c.reverses_id is null then c.amount else -c.amount end) from chargebacks c where c.customer_id = $1 and c.currency = $2), 0),
        (select cash_kept(array(select m.id from customers m where m.family_id = (select family_id from customers where id = $1)), $2)
            where exists (select from transfers t where t.to_customer_id = $1 and t.currency = $2)))
$$;
