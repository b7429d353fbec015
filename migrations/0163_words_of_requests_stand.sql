-- +goose Up
-- The explanation that approvers read and what counted with a request when its chain was drawn stand like the rest of it.
-- +goose StatementBegin
create or replace function request_content_stands() returns trigger language plpgsql as $$
begin
    if (new.kind, new.authority_kind, new.customer_id, new.family_id, new.entity_id, new.invoice_id, new.currency, new.reason_code, new.root_cause_id,
            new.customer_note, new.net, new.tax, new.rounding, new.total, new.authority_amount, new.authority_rate, new.content, new.proposal, new.digest,
            new.requester_id, new.case_id, new.editor_ids, new.explanation, new.window_amount)
        is not distinct from (old.kind, old.authority_kind, old.customer_id, old.family_id, old.entity_id, old.invoice_id, old.currency, old.reason_code,
            old.root_cause_id, old.customer_note, old.net, old.tax, old.rounding, old.total, old.authority_amount, old.authority_rate, old.content,
            old.proposal, old.digest, old.requester_id, old.case_id, old.editor_ids, old.explanation, old.window_amount)
        or old.state = 'draft' or old.state in ('pending', 'returned') and new.content_version = old.content_version + 1 then
        return new;
    end if;
    raise exception 'what was submitted stays as it was hashed'
        using errcode = 'integrity_constraint_violation', constraint = 'request_content_stands', table = 'credit_requests';
end
$$;

-- The number of its version moves only with what it says, before anybody has decided it.
create function request_version_follows() returns trigger language plpgsql as $$
begin
    if old.state in ('draft', 'pending', 'returned') and new.content_version = old.content_version + 1 then
        return new;
    end if;
    raise exception 'what was submitted stays as it was hashed'
        using errcode = 'integrity_constraint_violation', constraint = 'request_content_stands', table = 'credit_requests';
end
$$;
-- +goose StatementEnd
create trigger request_words_stand before update of explanation, window_amount on credit_requests for each row execute function request_content_stands();
create trigger request_version_follows before update of content_version on credit_requests for each row
    when (new.content_version is distinct from old.content_version) execute function request_version_follows();
