-- +goose Up
-- Cases that have to do with each other, one link between two of them. It is read from both sides.
create table case_links (
    case_id  bigint      not null references cases,
    other_id bigint      not null references cases,
    kind     text        not null check (kind in ('related','duplicate_of','same_cause')),
    at       timestamptz not null,
    primary key (case_id, other_id),
    check (case_id <> other_id)
);
comment on column case_links.kind is 'what case_id is to other_id; only duplicate_of reads differently from the other side';
create unique index case_links_once on case_links (least(case_id, other_id), greatest(case_id, other_id));
create index case_links_other on case_links (other_id);
call grant_to_application();
