-- +goose Up
-- What is kept about a person who writes for a customer is erased on request, by two people of the desk. Figures, numbers, postings, hashes and
-- chains stay as they are.
create table erasures (
    id             bigint generated always as identity primary key,
    addresses      text[]      not null check (cardinality(addresses) between 0 and 10),
    names          text[]      not null default '{}' check (cardinality(names) <= 10),
    reason         text        not null check (btrim(reason) <> ''),
    state          text        not null default 'asked' check (state in ('asked','agreed','done','refused','withdrawn','tried')),
    asked_by       bigint      not null references users,
    asked_at       timestamptz not null,
    decided_by     bigint      references users,
    decided_at     timestamptz,
    decision_note  text        not null default '',
    obstacle       text        not null default '',
    done_at        timestamptz,
    counts         jsonb       not null default '{}',
    constraint erasure_has_its_decision check ((state in ('asked','tried')) = (decided_at is null) and (decided_at is null) = (decided_by is null)),
    constraint erasure_needs_a_second_person check (state not in ('agreed','done') or decided_by <> asked_by),
    constraint erasure_is_done check ((state = 'done') = (done_at is not null)),
    constraint erasure_keeps_nobody check (case when state in ('done','refused','withdrawn') then addresses = '{}' and names = '{}' else addresses <> '{}' end)
);
comment on table erasures is 'who it was about is kept until it is done, refused or withdrawn';
comment on column erasures.obstacle is 'why what was agreed is not done yet, as a message key; it is tried again';
comment on column erasures.counts is 'what was erased, by kind';
create index erasures_open on erasures (id) where state in ('asked','agreed');

create table legal_holds (
    id          bigint generated always as identity primary key,
    address     text        not null default '' check (address = lower(address)),
    customer_id bigint      references customers,
    reason      text        not null check (btrim(reason) <> ''),
    set_by      bigint      not null references users,
    set_at      timestamptz not null,
    lifted_by   bigint      references users,
    lifted_at   timestamptz,
    lift_reason text        not null default '',
    constraint hold_of_one_thing check ((address <> '') = (customer_id is null)),
    constraint hold_is_lifted_for_a_reason check ((lifted_at is null) = (lifted_by is null) and (lifted_at is null) = (lift_reason = ''))
);
comment on table legal_holds is 'while one stands, nothing is erased of whoever writes from the address, or for the customer';
create index legal_holds_address on legal_holds (address) where lifted_at is null and address <> '';
create index legal_holds_customer on legal_holds (customer_id) where lifted_at is null and customer_id is not null;

-- Which rows were emptied. Rows that otherwise never change may be emptied when they stand here.
create table erased_rows (
    kind       text   not null check (kind in ('contact','inbound','outgoing','message','survey','promise')),
    row_id     bigint not null,
    erasure_id bigint not null references erasures,
    proof      bytea,
    primary key (kind, row_id)
);
comment on column erased_rows.kind is 'of contacts, inbound_messages, outgoing_messages, case_messages, case_surveys (by case), payment_promises';

comment on column erased_rows.proof is 'of a message: the hash it had as evidence, so that seals over it can still be proven';

-- By what an erased mail is known when it comes again.
create table erased_mails (
    hash       bytea  primary key check (octet_length(hash) = 32),
    erasure_id bigint not null references erasures
);
comment on table erased_mails is 'of the bytes of each erased mail, and of what any delivery of it says';

-- What the audit trail says of people is kept here, and in the trail only as a hash of it with a salt: so it can be erased, and the trail stays.
create table audit_personal (
    commitment bytea primary key check (octet_length(commitment) = 32),
    address    text  not null check (address = lower(address)),
    salt       bytea not null,
    said       text  not null,
    erasure_id bigint references erasures,
    constraint said_is_what_was_committed check (case when erasure_id is null then sha256(salt || convert_to(said, 'UTF8')) = commitment
        else said = '' and salt = '' and address = '' end)
);
comment on column audit_personal.address is 'of the person it is about';
create index audit_personal_address on audit_personal (address) where erasure_id is null;

