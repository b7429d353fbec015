-- +goose Up
-- Customers who do not answer: when each legal entity reminds them, and when their cases are closed. An entity that nothing was said of does the usual.
create table waiting_rules (
    entity_id    bigint primary key references legal_entities,
    remind_days  integer[]   not null,
    close_days   integer     not null,
    active_since timestamptz,
    version      integer     not null default 1,
    check (cardinality(remind_days) <= 3 and array_position(remind_days, null) is null),
    check (close_days between 0 and 365),
    check (cardinality(remind_days) = 0 or close_days = 0 or close_days > remind_days[cardinality(remind_days)])
);
comment on column waiting_rules.remind_days is 'days after our question, ascending; none: nobody is reminded';
comment on column waiting_rules.close_days is 'days after our question; 0: no case is closed for want of an answer';
comment on column waiting_rules.active_since is 'what was asked before is left alone; null: nothing is';
call grant_to_application();

-- Who works with cases that wait since before this step is not surprised by a heap of mails.
insert into waiting_rules (entity_id, remind_days, close_days, active_since) select id, '{7}', 14, now() from legal_entities;
