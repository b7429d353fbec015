-- +goose Up
-- What an approval rests on beside what was asked for, as it was when the last one signed: who the customers are, whose case it is, and
-- the rate at which it was compared with limits. What is another when it is to be posted stops it.
create table credit_request_grounds (
    credit_request_id bigint primary key references credit_requests,
    grounds  jsonb       not null,
    taken_at timestamptz not null
);
comment on column credit_request_grounds.grounds is 'what credit_request_grounds_of says of the request at taken_at';
call make_immutable(array['credit_request_grounds']);

-- The rate is that of the day rated; null finds the last one with a rate until the request was submitted. A case without a customer is
-- of the request's own.
-- +goose StatementBegin
create function credit_request_grounds_of(r credit_requests, rated date) returns jsonb language plpgsql stable as $$
declare
    concerned bigint[] := array[r.customer_id, (r.content ->> 'ToCustomerID')::bigint]
        || array(select i.customer_id from credit_request_invoices g join invoices i on i.id = g.invoice_id where g.credit_request_id = r.id);
    found jsonb := '{}';
begin
    select coalesce(jsonb_object_agg(c.account || '|' || f.field, f.value), '{}') into found from customers c cross join lateral (values
        ('name', c.name), ('country', c.country::text), ('tax number', c.tax_id), ('family', c.family_id::text), ('legal entity', c.entity_id::text)) f(field, value)
        where c.id = any (concerned);
    if r.case_id is not null then
        found := found || jsonb_build_object('case', coalesce(
            (select c.account from cases k join customers c on c.id = k.customer_id where k.id = r.case_id), (select account from customers where id = r.customer_id), ''));
    end if;
    if r.currency <> 'EUR' then
        rated := coalesce(rated, (select max(on_date) from fx_rates where on_date <= (r.submitted_at at time zone 'UTC')::date
            and (base, quote) in ((r.currency, 'EUR'), ('EUR', r.currency))));
        found := found || jsonb_build_object('rated', rated, 'rate', (select string_agg(trim_scale(rate)::text, ' ' order by base) from (
            select distinct on (base) base, rate from fx_rates where on_date = rated and (base, quote) in ((r.currency, 'EUR'), ('EUR', r.currency))
            order by base, version desc) last));
    end if;
    return found;
end
$$;
-- +goose StatementEnd

call grant_to_application();
