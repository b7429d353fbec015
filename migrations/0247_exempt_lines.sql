-- +goose Up
-- The exemption under which a line of an invoice bears no tax.
alter table invoice_lines add column exemption_id bigint references tax_exemptions;
