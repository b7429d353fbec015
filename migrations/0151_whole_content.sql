-- +goose Up
-- What was submitted is sealed whole: the digest is over what the books post, and left out words, quantities and prices beside it.
alter table credit_request_seals add column whole bytea not null default '' check (octet_length(whole) in (0, 32));
comment on column credit_request_seals.whole is 'SHA-256 of content, proposal, explanation and note as they are stored; empty of versions sealed before there was one';
-- +goose StatementBegin
create function credit_request_whole(r credit_requests) returns bytea language plpgsql immutable as $$
begin
    return sha256(convert_to(jsonb_build_array(r.content, r.proposal, r.explanation, r.customer_note)::text, 'UTF8'));
end
$$;
-- +goose StatementEnd
