-- +goose Up
-- Credit requests of every kind of adjustment: also without an invoice, over several customers, and naming what they became.
alter table credit_requests
    drop constraint credit_requests_kind_check,
    add constraint credit_requests_kind_check check (kind in ('billing_error','concession','sla_credit','rebill','debit','refund','write_off','transfer','reversal')),
    alter column customer_id drop not null,
    alter column family_id drop not null,
    alter column invoice_id drop not null,
    drop constraint credit_requests_check,
    add column rounding numeric(20,4) not null default 0,
    add constraint credit_request_total check (total = net + tax + rounding),
    add column content jsonb,
    add column document_kind text not null default '',
    add column document_id bigint,
    add column document_number text not null default '';
comment on column credit_requests.customer_id is 'null for a batch over several customers';
comment on column credit_requests.content is 'the adjustment as it was frozen: what the digest is taken over and what is posted';
comment on column credit_requests.document_number is 'what the request became: a credit memo, a refund, a write-off, …';
update credit_requests r set document_kind = 'credit_memo', document_id = m.id, document_number = m.number from credit_memos m where m.id = r.memo_id;

alter table credit_request_lines
    add column amount numeric(20,4),
    drop constraint credit_request_lines_net_check, add constraint credit_request_lines_net_check check (net >= 0);
update credit_request_lines set amount = net;
alter table credit_request_lines alter column amount set not null;
comment on column credit_request_lines.amount is 'in the price basis of the invoice: with tax where its prices include it';
alter table credit_request_taxes
    add column code text not null default '',
    drop constraint credit_request_taxes_net_check, add constraint credit_request_taxes_net_check check (net >= 0);
