-- +goose Up
-- A certificate of tax withheld settles of an invoice no more than the invoice says is withheld: no money comes in for it, and nothing else tells it
-- from giving the claim up.
-- +goose StatementBegin
create function withheld_as_noted() returns trigger language plpgsql as $$
declare
    noted numeric;
    taken numeric;
begin
    if not exists (select from payments p where p.id = new.source_id and p.method = 'withholding') then
        return null;
    end if;
    select withholding into noted from invoices where id = new.invoice_id;
    select coalesce(sum(case when a.reverses_id is null then a.amount else -a.amount end), 0) into taken
        from allocations a join payments p on p.id = a.source_id and p.method = 'withholding'
        where a.invoice_id = new.invoice_id and a.source_kind = 'payment';
    if taken > noted then
        raise exception 'of invoice % only % is withheld', new.invoice_id, noted
            using errcode = 'integrity_constraint_violation', constraint = 'withheld_as_noted', table = 'allocations';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create constraint trigger withheld_as_noted after insert on allocations deferrable initially deferred for each row when (new.source_kind = 'payment' and new.reverses_id is null)
    execute function withheld_as_noted();

-- +goose Down
drop trigger withheld_as_noted on allocations;
drop function withheld_as_noted();
