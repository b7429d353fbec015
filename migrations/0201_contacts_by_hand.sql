-- +goose Up
-- People of a customer are kept by hand too: changed as they were read, and retired instead of forgotten.
alter table contacts
    add column version    integer not null default 1 check (version >= 1),
    add column retired_at timestamptz;
comment on column contacts.retired_at is 'since when they no longer speak for the customer: mail from their address is a stranger''s; null while they do';

-- +goose Down
alter table contacts drop column retired_at, drop column version;
