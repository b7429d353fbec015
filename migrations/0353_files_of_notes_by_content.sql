-- +goose NO TRANSACTION
-- +goose Up
create index concurrently if not exists case_attachments_blob on case_attachments (blob) where blob is not null;
