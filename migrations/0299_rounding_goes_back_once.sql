-- +goose Up
-- No more cash rounding goes back with credits than the invoice has.
-- +goose StatementBegin
create function rounding_within_invoice() returns trigger language plpgsql as $$
begin
    if not exists (select from invoices i where i.id = new.document_id and new.rounding_given between least(i.rounding, 0) and greatest(i.rounding, 0)) then
        raise exception 'rounding of % given back with credits on invoice %', new.rounding_given, new.number
            using errcode = 'integrity_constraint_violation', constraint = 'rounding_within_invoice', table = 'open_items';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create trigger rounding_within_invoice after update of rounding_given on open_items
    for each row when (new.kind = 'invoice' and new.rounding_given is distinct from old.rounding_given) execute function rounding_within_invoice();
