-- +goose Up
-- What the policy was asked about a request stands as long as its chain does: it changes with a version that has no steps yet.
-- +goose StatementBegin
create function request_facts_stand() returns trigger language plpgsql as $$
begin
    if exists (select 1 from credit_requests r where r.id = old.credit_request_id
               and (r.state not in ('draft', 'pending', 'returned')
                    or exists (select 1 from credit_steps s where s.credit_request_id = r.id and s.content_version = r.content_version))) then
        raise exception 'what the policy was asked stands with the chain'
            using errcode = 'integrity_constraint_violation', constraint = 'request_facts_stand', table = 'credit_request_facts';
    end if;
    return coalesce(new, old);
end
$$;
-- +goose StatementEnd
create trigger request_facts_stand before update or delete on credit_request_facts for each row execute function request_facts_stand();
