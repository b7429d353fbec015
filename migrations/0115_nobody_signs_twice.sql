-- +goose Up
-- Nobody decides on what they asked for, changed or computed, and nobody is in two decisions of one version: neither by themselves nor
-- through somebody who signs for them. Whatever the program says.
-- +goose StatementBegin
create or replace function decision_is_not_own() returns trigger language plpgsql as $$
begin
    if exists (select 1 from credit_requests r left join credit_request_facts f on f.credit_request_id = r.id where r.id = new.credit_request_id
               and (r.requester_id = new.user_id or r.requester_id = new.on_behalf_of
                    or new.user_id = any (r.editor_ids) or new.on_behalf_of = any (r.editor_ids)
                    or f.facts -> 'barred' @> to_jsonb(new.user_id) or f.facts -> 'barred' @> to_jsonb(new.on_behalf_of))) then
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

-- Who changed the lines of a request changes with its version alone, as its content does: it says who may not sign.
create or replace function request_content_stands() returns trigger language plpgsql as $$
begin
    if (new.kind, new.authority_kind, new.customer_id, new.family_id, new.entity_id, new.invoice_id, new.currency, new.reason_code, new.root_cause_id,
            new.customer_note, new.net, new.tax, new.rounding, new.total, new.authority_amount, new.authority_rate, new.content, new.proposal, new.digest,
            new.requester_id, new.case_id, new.editor_ids)
        is not distinct from (old.kind, old.authority_kind, old.customer_id, old.family_id, old.entity_id, old.invoice_id, old.currency, old.reason_code,
            old.root_cause_id, old.customer_note, old.net, old.tax, old.rounding, old.total, old.authority_amount, old.authority_rate, old.content,
            old.proposal, old.digest, old.requester_id, old.case_id, old.editor_ids)
        or old.state = 'draft' or old.state in ('pending', 'returned') and new.content_version = old.content_version + 1 then
        return new;
    end if;
    raise exception 'what was submitted stays as it was hashed'
        using errcode = 'integrity_constraint_violation', constraint = 'request_content_stands', table = 'credit_requests';
end
$$;
-- +goose StatementEnd
create trigger request_editors_stand before update of editor_ids on credit_requests for each row execute function request_content_stands();
