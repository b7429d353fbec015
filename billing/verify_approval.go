package billing

// approvalChecks find approvals that nobody gave, and documents that name another request or case than they were approved
// for. An import's row that was refused while it was posted left its approval behind with nothing on it.
func approvalChecks(from since) []check {
	return []check{
		{"approval_is_decided", `select 'approval ' || a.id as "row", f.fault as detail from adjustment_approvals a
			cross join lateral approval_fault(a) as f(fault) where ` + from.approval() + ` and f.fault is not null
			and not exists (select 1 from import_rows i where i.id = a.import_row_id and i.state = 'failed'
				and not exists (select 1 from credit_memos m where m.approval_id = a.id))`},
		{"opening_credit_is_approved", `select 'payment ' || p.number as "row", f.fault as detail from payments p
			cross join lateral opening_credit_fault(p) as f(fault) where p.method = 'opening_balance' and f.fault is not null and ` + from.document("'payment'", "p.id")},
		{"document_names_its_cause", `select d.kind || ' ' || d.number as "row", f.fault as detail from (
				select 'credit memo' as kind, number, approval_id, credit_request_id, case_id from credit_memos where ` + from.document("'credit_memo'", "id") + `
				union all select 'refund', number, approval_id, credit_request_id, case_id from refunds where ` + from.document("'refund'", "id") + `
				union all select 'write-off', number, approval_id, credit_request_id, case_id from write_offs where ` + from.document("'write_off'", "id") + `
				union all select 'transfer', number, approval_id, credit_request_id, case_id from transfers where ` + from.document("'transfer'", "id") + `
				union all select 'reversal', number, approval_id, credit_request_id, case_id from reversals where ` + from.document("'reversal'", "id") + `
				union all select 'correction', number, approval_id, credit_request_id, case_id from invoices
					where approval_id is not null and ` + from.document("'invoice'", "id") + `) d
			cross join lateral cause_fault(d.approval_id, d.credit_request_id, d.case_id) as f(fault) where f.fault is not null`},
	}
}
