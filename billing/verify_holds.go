package billing

// holdChecks are about what is disputed: it is within what is open, every hold says what became of all it was asked for, and a
// dispute that is not decided has its hold.
func holdChecks(from since) []check {
	return []check{
		{"held_is_sum_of_holds", `select 'invoice ' || o.number as "row", 'held ' || o.held || ', holds ' || coalesce(sum(h.amount), 0) as detail
			from open_items o left join holds h on h.invoice_id = o.document_id and h.released_at is null
			where o.kind = 'invoice' and ` + from.item("o.kind", "o.document_id") + ` group by o.document_id, o.number, o.held having o.held <> coalesce(sum(h.amount), 0)`},
		{"held_is_within_open", `select o.kind || ' ' || o.number as "row", 'held ' || o.held || ' of ' || o.open || ' open' as detail
			from open_items o where ` + from.item("o.kind", "o.document_id") + ` and o.held > case o.kind when 'invoice' then o.open else 0 end`},
		{"hold_adds_up", `select 'hold of dispute ' || h.dispute_line_id as "row", 'kept ' || h.amount || ', paid ' || h.paid || ', credited ' || h.credited
				|| ', written off ' || h.written_off || ' of ' || h.wanted as detail
			from holds h where ` + from.item("'invoice'", "h.invoice_id") + ` and h.wanted > 0 and h.wanted <> h.amount + h.paid + h.credited + h.written_off`},
		{"dispute_has_its_hold", `select 'dispute ' || d.id as "row", d.status || ', contested ' || d.contested || ', hold of ' || h.wanted
				|| case when h.released_at is null then '' else ', released' end as detail
			from dispute_lines d join holds h on h.dispute_line_id = d.id where ` + from.item("'invoice'", "h.invoice_id") + `
				and case when d.status in ('open', 'under_review') then h.released_at is not null or h.wanted not in (0, d.contested) else h.released_at is null end`},
	}
}
