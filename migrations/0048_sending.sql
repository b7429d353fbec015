-- +goose Up
-- Sending with care: the keys mails are signed with, and how much may leave at once.
create table dkim_keys (
    domain             text primary key check (domain = lower(domain) and domain <> ''),
    selector           text not null check (selector = lower(selector) and selector <> ''),
    algorithm          text not null check (algorithm in ('rsa','ed25519')),
    private_key_sealed bytea not null,
    public_key         bytea not null,
    active             boolean not null default false,
    version            integer not null default 1,
    changed_at         timestamptz not null
);
comment on table dkim_keys is 'one for each domain that mails of ours come from; without an active one they leave unsigned';
comment on column dkim_keys.public_key is 'as it stands after p= in the record: DER for RSA, the bare 32 bytes for Ed25519';

create table mail_bounds (
    only_one           boolean primary key default true check (only_one),
    sender_per_hour    integer not null default 100000 check (sender_per_hour between 0 and 1000000),
    recipient_per_hour integer not null default 500 check (recipient_per_hour between 0 and 10000),
    acks_per_hour      integer not null default 20 check (acks_per_hour between 1 and 1000),
    echoes_per_day     integer not null default 1 check (echoes_per_day between 0 and 100),
    version            integer not null default 1
);
comment on column mail_bounds.sender_per_hour is 'mails of one sender address that leave at once; what is more waits its turn. 0: no bound';
comment on column mail_bounds.recipient_per_hour is 'the same for one reader';
comment on column mail_bounds.acks_per_hour is 'automatic mails an address gets within an hour before acknowledgements to it are held';
comment on column mail_bounds.echoes_per_day is 'acknowledgements an address gets within a day for mail that answers automatic mail of ours';
insert into mail_bounds default values;

create table mail_pace (
    key     text primary key,
    free_at timestamptz not null
);
comment on table mail_pace is 'the moment up to which the turns of a sender (s:address) or a reader (r:address) are given out';

alter table outgoing_messages add column paced boolean not null default false;
comment on column outgoing_messages.paced is 'it had to wait for its turn, and its not_before is that turn';
call grant_to_application();
