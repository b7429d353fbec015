-- +goose Up
-- Who added a computation to a request does not sign it, whatever the program says.
-- +goose StatementBegin
create or replace function decision_is_not_own() returns trigger language plpgsql as $$
begin
    if exists (select 1 from credit_requests r left join credit_request_facts f on f.credit_request_id = r.id where r.id = new.credit_request_id
               and (r.requester_id = new.user_id or r.requester_id = new.on_behalf_of
                    or new.user_id = any (r.editor_ids) or new.on_behalf_of = any (r.editor_ids)
                    or f.facts -> 'barred' @> to_jsonb(new.user_id) or f.facts -> 'barred' @> to_jsonb(new.on_behalf_of)
                    or exists (select 1 from credit_request_evidence e where e.credit_request_id = r.id and e.kind = 'calculation' and e.added_by in (new.user_id, new.on_behalf_of)))) then
        raise exception 'nobody decides on their own request'
            using errcode = 'integrity_constraint_violation', constraint = 'no_decision_on_own_request', table = 'credit_decisions';
    end if;
    if exists (select 1 from credit_decisions d where d.credit_request_id = new.credit_request_id and d.content_version = new.content_version
               and d.user_id <> new.user_id and (d.on_behalf_of in (new.user_id, new.on_behalf_of) or d.user_id = new.on_behalf_of)) then
        raise exception 'nobody decides twice, through a stand-in either'
            using errcode = 'integrity_constraint_violation', constraint = 'nobody_decides_twice', table = 'credit_decisions';
    end if;
    return new;
end
$$;
-- +goose StatementEnd
