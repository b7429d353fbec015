-- +goose Up
-- A refund that is taken back is not to be paid, and one that was paid is not taken back: money that comes back is a payment. Both take the same
-- row of what is to be paid, so that of two at once one waits for the other.
-- +goose StatementBegin
create function refund_taken_back_is_not_paid() returns trigger language plpgsql as $$
begin
    delete from payouts_due where refund_id = new.document_id;
    if exists (select 1 from payouts where refund_id = new.document_id) then
        raise exception 'refund % was paid out', new.document_id
            using errcode = 'integrity_constraint_violation', constraint = 'paid_refund_stands', table = 'reversals';
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger refund_taken_back_is_not_paid before insert on reversals for each row when (new.document_kind = 'refund')
    execute function refund_taken_back_is_not_paid();
