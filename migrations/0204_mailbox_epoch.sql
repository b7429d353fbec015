-- +goose Up
-- Another server, account or folder numbers its mail by itself, perhaps under the same UIDVALIDITY: each begins an epoch.
alter table mailboxes add column epoch integer not null default 0;
comment on column mailboxes.epoch is 'raised when server, account or folder change; in front of the 32 bits of UIDVALIDITY it makes uid_validity, here and of messages';

-- +goose Down
alter table mailboxes drop column epoch;
