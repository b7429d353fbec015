-- +goose Up
-- Files of mail by their content. Small ones and new ones lie in the database; large ones may be moved to a folder or an
-- S3 bucket, where they are found by the same hash.
create table blobs (
    sha256     bytea       primary key check (octet_length(sha256) = 32),
    size       bigint      not null check (size >= 0),
    content    bytea       check (octet_length(content) = size),
    touched_at timestamptz not null
);
comment on column blobs.content is 'null: the file lies outside, under its hash';
comment on column blobs.touched_at is 'when somebody last said they would name this file; only what nobody named long after is collected';
create index blobs_to_move on blobs (touched_at) where octet_length(content) >= 65536;
create index blobs_outside on blobs (sha256) where content is null;

-- A file's bytes never change: they may only leave the database or come back to it whole.
-- +goose StatementBegin
create function blob_moves_only() returns trigger language plpgsql as $$
begin
    if new.sha256 <> old.sha256 or new.size <> old.size
        or new.content is not null and (old.content is null and sha256(new.content) <> new.sha256 or old.content is not null and new.content <> old.content) then
        raise exception 'the bytes of a kept file do not change' using errcode = 'restrict_violation', constraint = 'blob_moves_only';
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger blob_moves_only before update on blobs for each row execute function blob_moves_only();

-- Raw mail stays as it came; where it lies is all that may change, and only for bytes that have the same hash.
drop trigger immutable_rows on inbound_raw;
alter table inbound_raw
    alter column content drop not null,
    add column blob bytea references blobs,
    add constraint raw_lies_somewhere check (num_nonnulls(content, blob) = 1);
create index inbound_raw_blob on inbound_raw (blob) where blob is not null;
create index inbound_raw_to_move on inbound_raw (inbound_message_id) where octet_length(content) >= 65536;
-- +goose StatementBegin
create function raw_moves_only() returns trigger language plpgsql as $$
declare
    was bytea := coalesce(old.blob, sha256(old.content));
begin
    if tg_op = 'UPDATE' and new.inbound_message_id = old.inbound_message_id and was = coalesce(new.blob, sha256(new.content)) then
        return new;
    end if;
    raise exception '% of raw mail is refused', tg_op using errcode = 'restrict_violation', constraint = 'posted_rows_are_immutable', table = tg_table_name;
end
$$;
-- +goose StatementEnd
create trigger raw_moves_only before update or delete on inbound_raw for each row execute function raw_moves_only();

alter table outgoing_attachments
    alter column content drop not null,
    add column blob bytea references blobs,
    add column size bigint,
    add constraint attachment_lies_somewhere check (num_nonnulls(content, blob) = 1),
    add constraint attachment_has_a_size check (content is not null or size is not null);
comment on column outgoing_attachments.size is 'in bytes; known where the content is not here';
create index outgoing_attachments_blob on outgoing_attachments (blob) where blob is not null;

call grant_to_application();
-- +goose StatementBegin
do $$
begin
    grant update on inbound_raw to makegood_app;
end
$$;
-- +goose StatementEnd
