-- +goose Up
-- Events are called outside as they are described: credit requests by their own name, whether they belong to a case or not, and credit
-- memos, which the books tell.
-- +goose StatementBegin
create or replace function webhook_kind(what text) returns text language sql immutable as $$
    select case
        when what like 'clock.%' then 'sla.' || substr(what, 7)
        when what like 'credit.%' then 'credit_request.' || substr(what, 8)
        when what like 'credit_step.%' then 'credit_request.step_' || substr(what, 13)
        when what like 'case.%' or what like 'dispute.%' or what like 'credit_request.%' or what = 'credit_memo.posted' then what
        when what in ('status.changed', 'priority.changed', 'policy.changed', 'message.received', 'reply.sent', 'reply.undone') then 'case.' || replace(what, '.', '_')
    end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function webhook_fan_out() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if not exists (select from webhook_endpoints where active) then
        return null;
    end if;
    insert into webhook_deliveries (endpoint_id, event_id, kind)
        select e.id, n.id, webhook_kind(n.what) from new_rows n
            join webhook_endpoints e on e.active and (webhook_kind(n.what) = any (e.events) or split_part(webhook_kind(n.what), '.', 1) || '.*' = any (e.events))
        where (n.stream like 'case:%' or n.stream like 'books:%') and webhook_kind(n.what) is not null
        order by n.id, e.id;
    return null;
end
$$;
-- +goose StatementEnd

-- Who was told of credits goes on to be.
update webhook_endpoints set version = version + 1, events = (
    select array_agg(distinct case when e like 'credit.%' then 'credit_request.' || substr(e, 8) else e end) from unnest(events) e)
    where exists (select from unnest(events) e where e like 'credit.%');
