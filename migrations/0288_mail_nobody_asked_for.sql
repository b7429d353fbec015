-- +goose Up
-- Mail without a case used to answer what its reader did a moment ago. What nobody asked for, such as a statement of account, is not sent
-- to an address that is dead, and an answer to it opens a case that further answers join.
alter table outgoing_messages
    add column unasked boolean not null default false,
    add column answered_case_id bigint;
comment on column outgoing_messages.unasked is 'its reader did nothing that it answers: without a case too it is stopped where their address is dead';
comment on column outgoing_messages.answered_case_id is 'of a mail without a case: the one that its reader''s answer opened';
