-- +goose NO TRANSACTION
-- +goose Up
-- The mails that have not simply been sent, the latest first: they are few, and listed at every look at the outbox.
create index concurrently if not exists outgoing_messages_few on outgoing_messages (state, id)
    where state in ('queued', 'sending', 'bounced', 'failed', 'unknown', 'cancelled', 'stopped');
