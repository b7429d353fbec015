-- +goose Up
-- What was submitted is sealed with its rows, too: its case and cause, what was compared with limits, and its lines with the dispute lines
-- they settle.
alter table credit_request_seals add column of_rows bytea not null default '' check (octet_length(of_rows) in (0, 32));
comment on column credit_request_seals.of_rows is 'SHA-256 of what credit_request_rows names; empty of versions sealed before there was one';
-- +goose StatementBegin
create function credit_request_rows(r credit_requests) returns bytea language plpgsql stable as $$
begin
    return sha256(convert_to(jsonb_build_array(r.case_id, r.root_cause_id, r.kind, r.authority_kind, r.customer_id, r.family_id, r.entity_id, r.invoice_id,
        r.reason_code, r.requester_id, r.editor_ids, trim_scale(r.authority_amount), trim_scale(r.authority_rate), trim_scale(r.window_amount),
        (select jsonb_agg(jsonb_build_array(l.invoice_line_id, l.dispute_line_id, l.description, trim_scale(l.quantity), trim_scale(l.amount), trim_scale(l.net),
            l.tax_category, trim_scale(l.tax_rate), trim_scale(l.tax_share)) order by l.invoice_line_id) from credit_request_lines l where l.credit_request_id = r.id),
        (select jsonb_agg(jsonb_build_array(t.invoice_tax_id, t.code, t.category, trim_scale(t.rate), trim_scale(t.net), trim_scale(t.tax)) order by t.invoice_tax_id)
            from credit_request_taxes t where t.credit_request_id = r.id),
        (select jsonb_agg(jsonb_build_array(g.invoice_id, g.family_id, trim_scale(g.amount), trim_scale(g.authority_amount)) order by g.invoice_id)
            from credit_request_invoices g where g.credit_request_id = r.id))::text, 'UTF8'));
end
$$;
-- +goose StatementEnd
