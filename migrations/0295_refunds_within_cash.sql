-- +goose Up
-- What may still be paid back to a customer in a currency: the cash received, with what was moved to it and less what was moved away, less
-- what was refunded and charged back. What was moved counts as what it was at first, however often it was moved: a credit is no cash, and
-- neither is tax that was withheld.
create function cash_refundable(bigint, bpchar) returns numeric language sql stable as $$
    with recursive moved (amount, item_kind, item_id) as (
        select case when t.to_customer_id = $1 then t.amount else -t.amount end, t.item_kind, t.item_id from transfers t
        where $1 in (t.customer_id, t.to_customer_id) and t.currency = $2
            and not exists (select from reversals v where v.document_kind = 'transfer' and v.document_id = t.id)
        union all
        select m.amount, t.item_kind, t.item_id from moved m join transfers t on t.id = m.item_id where m.item_kind = 'transfer'
    )
    select coalesce((select sum(p.amount) from payments p where p.customer_id = $1 and p.currency = $2 and p.method <> 'withholding'), 0)
        + coalesce((select sum(m.amount) from moved m join payments p on p.id = m.item_id and p.method <> 'withholding' where m.item_kind = 'payment'), 0)
        - coalesce((select sum(f.amount) from refunds f where f.customer_id = $1 and f.currency = $2
            and not exists (select from reversals v where v.document_kind = 'refund' and v.document_id = f.id)), 0)
        - coalesce((select sum(case when c.reverses_id is null then c.amount else -c.amount end) from chargebacks c where c.customer_id = $1 and c.currency = $2), 0)
$$;

-- No refund pays out more than that. Those of one family wait for one another, so that each sees what the others paid out.
-- +goose StatementBegin
create function refund_within_cash() returns trigger language plpgsql as $$
begin
    perform 1 from customers c where c.id = (select family_id from customers where id = new.customer_id) for no key update;
    if cash_refundable(new.customer_id, new.currency) < 0 then
        raise exception 'refund % pays out more than was received', new.number
            using errcode = 'integrity_constraint_violation', constraint = 'refund_within_cash', table = 'refunds';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create constraint trigger refund_within_cash after insert on refunds deferrable initially deferred
    for each row execute function refund_within_cash();
