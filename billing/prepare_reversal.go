package billing

import (
	"cmp"
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// reversible is a posted adjustment with what stands in the way of taking it back.
type reversible struct {
	ID         int64
	Number     string
	EntityID   EntityID
	CustomerID *CustomerID
	InvoiceID  *InvoiceID
	Currency   money.Currency
	Amount     decimal.Decimal
	Kind       string
	ApprovalID int64
	Reversed   *string // the reversal there is
	Elsewhere  bool    // it was to be issued in another system too
}

// readReversible finds the document a reversal names; ErrNoAdjustment when there is none.
func readReversible(ctx context.Context, r db.Reader, ref DocumentRef) (reversible, error) {
	var source string
	switch ref.Kind {
	case MemoDoc:
		source = `select id, number, entity_id, customer_id, invoice_id, currency, total as amount, kind, approval_id from credit_memos where origin = 'issued'`
	case DebitDoc:
		source = `select id, number, entity_id, customer_id, id as invoice_id, currency, total as amount, kind, approval_id from invoices where kind = 'debit_memo'`
	case RefundDoc:
		source = `select id, number, entity_id, customer_id, null::bigint as invoice_id, currency, amount, '' as kind, approval_id from refunds`
	case WriteOffDoc:
		source = `select id, number, entity_id, customer_id, null::bigint as invoice_id, currency, amount, '' as kind, approval_id from write_offs`
	case TransferDoc:
		source = `select id, number, entity_id, customer_id, null::bigint as invoice_id, currency, amount, '' as kind, approval_id from transfers`
	case ReversalDoc, InvoiceDoc:
		fallthrough
	default:
		return reversible{}, errs.InvalidField("reverses.kind", "billing.cannot_be_reversed")
	}
	doc, err := db.One[reversible](ctx, r, `select d.*, v.number as reversed,
			exists (select from gateway_postings g where $1 = 'credit_memo' and g.credit_memo_id = d.id) as elsewhere from (`+source+`) d
		left join reversals v on v.document_kind = $1 and v.document_id = d.id where d.id = $2`, ref.Kind, ref.ID)
	return found(doc, err, ErrNoAdjustment, "read document to reverse")
}

// prepareReversal works out the taking back of a posted adjustment. It refuses one that was taken back before, and one on
// which later adjustments stand, naming them.
func (s *Service) prepareReversal(ctx context.Context, r db.Reader, in AdjustmentInput) (Adjustment, error) {
	doc, err := readReversible(ctx, r, in.Reverses)
	if err != nil {
		return Adjustment{}, err
	}
	if doc.Reversed != nil {
		return Adjustment{}, errs.New(errs.Conflict, ErrReversedBefore.Key, "number", doc.Number, "reversal", *doc.Reversed)
	}
	if in.Reverses.Kind == RefundDoc {
		paid, err := s.PayoutOf(ctx, r, RefundID(doc.ID))
		if err != nil || paid != nil {
			return Adjustment{}, cmp.Or(err, error(errs.New(ErrRefundPaid.Kind, ErrRefundPaid.Key, "number", doc.Number)))
		}
	}
	if in.Reverses.Kind == RefundDoc {
		there, err := db.Value[bool](ctx, r, `select exists (select from refunds d where d.id = $1 and not (`+notPaidThere+`))`, doc.ID)
		if err != nil {
			return Adjustment{}, fmt.Errorf("look where a refund is paid: %w", err)
		}
		if there {
			return Adjustment{}, errs.New(errs.Conflict, "billing.refund_paid_there", "number", doc.Number)
		}
	}
	if blocker, err := s.blocker(ctx, r, in.Reverses.Kind, doc); err != nil || blocker != "" {
		if err == nil {
			err = errs.New(errs.Conflict, ErrReversalBlocked.Key, "number", doc.Number, "blocker", blocker)
		}
		return Adjustment{}, err
	}
	a := Adjustment{
		Kind: Reverse, EntityID: doc.EntityID, Currency: doc.Currency, ReasonCode: in.ReasonCode, Net: doc.Amount, Total: doc.Amount,
		Reverses: DocumentRef{Kind: in.Reverses.Kind, ID: doc.ID, Number: doc.Number},
	}
	if doc.CustomerID != nil {
		a.CustomerID = *doc.CustomerID
	}
	if doc.Kind == string(Rebill) {
		bill, err := db.One[Invoice](ctx, r, `select * from invoices where approval_id = $1`, doc.ApprovalID)
		if err != nil {
			return a, fmt.Errorf("read what a rebill charged: %w", err)
		}
		a.Billed.Net, a.Billed.Tax, a.Billed.Rounding = bill.Net, bill.Tax, bill.Rounding
	}
	return a, nil
}

// blocker names what was built on an adjustment and has to go first: a refund or transfer of its credit, a credit on or a
// write-off of what it billed, or a request that keeps a part of it; "" when nothing was.
func (s *Service) blocker(ctx context.Context, r db.Reader, kind DocumentKind, doc reversible) (string, error) {
	var query string
	args := []any{doc.ID}
	const notReversed = `not exists (select 1 from reversals v where v.document_kind = %s and v.document_id = %s)`
	switch kind {
	case MemoDoc, TransferDoc:
		query = `select number from (
			select f.number from refund_sources s join refunds f on f.id = s.refund_id
				where s.item_kind = '` + string(kind) + `' and s.item_id = $1 and ` + fmt.Sprintf(notReversed, `'refund'`, `f.id`) + `
			union all select t.number from transfers t where t.item_kind = '` + string(kind) + `' and t.item_id = $1 and ` + fmt.Sprintf(notReversed, `'transfer'`, `t.id`) + `
			union all select 'CR-' || lpad(credit_request_id::text, greatest(6, length(credit_request_id::text)), '0') from item_reservations
				where item_kind = '` + string(kind) + `' and item_id = $1 and state = 'held') b limit 1`
		if doc.Kind == string(Rebill) {
			query = `select number from (` + query + `) x union all ` + standingOn(`(select id from invoices where approval_id = $2)`)
			args = append(args, doc.ApprovalID)
		}
	case DebitDoc:
		query = standingOn(`($1)`)
	case RefundDoc, WriteOffDoc, ReversalDoc, InvoiceDoc:
		return "", nil
	}
	numbers, err := db.Values[string](ctx, r, query, args...)
	if err != nil {
		return "", fmt.Errorf("look for what stands on %s: %w", doc.Number, err)
	}
	if len(numbers) == 0 {
		return "", nil
	}
	return numbers[0], nil
}

// standingOn finds the credits posted on or requested for a bill, and what was written off of it.
func standingOn(invoices string) string {
	return `select number from (select m.number from credit_memos m where m.invoice_id in ` + invoices + `
			and not exists (select 1 from reversals v where v.document_kind = 'credit_memo' and v.document_id = m.id)
		union all select w.number from write_off_lines l join write_offs w on w.id = l.write_off_id where l.invoice_id in ` + invoices + `
			and not exists (select 1 from reversals v where v.document_kind = 'write_off' and v.document_id = w.id)
		union all select 'CR-' || lpad(credit_request_id::text, greatest(6, length(credit_request_id::text)), '0') from line_reservations where invoice_id in ` + invoices + ` and state = 'held') c limit 1`
}
