-- +goose Up
-- The files of a note lie among the files, as those of a mail of ours do; those of a mail that came lie in the mail.
alter table case_attachments add column blob bytea references blobs;
