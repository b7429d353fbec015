-- +goose Up
-- By what the text of a mail names a picture within it; empty for a file that goes beside the text.
alter table outgoing_attachments add column content_id text not null default '';
