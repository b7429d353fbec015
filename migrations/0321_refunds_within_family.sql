-- +goose Up
-- Nor is there more than the family of customers paid and did not get back, for whom cash was moved to: else a credit that was paid out against
-- a payment would leave that payment to be moved, and paid out once more. What a bank took back of one customer is no matter of the others.
create or replace function cash_refundable(bigint, bpchar) returns numeric language sql stable as $$
    with recursive moved (amount, item_kind, item_id) as (
        select case when t.to_customer_id = $1 then t.amount else -t.amount end, t.item_kind, t.item_id from transfers t
        where $1 in (t.customer_id, t.to_customer_id) and t.currency = $2
            and not exists (select from reversals v where v.document_kind = 'transfer' and v.document_id = t.id)
        union all
        select m.amount, t.item_kind, t.item_id from moved m join transfers t on t.id = m.item_id where m.item_kind = 'transfer'
    )
    select least(
        coalesce((select sum(p.amount) from payments p where p.customer_id = $1 and p.currency = $2 and p.method <> 'withholding'), 0)
        + coalesce((select sum(m.amount) from moved m join payments p on p.id = m.item_id and p.method <> 'withholding' where m.item_kind = 'payment'), 0)
        - coalesce((select sum(f.amount) from refunds f where f.customer_id = $1 and f.currency = $2
            and not exists (select from reversals v where v.document_kind = 'refund' and v.document_id = f.id)), 0)
        - coalesce((select sum(case when c.reverses_id is null then c.amount else -c.amount end) from chargebacks c where c.customer_id = $1 and c.currency = $2), 0),
        (select coalesce((select sum(p.amount) from payments p where p.customer_id = any (c.family) and p.currency = $2 and p.method <> 'withholding'), 0)
            - coalesce((select sum(f.amount) from refunds f where f.customer_id = any (c.family) and f.currency = $2
                and not exists (select from reversals v where v.document_kind = 'refund' and v.document_id = f.id)), 0)
            from (select array(select m.id from customers m where m.family_id = (select family_id from customers where id = $1)) as family) c
            where exists (select from transfers t where t.to_customer_id = $1 and t.currency = $2)))
$$;
