-- +goose Up
-- The account in another system out of which a legal entity's records are read by themselves. Its key is one that need only read.
create table live_sources (
    entity_id bigint      primary key references legal_entities,
    system    text        not null check (system <> ''),
    sealed    bytea       not null,
    active    boolean     not null,
    set_at    timestamptz not null,
    set_by    bigint      not null,
    version   integer     not null default 1
);
comment on column live_sources.sealed is 'the key, sealed with the key of the installation';
comment on column live_sources.active is 'read once a day by itself; otherwise when somebody asks';
comment on column live_sources.system is 'the name under which its records are imported';
call grant_to_application();