-- +goose StatementBegin
create function erasure_stands() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.state in ('done','refused','withdrawn')
        or (new.id, new.asked_by, new.asked_at) is distinct from (old.id, old.asked_by, old.asked_at)
        or new.reason <> old.reason and new.state <> 'done'
        or (new.addresses, new.names) is distinct from (old.addresses, old.names) and new.state not in ('done','refused','withdrawn')
        or old.state = 'agreed' and (new.state not in ('agreed','done') or (new.decided_by, new.decided_at) is distinct from (old.decided_by, old.decided_at)
            or new.decision_note <> old.decision_note and new.state <> 'done')
        or old.state = 'asked' and new.state not in ('agreed','refused','withdrawn') then
        raise exception 'an erasure stays as it was asked for and decided'
            using errcode = 'integrity_constraint_violation', constraint = 'erasure_stands', table = 'erasures';
    end if;
    return new;
end
$$;

-- A trial counts what would be erased, within a transaction that is never committed.
create function trial_never_stays() returns trigger language plpgsql as $$
begin
    raise exception 'the trial of an erasure is not committed'
        using errcode = 'integrity_constraint_violation', constraint = 'trial_never_stays', table = 'erasures';
end
$$;

-- Rows are emptied only for what two people agreed on.
create function erased_row_is_agreed() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' or not exists (select from erasures e where e.id = new.erasure_id and e.state in ('agreed','done','tried')) then
        raise exception 'nothing is erased that two people have not agreed on'
            using errcode = 'integrity_constraint_violation', constraint = 'erased_row_is_agreed', table = tg_table_name;
    end if;
    return new;
end
$$;

create function hold_stands() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.lifted_at is not null and new.address like 'erased-%@erased.invalid'
        and to_jsonb(new) - array['address', 'reason', 'lift_reason'] = to_jsonb(old) - array['address', 'reason', 'lift_reason'] then
        return new;
    end if;
    if tg_op = 'DELETE' or old.lifted_at is not null
        or (new.id, new.address, new.customer_id, new.reason, new.set_by, new.set_at) is distinct from (old.id, old.address, old.customer_id, old.reason, old.set_by, old.set_at) then
        raise exception 'a legal hold is only lifted'
            using errcode = 'integrity_constraint_violation', constraint = 'hold_stands', table = 'legal_holds';
    end if;
    return new;
end
$$;

create function personal_is_only_erased() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.erasure_id is not null or new.commitment <> old.commitment
        or not exists (select from erasures e where e.id = new.erasure_id and e.state in ('agreed','done','tried')) then
        raise exception 'what the audit trail says of people is only erased'
            using errcode = 'integrity_constraint_violation', constraint = 'personal_is_only_erased', table = 'audit_personal';
    end if;
    return new;
end
$$;

-- The address that stands in the place of one that was erased: the same wherever the same one stood.
create function erased_address(erasure bigint, addresses text[], address text) returns text language sql immutable parallel safe as $$
    select 'erased-' || erasure || '-' || array_position(addresses, lower(address)) || '@erased.invalid'
$$;

-- A text without what names somebody: sure in whatever case, likely as it is written.
create function without_person(said text, sure text, likely text) returns text language sql immutable parallel safe as $$
    select case when likely = '' then s else regexp_replace(s, likely, '[erased]', 'g') end from (select regexp_replace(said, sure, '[erased]', 'gi') as s) x
$$;

create or replace function raw_moves_only() returns trigger language plpgsql as $$
declare
    was bytea := coalesce(old.blob, sha256(old.content));
begin
    if tg_op = 'UPDATE' and new.inbound_message_id = old.inbound_message_id and was = coalesce(new.blob, sha256(new.content)) then
        return new;
    end if;
    if tg_op = 'DELETE' and exists (select from erased_rows e where e.kind = 'inbound' and e.row_id = old.inbound_message_id) then
        return old;
    end if;
    raise exception '% of raw mail is refused', tg_op using errcode = 'restrict_violation', constraint = 'posted_rows_are_immutable', table = tg_table_name;
