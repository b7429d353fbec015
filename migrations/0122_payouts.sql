-- +goose Up
-- A refund is paid out by somebody who neither asked for it nor signed it: they see, as one more, where the money goes.
-- payouts_due is what is to be paid; a refund that is taken back is none.
create table payouts_due (
    refund_id bigint primary key references refunds,
    entity_id bigint not null references legal_entities
);
create index payouts_due_entity on payouts_due (entity_id, refund_id);

create table payouts (
    refund_id      bigint      primary key references refunds,
    paid_on        date        not null,
    bank_reference text        not null check (length(bank_reference) between 1 and 100),
    paid_by        bigint      not null references users,
    recorded_at    timestamptz not null
);
comment on table payouts is 'refunds of before this table are not in it';
call make_immutable(array['payouts']);

-- +goose StatementBegin
create function refund_is_to_be_paid() returns trigger language plpgsql as $$
begin
    insert into payouts_due (refund_id, entity_id) values (new.id, new.entity_id);
    return null;
end
$$;
-- +goose StatementEnd
create trigger refund_is_to_be_paid after insert on refunds for each row execute function refund_is_to_be_paid();

-- +goose StatementBegin
create function paid_out_by_another() returns trigger language plpgsql as $$
begin
    if exists (select 1 from refunds f join credit_requests r on r.id = f.credit_request_id
            where f.id = new.refund_id and (r.requester_id = new.paid_by or new.paid_by = any (r.editor_ids)
                or exists (select 1 from credit_decisions d where d.credit_request_id = r.id and d.content_version = r.content_version
                    and new.paid_by in (d.user_id, d.on_behalf_of)))) then
        raise exception 'a refund is paid out by somebody who neither asked for it nor signed it'
            using errcode = 'integrity_constraint_violation', constraint = 'paid_out_by_another', table = 'payouts';
    end if;
    if exists (select 1 from refund_sources s join gateway_postings g on g.credit_memo_id = s.item_id and g.action = 'issue'
            where s.refund_id = new.refund_id and s.item_kind = 'credit_memo' and g.state in ('waiting', 'unknown', 'issued')) then
        raise exception 'the system that the credit note is issued in pays this refund'
            using errcode = 'integrity_constraint_violation', constraint = 'paid_out_once', table = 'payouts';
    end if;
    delete from payouts_due where refund_id = new.refund_id;
    if not found then
        raise exception 'this refund is not to be paid'
            using errcode = 'integrity_constraint_violation', constraint = 'payout_is_due', table = 'payouts';
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger paid_out_by_another before insert on payouts for each row execute function paid_out_by_another();

call grant_to_application();
