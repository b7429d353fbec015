package billing

import "fmt"

// numbersCheck finds series with a number missing, or given and on no document: per legal entity, kind, series and fiscal
// year. Narrowed to what came after an entry it counts only the numbers given since.
func numbersCheck(from since) string {
	first := "1"
	if from.entry > 0 { // the lowest number that a document posted since has; without one there is nothing to count
		first = fmt.Sprintf(`coalesce((select min(d.sequence_no) from journal_entries e join documents d on d.kind = e.document_kind and d.id = e.document_id
			where e.id > %d and e.entity_id = s.entity_id and d.series = s.series and d.fiscal_year = s.fiscal_year), s.last_no)`, from.entry)
	}
	return `with documents as (
			select 'invoice' as kind, id, entity_id, series, fiscal_year, sequence_no from invoices
			union all select 'payment', id, entity_id, series, fiscal_year, sequence_no from payments
			union all select 'credit_memo', id, entity_id, series, fiscal_year, sequence_no from credit_memos
			union all select 'refund', id, entity_id, series, fiscal_year, sequence_no from refunds
			union all select 'write_off', id, entity_id, series, fiscal_year, sequence_no from write_offs
			union all select 'transfer', id, entity_id, series, fiscal_year, sequence_no from transfers
			union all select 'reversal', id, entity_id, series, fiscal_year, sequence_no from reversals
			union all select 'chargeback', id, entity_id, series, fiscal_year, sequence_no from chargebacks)
		select 'entity ' || l.code || ', ' || s.document_kind || ' ' || s.series || ' ' || s.fiscal_year as "row",
			used || ' documents from ' || first_no || ' up to ' || s.last_no || ', the last number given; the highest used is ' || coalesce(highest, 0) as detail
		from document_sequences s join legal_entities l on l.id = s.entity_id
		cross join lateral (select ` + first + ` as first_no) f
		cross join lateral (select numbers_used(s.document_kind, s.entity_id, s.series, s.fiscal_year, f.first_no, s.last_no) as used) u
		cross join lateral (select max(d.sequence_no) as highest from documents d
			where d.entity_id = s.entity_id and d.series = s.series and d.fiscal_year = s.fiscal_year) h
		where s.last_no > 0 and (used <> s.last_no - first_no + 1 or highest is distinct from s.last_no)`
}
