-- +goose Up
-- What is written off is gross: the tax that comes back by the entity's policy is a part of it, not on top of it. So it is in the
-- document and its digest; until now no request for such a write-off could be kept.
alter table credit_requests
    drop constraint credit_request_total,
    add constraint credit_request_total check (total = net + rounding + case kind when 'write_off' then 0 else tax end) not valid;