end
$$;

create or replace function case_survey_stands() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and exists (select from erased_rows e where e.kind = 'survey' and e.row_id = old.case_id)
        and to_jsonb(new) - array['address', 'name', 'comment'] = to_jsonb(old) - array['address', 'name', 'comment'] and new.address like 'erased-%@erased.invalid'
        and new.name = '' and new.comment = '' then
        return new;
    end if;
    if tg_op = 'DELETE' or old.score is not null and (new.score is null or new.answered_at <> old.answered_at)
        or (new.case_id, new.entity_id, new.agent_id, new.resolved_at, new.settled_at, new.left_out, new.address, new.name, new.language, new.outgoing_message_id, new.expires_at)
            is distinct from (old.case_id, old.entity_id, old.agent_id, old.resolved_at, old.settled_at, old.left_out, old.address, old.name, old.language,
                old.outgoing_message_id, old.expires_at) then
        raise exception 'a case is asked about once, and an answer is not taken away'
            using errcode = 'integrity_constraint_violation', constraint = 'case_survey_stands', table = 'case_surveys';
    end if;
    return new;
end
$$;

create or replace function promise_is_decided_once() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and exists (select from erased_rows e where e.kind = 'promise' and e.row_id = old.id)
       and to_jsonb(new) - array['promised_by', 'note'] = to_jsonb(old) - array['promised_by', 'note'] then
        return new;
    end if;
    if tg_op = 'UPDATE' and old.state = 'open' and new.state <> 'open' and new.version = old.version + 1
       and (new.id, new.entity_id, new.customer_id, new.invoice_id, new.currency, new.amount, new.promised_on, new.promised_by, new.note, new.made_at, new.made_by, new.made_by_name)
           is not distinct from
           (old.id, old.entity_id, old.customer_id, old.invoice_id, old.currency, old.amount, old.promised_on, old.promised_by, old.note, old.made_at, old.made_by, old.made_by_name) then
        return new;
    end if;
    raise exception 'a promise is decided once and stays as it was made'
        using errcode = 'restrict_violation', constraint = 'promise_is_decided_once', table = 'payment_promises';
end
$$;

-- Of the way of a mail that was erased, what the server and people said goes too; when it went which way stays.
create function step_stands() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and exists (select from erased_rows e where e.kind = 'outgoing' and e.row_id = old.outgoing_message_id)
        and to_jsonb(new) - array['answer', 'reason'] = to_jsonb(old) - array['answer', 'reason'] and new.answer = '' and new.reason = '' then
        return new;
    end if;
    raise exception '% of posted rows in % is refused; post a reversal instead', tg_op, tg_table_name
        using errcode = 'restrict_violation', constraint = 'posted_rows_are_immutable', table = tg_table_name;
end
$$;

-- What a message is found by follows when its words are taken away.
create function change_message_words() returns trigger language plpgsql as $$
begin
    update case_words set words = search_words(concat_ws(' ', new.subject, new.author_name, new.author_address, new.body)) where source = new.id;
    return null;
end
$$;
-- +goose StatementEnd
create trigger erasure_stands before update or delete on erasures for each row execute function erasure_stands();
create constraint trigger trial_never_stays after insert or update on erasures deferrable initially deferred for each row when (new.state = 'tried')
    execute function trial_never_stays();
create trigger erased_row_is_agreed before insert or update or delete on erased_rows for each row execute function erased_row_is_agreed();
create trigger erased_mail_is_agreed before insert or update or delete on erased_mails for each row execute function erased_row_is_agreed();
create trigger hold_stands before update or delete on legal_holds for each row execute function hold_stands();
create trigger personal_is_only_erased before update or delete on audit_personal for each row execute function personal_is_only_erased();
call grant_to_application();
grant delete on inbound_raw to makegood_app;
grant update (answer, reason) on outgoing_steps to makegood_app;
