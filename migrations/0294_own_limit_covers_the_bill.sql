-- +goose Up
-- Within an own limit nobody bills more than it: what a rebill charges counts, and not what it gives back alone. What was approved before stands.
-- +goose StatementBegin
create function own_limit_covers_the_bill() returns trigger language plpgsql as $$
declare
    r credit_requests;
begin
    select * into r from credit_requests where id = new.credit_request_id;
    r.total := coalesce((r.content #>> '{Billed,Net}')::numeric, 0) + coalesce((r.content #>> '{Billed,Tax}')::numeric, 0)
        + coalesce((r.content #>> '{Billed,Rounding}')::numeric, 0);
    if r.authority_amount < trunc(worth_at_least(r), 2) then
        raise exception 'approval % is of a request that bills more than was compared with the own limit', new.id
            using errcode = 'integrity_constraint_violation', constraint = 'approval_is_decided', table = 'adjustment_approvals';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create constraint trigger own_limit_covers_the_bill after insert on adjustment_approvals deferrable initially deferred
    for each row when (new.own_limit and new.credit_request_id is not null) execute function own_limit_covers_the_bill();
