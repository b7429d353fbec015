-- +goose Up
-- Where electronic documents go, and whom to ask: the electronic addresses of both sides (EN 16931 BT-34, BT-49) and the
-- seller's telephone (BT-42).
alter table legal_entities
    add column phone text not null default '',
    add column endpoint_scheme text not null default '',
    add column endpoint_id text not null default '',
    add constraint entity_endpoint_is_whole check ((endpoint_scheme = '') = (endpoint_id = ''));
alter table customers
    add column endpoint_scheme text not null default '',
    add column endpoint_id text not null default '',
    add constraint customer_endpoint_is_whole check ((endpoint_scheme = '') = (endpoint_id = ''));
comment on column customers.endpoint_scheme is 'code of the Electronic Address Scheme list, such as 0088 for a GLN or 9930 for a German VAT number';
