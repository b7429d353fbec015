package billing

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
)

// Link says how a document belongs to the history of an invoice.
type Link string

// The links. The first two lead to the invoice that this one corrects, all others to what corrects this one.
const (
	Replaces      Link = "replaces"        // a rebill: the invoice it is in place of
	ChargesMoreOn Link = "charges_more_on" // a debit memo: the invoice it is about
	ReplacedBy    Link = "replaced_by"     // the invoice of a rebill
	ChargedBy     Link = "charged_by"      // a debit memo that charges more
	CreditedBy    Link = "credited_by"     // a credit memo
	WrittenOffBy  Link = "written_off_by"  // a write-off, with its part on this invoice
	RefundedBy    Link = "refunded_by"     // a refund out of a credit memo on this invoice
	MovedBy       Link = "moved_by"        // a transfer of such a credit to another customer
	TakenBackBy   Link = "taken_back_by"   // the reversal of one of these, or of this debit memo
)

// Correction is a document in the history of an invoice. Amount is in the invoice's currency, positive, of the document or of
// the part of it that is about this invoice.
type Correction struct {
	Link     Link
	Kind     string // of the document, as the journal names it, or debit_memo
	Number   string
	On       time.Time
	PostedAt time.Time
	Amount   decimal.Decimal
	About    string // the document that a refund or transfer comes out of, or that a reversal takes back; "" for this invoice
}

// Corrects tells whether the document put something right on the invoice: it was credited, charged more, written off, or one
// of these was taken back. A rebill is one correction, told by its memo; where the money went afterwards is none.
func (c Correction) Corrects() bool {
	switch c.Link {
	case ChargedBy, CreditedBy, WrittenOffBy, TakenBackBy:
		return true
	case Replaces, ChargesMoreOn, ReplacedBy, RefundedBy, MovedBy:
	}
	return false
}

// Corrections lists what an invoice corrects and what corrected it, both ways, in the order of posting.
func (s *Service) Corrections(ctx context.Context, r db.Reader, id InvoiceID) ([]Correction, error) {
	list, err := db.List[Correction](ctx, r, correctionsQuery, id)
	if err != nil {
		return nil, fmt.Errorf("read corrections: %w", err)
	}
	return list, nil
}

const correctionsQuery = `with self as (select * from invoices where id = $1),
	documents as (
		select case i.kind when 'debit_memo' then 'charged_by' else 'replaced_by' end as link, i.kind, i.id, i.number, i.issued_on as "on", i.posted_at, i.total as amount, '' as about
			from invoices i where i.corrects_id = $1
		union all select 'credited_by', 'credit_memo', m.id, m.number, m.issued_on, m.posted_at, m.total, '' from credit_memos m where m.invoice_id = $1
		union all select 'written_off_by', 'write_off', w.id, w.number, w.written_off_on, w.posted_at, l.amount, '' from write_off_lines l join write_offs w on w.id = l.write_off_id where l.invoice_id = $1
		union all select 'refunded_by', 'refund', f.id, f.number, f.refunded_on, f.posted_at, s.amount, m.number from credit_memos m
			join refund_sources s on s.item_kind = 'credit_memo' and s.item_id = m.id join refunds f on f.id = s.refund_id where m.invoice_id = $1
		union all select 'moved_by', 'transfer', t.id, t.number, t.moved_on, t.posted_at, t.amount, m.number from credit_memos m
			join transfers t on t.item_kind = 'credit_memo' and t.item_id = m.id where m.invoice_id = $1),
	reversible as (select kind, id, number from documents where link <> 'replaced_by'
		union all select 'debit_memo', id, '' from self where kind = 'debit_memo'
		union all select 'credit_memo', m.id, m.number from self s join credit_memos m on m.approval_id = s.approval_id where s.kind = 'invoice')
	select case s.kind when 'debit_memo' then 'charges_more_on' else 'replaces' end as link, o.kind, o.number, o.issued_on as "on", s.posted_at, o.total as amount, '' as about
		from self s join invoices o on o.id = s.corrects_id
	union all select link, kind, number, "on", posted_at, amount, about from documents
	union all select 'taken_back_by', 'reversal', v.number, v.reversed_on, v.posted_at, v.amount, d.number from reversible d
		join reversals v on v.document_kind = d.kind and v.document_id = d.id
	order by posted_at, link, number`
