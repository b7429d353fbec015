-- +goose Up
-- An approval is what people decided, and nothing else: of a credit request the deciders are exactly those who approved its
-- present content, of an import whoever approved its batch. Nobody writes one for others, nor for nobody: without deciders
-- it stands only within the own limit that the requester's level gave on that day.

-- What a request comes to at least in the authority's currency, whatever its own row says: its total, at the rate by which it was
-- ever worth least.
-- +goose StatementBegin
create function worth_at_least(r credit_requests) returns numeric language plpgsql stable as $$
begin
    if r.currency = 'EUR' then
        return r.total;
    end if;
    return r.total * coalesce(least((select min(f.rate) from fx_rates f where f.base = r.currency and f.quote = 'EUR'),
        1 / (select max(f.rate) from fx_rates f where f.base = 'EUR' and f.quote = r.currency)), 0);
end
$$;
-- +goose StatementEnd

-- Why an approval is not what was decided; null where it is.
-- +goose StatementBegin
create function approval_fault(a adjustment_approvals) returns text language plpgsql stable as $$
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
    if a.own_limit then
        if cardinality(a.decider_ids) > 0 or not exists (
                select 1 from authority_holders h join authority_level_versions v on v.level_id = h.level_id and v.valid_from <= a.approved_at
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

create function approval_is_decided() returns trigger language plpgsql as $$
declare
    fault text := approval_fault(new);
begin
    if fault is not null then
        raise exception 'approval % stands for nothing that was decided: %', new.id, fault
            using errcode = 'integrity_constraint_violation', constraint = 'approval_is_decided', table = 'adjustment_approvals';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create constraint trigger approval_is_decided after insert on adjustment_approvals deferrable initially deferred
    for each row execute function approval_is_decided();

-- What a customer had to its credit when the books were taken over comes in by a row of an import that was approved, as
-- imported credits do: no money came in for it here.
-- +goose StatementBegin
create function opening_credit_fault(p payments) returns text language plpgsql stable as $$
begin
    if not exists (select 1 from import_rows i join import_batches b on b.id = i.batch_id
            join adjustment_approvals a on a.import_row_id = i.id and a.digest = i.digest and a.digest = i.content_hash
            where i.document_kind = 'payment' and i.document_id = p.id and i.state = 'done' and b.entity_id = p.entity_id
            and p.idempotency_key = 'import ' || i.system || ' ' || i.external_id -- one for a row, so that no row serves twice
            and i.content #>> '{open_balance,currency}' = p.currency and (i.content #>> '{open_balance,open}')::numeric = -p.amount) then
        return 'no import of this credit was approved';
    end if;
    return null;
end
$$;

create function opening_credit_is_approved() returns trigger language plpgsql as $$
begin
    if opening_credit_fault(new) is not null then
        raise exception 'payment % is an opening credit that nobody approved', new.number
            using errcode = 'integrity_constraint_violation', constraint = 'opening_credit_is_approved', table = 'payments';
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create constraint trigger opening_credit_is_approved after insert on payments deferrable initially deferred
    for each row when (new.method = 'opening_balance') execute function opening_credit_is_approved();

-- What came in a file stays as it came: what somebody approves of it is what is posted.
-- +goose StatementBegin
create function import_row_stands() returns trigger language plpgsql as $$
begin
    if (new.batch_id, new.system, new.kind, new.external_id, new.content, new.content_hash)
        is distinct from (old.batch_id, old.system, old.kind, old.external_id, old.content, old.content_hash) then
        raise exception 'row % of an import stays as it came', old.id
            using errcode = 'integrity_constraint_violation', constraint = 'import_row_stands', table = 'import_rows';
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger import_row_stands before update of batch_id, system, kind, external_id, content, content_hash on import_rows
    for each row execute function import_row_stands();
