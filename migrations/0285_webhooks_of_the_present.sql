-- +goose Up
-- What is brought in from the past of another helpdesk is told to no other system: it did not happen now, and it comes in thousands.
-- +goose StatementBegin
create or replace function webhook_fan_out() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if not exists (select from webhook_endpoints where active) then
        return null;
    end if;
    insert into webhook_deliveries (endpoint_id, event_id, kind)
        select e.id, n.id, webhook_kind(n.what) from new_rows n
            join webhook_endpoints e on e.active and (webhook_kind(n.what) = any (e.events) or split_part(webhook_kind(n.what), '.', 1) || '.*' = any (e.events))
        where (n.stream like 'case:%' or n.stream like 'books:%') and webhook_kind(n.what) is not null and not n.data ? 'brought'
        order by n.id, e.id;
    return null;
end
$$;
-- +goose StatementEnd
