-- +goose Up
-- What a virus scanner found in a message: such a message is delivered to nobody, whatever else becomes of it.
alter table inbound_messages add column infected text not null default '';
comment on column inbound_messages.infected is 'the name of what the scanner found; empty when it found nothing or was not asked';

-- Whether a message of a case has a part in HTML, which can be shown as its sender saw it.
alter table case_messages add column formatted boolean not null default false;
update case_messages m set formatted = true
    from inbound_raw r where r.inbound_message_id = m.inbound_message_id and r.content is not null
        and position('text/html'::bytea in substring(r.content from 1 for 65536)) > 0;
