-- +goose Up
-- What people pass within their own limit is drawn into a sample by a seed that nobody is told before its month is over, and
-- somebody of a higher level looks at what was drawn. Everything passed that way has its draw, drawn or not, so that an
-- auditor can draw again and see that nothing was left out.

create table own_limit_seeds (
    month      date        primary key check (extract(day from month) = 1),
    seed       bytea       not null check (octet_length(seed) = 32),
    commitment bytea       not null generated always as (sha256(seed)) stored,
    made_at    timestamptz not null
);
comment on table own_limit_seeds is 'a month''s seed; commitment may be shown at once, the seed when the month is over';
call make_immutable(array['own_limit_seeds']);

create table own_limit_draws (
    credit_request_id bigint      primary key references credit_requests,
    month             date        not null references own_limit_seeds,
    percent           integer     not null check (percent between 1 and 100),
    policy_version    integer     not null,
    draw              integer     not null check (draw between 0 and 9999),
    sampled           boolean     not null generated always as (draw < percent * 100) stored,
    entity_id         bigint      not null references legal_entities,
    requester_id      bigint      not null references users,
    requester_rank    integer     not null,
    drawn_at          timestamptz not null,
    verdict           text        not null default '' check (verdict in ('', 'fine', 'not_fine')),
    finding           text        not null default '' check ((finding <> '') = (verdict = 'not_fine')),
    note              text        not null default '' check (note <> '' or verdict <> 'not_fine'),
    reviewed_by       bigint      references users,
    reviewed_at       timestamptz,
    constraint review_is_whole check ((verdict = '') = (reviewed_at is null) and (reviewed_at is null) = (reviewed_by is null)),
    constraint only_samples_are_reviewed check (verdict = '' or draw < percent * 100),
    constraint no_review_of_own_request check (reviewed_by <> requester_id)
);
comment on column own_limit_draws.draw is 'first four bytes of SHA-256 over the seed and the request''s id in decimal digits, modulo 10,000';
comment on column own_limit_draws.requester_rank is 'the highest level the requester held where the request belongs, when it was drawn';
create index own_limit_draws_waiting on own_limit_draws (drawn_at, credit_request_id) where sampled and verdict = '';
create index own_limit_draws_month on own_limit_draws (month, credit_request_id);
create index own_limit_draws_reviewed on own_limit_draws (reviewed_at desc) where reviewed_at is not null;

-- +goose StatementBegin
create function own_limit_draw_is_right() returns trigger language plpgsql as $$
declare
    secret bytea := (select seed from own_limit_seeds where month = new.month);
    head   bytea := sha256(secret || convert_to(new.credit_request_id::text, 'UTF8'));
begin
    if new.draw <> (get_byte(head, 0)::bigint * 16777216 + get_byte(head, 1) * 65536 + get_byte(head, 2) * 256 + get_byte(head, 3)) % 10000 then
        raise exception 'a draw follows from the seed'
            using errcode = 'integrity_constraint_violation', constraint = 'own_limit_draw_is_right', table = 'own_limit_draws';
    end if;
    return new;
end
$$;
create function own_limit_draw_stands() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.verdict <> ''
        or (new.credit_request_id, new.month, new.percent, new.policy_version, new.draw, new.entity_id, new.requester_id, new.requester_rank, new.drawn_at)
            is distinct from (old.credit_request_id, old.month, old.percent, old.policy_version, old.draw, old.entity_id, old.requester_id,
                old.requester_rank, old.drawn_at) then
        raise exception 'what was drawn stays, and is reviewed once'
            using errcode = 'integrity_constraint_violation', constraint = 'own_limit_draw_stands', table = 'own_limit_draws';
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger own_limit_draw_is_right before insert on own_limit_draws for each row execute function own_limit_draw_is_right();
create trigger own_limit_draw_stands before update or delete on own_limit_draws for each row execute function own_limit_draw_stands();

call grant_to_application();
