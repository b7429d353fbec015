-- +goose Up
-- An approval is of a request that is as it was sealed, word for word, and an own limit is of the terms that held at that moment.
-- +goose StatementBegin
create or replace function approval_fault(a adjustment_approvals) returns text language plpgsql stable as $$
declare
    r credit_requests;
    sealed bytea;
    d record;
begin
    if a.import_row_id is not null then
        select i.digest, b.created_by, b.approved_by into d from import_rows i join import_batches b on b.id = i.batch_id where i.id = a.import_row_id;
        if not found or (d.digest, d.created_by, array[d.approved_by], false) is distinct from (a.digest, a.requester_id, a.decider_ids, a.own_limit) then
            return 'nobody approved this content of the import';
        end if;
        return null;
    end if;
    select * into r from credit_requests where id = a.credit_request_id;
    if not found or (r.digest, r.requester_id, r.own_limit) is distinct from (a.digest, a.requester_id, a.own_limit) then
        return 'there is no such request of this content';
    end if;
    if exists (select 1 from credit_request_seals s where s.credit_request_id = r.id and s.content_version = r.content_version
               and s.whole <> '' and s.whole <> credit_request_whole(r)) then
        return 'what was sealed of the request is not what it holds';
    end if;
    if a.own_limit then
        if cardinality(a.decider_ids) > 0 or not exists (
                select 1 from authority_holders h join authority_level_versions v on v.level_id = h.level_id and v.valid_from <= a.approved_at and v.valid_until > a.approved_at
                cross join lateral jsonb_array_elements(v.limits) l
                where h.user_id = a.requester_id and h.valid_from <= a.approved_at and h.valid_until > a.approved_at
                and (h.entity_ids = '{}' or r.entity_id = any (h.entity_ids)) and l ->> 'kind' = r.authority_kind
                and coalesce(l ->> 'entity', '0') in ('0', r.entity_id::text) and (l ->> 'own')::numeric > 0 and (l ->> 'own')::numeric >= greatest(r.authority_amount, worth_at_least(r))) then
            return 'it is not within what the requester may post of their own';
        end if;
        return null;
    end if;
    -- What they sign is the content, or the seal of the content with the evidence it came with.
    select s.seal into sealed from credit_request_seals s
        where s.credit_request_id = r.id and s.content_version = r.content_version and s.content_digest = a.digest;
    select coalesce(array_agg(x.user_id order by x.user_id) filter (where x.decision = 'approve'), '{}') as approved,
        coalesce(bool_or(x.decision <> 'approve' or x.digest not in (a.digest, coalesce(sealed, a.digest))), false) as against into d
        from credit_decisions x where x.credit_request_id = r.id and x.content_version = r.content_version;
    if d.against or d.approved <> array(select u from unnest(a.decider_ids) u order by u) then
        return 'its deciders are not those who approved this content';
    end if;
    if exists (select 1 from credit_steps s where s.credit_request_id = r.id and s.content_version = r.content_version
               and s.state not in ('approved', 'void')) then
        return 'a step of its chain is not decided';
    end if;
    if not exists (select 1 from credit_steps s where s.credit_request_id = r.id and s.content_version = r.content_version and s.state = 'approved')
        or exists (select 1 from credit_steps s where s.credit_request_id = r.id and s.content_version = r.content_version and s.state = 'approved'
                and s.needed > (select count(*) from credit_decisions x where x.credit_request_id = r.id and x.step_id = s.id and x.decision = 'approve')) then
        return 'a step of its chain was signed by fewer than it needs';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
