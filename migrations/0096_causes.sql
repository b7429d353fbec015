-- +goose Up
-- Every document and entry says what caused it: an adjustment the request and case that it was approved for, an entry the
-- person or the job. What was issued elsewhere has the row of its import instead of a request.
alter table credit_memos add constraint memo_names_its_request check (credit_request_id is not null or origin = 'imported') not valid;
alter table credit_memos validate constraint memo_names_its_request;
alter table invoices add constraint correction_names_its_request
    check (credit_request_id is not null or kind = 'invoice' and corrects_id is null and approval_id is null) not valid;
alter table invoices validate constraint correction_names_its_request;
alter table journal_entries add constraint entry_names_who
    check (actor_kind = 'system' and actor_id = 0 or actor_kind in ('person', 'customer') and actor_id > 0) not valid;
alter table journal_entries validate constraint entry_names_who;

-- Whether a document names the request its approval is of, and that request's case.
-- +goose StatementBegin
create function cause_fault(approval bigint, request bigint, of_case bigint) returns text language plpgsql stable as $$
declare
    c record;
begin
    select a.import_row_id, r.id as request, r.case_id into c from adjustment_approvals a left join credit_requests r on r.id = a.credit_request_id
        where a.id = approval and a.credit_request_id is not distinct from request;
    if not found or c.request is null and c.import_row_id is null then
        return 'its approval is of another request';
    elsif c.case_id is distinct from of_case then
        return 'its request is of another case';
    end if;
    return null;
end
$$;

create function document_names_its_cause() returns trigger language plpgsql as $$
declare
    fault text := cause_fault(new.approval_id, new.credit_request_id, new.case_id);
begin
    if fault is not null then
        raise exception '% names another cause: %', new.number, fault
            using errcode = 'integrity_constraint_violation', constraint = 'document_names_its_cause', table = tg_table_name;
    end if;
    return null;
end
$$;

-- A memo is looked at together with its approval: this is the path that must be fast.
create or replace function credit_memo_is_approved() returns trigger language plpgsql as $$
declare
    off boolean := (select coalesce(sum(net), 0) from credit_memo_lines where credit_memo_id = new.id) <> new.net
        or (select coalesce(sum(tax), 0) from credit_memo_taxes where credit_memo_id = new.id) <> new.tax;
    fault text := cause_fault(new.approval_id, new.credit_request_id, new.case_id);
begin
    if fault = 'its approval is of another request' then
        perform approved_as(null, null, 'credit_memos', new.number);
    elsif fault is not null then
        raise exception '% names another cause: %', new.number, fault
            using errcode = 'integrity_constraint_violation', constraint = 'document_names_its_cause', table = 'credit_memos';
    end if;
    if off or not memo_is_written_on('memo', new.id, 0) then
        perform approved_as(new.approval_id, credit_memo_digest(new.id), 'credit_memos', new.number);
    end if;
    if off then
        raise exception 'credit memo % does not add up', new.number
            using errcode = 'integrity_constraint_violation', constraint = 'memo_adds_up', table = 'credit_memos';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create constraint trigger document_names_its_cause after insert on invoices deferrable initially deferred
    for each row when (new.approval_id is not null) execute function document_names_its_cause();
create constraint trigger document_names_its_cause after insert on refunds deferrable initially deferred
    for each row execute function document_names_its_cause();
create constraint trigger document_names_its_cause after insert on write_offs deferrable initially deferred
    for each row execute function document_names_its_cause();
create constraint trigger document_names_its_cause after insert on transfers deferrable initially deferred
    for each row execute function document_names_its_cause();
create constraint trigger document_names_its_cause after insert on reversals deferrable initially deferred
    for each row execute function document_names_its_cause();
