-- +goose Up
-- A refund that is taken back is not to be paid.
-- +goose StatementBegin
create function refund_taken_back_is_not_paid() returns trigger language plpgsql as $$
begin
    delete from payouts_due where refund_id = new.document_id;
    return null;
end
$$;
-- +goose StatementEnd
create trigger refund_taken_back_is_not_paid after insert on reversals for each row when (new.document_kind = 'refund')
    execute function refund_taken_back_is_not_paid();
