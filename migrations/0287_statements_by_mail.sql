-- +goose Up
-- A kept statement may be handed out by mail too.
alter table statement_copies
    add column outgoing_message_id bigint references outgoing_messages,
    drop constraint statement_copies_way_check,
    add constraint statement_copies_way_check check (way in ('screen', 'api', 'mail')) not valid;
comment on column statement_copies.outgoing_message_id is 'the mail it went with; null for the other ways';
