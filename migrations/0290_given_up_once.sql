-- +goose Up
-- What was written off is not credited as well, and tax comes back once: what credits give back of an invoice and what write-offs gave up of it
-- come to no more than the invoice, and neither do the taxes in them. What was taken back counts no more.
-- +goose StatementBegin
create function given_up_once() returns trigger language plpgsql as $$
declare
    off record;
    given record;
    billed record;
begin
    select coalesce(sum(l.amount), 0) as amount, coalesce(sum(l.tax_relief), 0) as tax into off from write_off_lines l
        where l.invoice_id = new.invoice_id and not exists (select from reversals v where v.document_kind = 'write_off' and v.document_id = l.write_off_id);
    if off.amount = 0 then
        return null;
    end if;
    select coalesce(sum(m.total), 0) as amount, coalesce(sum(m.tax), 0) as tax into given from credit_memos m
        where m.invoice_id = new.invoice_id and not exists (select from reversals v where v.document_kind = 'credit_memo' and v.document_id = m.id);
    select i.number, i.total, i.tax into billed from invoices i where i.id = new.invoice_id;
    -- Somebody who got a credit paid out of money that was charged back owes it all the same: it can be given up, without its tax.
    if given.tax + off.tax > billed.tax or tg_table_name = 'credit_memos' and given.amount + off.amount > billed.total then
        raise exception 'what was given up of invoice % is given back a second time', billed.number
            using errcode = 'integrity_constraint_violation', constraint = 'given_up_once', table = tg_table_name;
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create constraint trigger given_up_once after insert on credit_memos deferrable initially deferred
    for each row when (new.invoice_id is not null) execute function given_up_once();
