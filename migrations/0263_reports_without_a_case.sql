-- +goose NO TRANSACTION
-- +goose Up
-- Reports that belong to no case, by when they came: whoever is erased may be named in those of their time.
create index concurrently if not exists inbound_messages_loose on inbound_messages (stored_at) where fate in ('bounce', 'auto_reply') and case_id is null;
