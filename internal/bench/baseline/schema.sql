-- What a credit memo needs at the least, without any rule of billing: the baseline's own database only.
create table base_account (
    id         integer primary key,
    balance    numeric(18,4) not null default 0,
    memo_count integer       not null default 0,
    changed_at timestamptz   not null default now()
);
insert into base_account (id) select n from generate_series(1, 1000) n;

create table base_memo (
    id         bigserial primary key,
    once_key   text          not null unique,
    account_id integer       not null references base_account,
    amount     numeric(18,4) not null check (amount > 0),
    currency   char(3)       not null,
    reason     text          not null,
    created_at timestamptz   not null default now()
);
create index base_memo_account on base_memo (account_id, created_at desc);

create table base_posting (
    id      bigserial primary key,
    memo_id bigint        not null references base_memo,
    account text          not null,
    debit   numeric(18,4) not null default 0,
    credit  numeric(18,4) not null default 0
);
create index base_posting_memo on base_posting (memo_id);

create table base_event (
    id         bigserial primary key,
    subject_id bigint,
    kind       text        not null,
    data       jsonb       not null,
    created_at timestamptz not null default now()
);
create index base_event_subject on base_event (subject_id, id);

create table base_audit (
    id         bigserial primary key,
    actor_id   integer     not null,
    what       text        not null,
    reference  text,
    created_at timestamptz not null default now()
);

create table base_outbox (
    id      bigserial primary key,
    topic   text  not null,
    payload jsonb not null,
    done_at timestamptz
);

create table base_case (
    id         bigserial primary key,
    account_id integer     not null references base_account,
    subject    text        not null,
    status     text        not null default 'new',
    created_at timestamptz not null default now()
);
create index base_case_account on base_case (account_id, created_at desc);

create table base_message (
    id         bigserial primary key,
    case_id    bigint      not null references base_case,
    message_id text        not null unique,
    body       text        not null,
    created_at timestamptz not null default now()
);
create index base_message_case on base_message (case_id, id);

create table base_timer (
    id      bigserial primary key,
    case_id bigint      not null references base_case,
    due_at  timestamptz not null,
    done_at timestamptz
);
create index base_timer_due on base_timer (due_at) where done_at is null;
