-- +goose Up
-- Credit requests of every kind, in the words of those who ask: what was proposed beside what was frozen, whose limits
-- decide, and which invoices of which families a write-off gives up.
alter table credit_requests
    add column authority_kind text not null default '',
    add column proposal jsonb;
comment on column credit_requests.authority_kind is 'whose limits decide it: its own kind, or for a reversal the kind of what is taken back';
comment on column credit_requests.proposal is 'what was asked for, as it was asked; a draft is worked out anew from it';
comment on column credit_requests.invoice_id is 'the invoice it concerns; null on account and where it concerns several';
update credit_requests set authority_kind = kind;
update credit_requests r set proposal = jsonb_build_object('CaseID', r.case_id, 'Kind', r.kind, 'InvoiceID', r.invoice_id,
    'ReasonCode', r.reason_code, 'RootCauseID', r.root_cause_id, 'Explanation', r.explanation, 'CustomerNote', r.customer_note,
    'Lines', (select jsonb_agg(jsonb_build_object('InvoiceLineID', l.invoice_line_id, 'Net', trim_scale(l.amount)::text,
            'Quantity', trim_scale(l.quantity)::text, 'DisputeLineID', l.dispute_line_id) order by l.invoice_line_id)
        from credit_request_lines l where l.credit_request_id = r.id))
    where r.kind in ('billing_error', 'concession', 'sla_credit');

create table credit_request_invoices (
    credit_request_id bigint not null references credit_requests,
    invoice_id        bigint not null references invoices,
    family_id         bigint not null references customers,
    amount            numeric(20,4) not null check (amount > 0),
    authority_amount  numeric(20,4) not null,
    primary key (credit_request_id, invoice_id)
);
comment on table credit_request_invoices is 'what a write-off gives up on each invoice, so that it counts with whom it is given to';
create index credit_request_invoices_invoice on credit_request_invoices (invoice_id);
create index credit_request_invoices_family on credit_request_invoices (family_id);
create index credit_requests_document on credit_requests (document_kind, document_id) where document_id is not null;
create index credit_requests_reversal on credit_requests ((content -> 'Reverses' ->> 'kind'), (content -> 'Reverses' ->> 'id')) where kind = 'reversal';

alter table credit_request_evidence
    add column sheet_id bigint,
    add column sha256 bytea check (octet_length(sha256) = 32);
comment on column credit_request_evidence.sheet_id is 'the calculation sheet it stands for';
comment on column credit_request_evidence.sha256 is 'hash of that sheet, or of a document, as it was when it was added';

call grant_to_application();
