package billing

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// Refundable is what may still be paid back to a customer in a currency: cash received less what was refunded and charged back, and less
// what pending requests are to pay back. Tax that was withheld is no cash, and neither is a credit, to whomever it was moved or wherever it
// was taken over from. What a credit note paid back in another system counts as refunded once it is brought in, and so does
// what one of ours settled outside. The same figure binds screens,
// API, import, posting and the database.
func (s *Service) Refundable(ctx context.Context, r db.Reader, customer CustomerID, currency money.Currency) (money.Amount, error) {
	a := Adjustment{CustomerID: customer, Currency: currency}
	there, err := cashFor(ctx, r, a)
	if err != nil {
		return money.Amount{}, err
	}
	kept, err := cashKept(ctx, r, a)
	return money.Of(there.less(kept).left(a), currency), err
}

// cash is what can be paid out: of all that a customer has with us, and of what settled the invoice of a credit.
type cash struct {
	OfCustomer decimal.Decimal
	OfInvoice  decimal.Decimal
}

func (c cash) less(other cash) cash {
	return cash{c.OfCustomer.Sub(other.OfCustomer), c.OfInvoice.Sub(other.OfInvoice)}
}

// left is what an adjustment may pay out of it.
func (c cash) left(a Adjustment) decimal.Decimal {
	if a.InvoiceID != 0 {
		return decimal.Min(c.OfCustomer, c.OfInvoice)
	}
	return c.OfCustomer
}

// cashFor is the cash there is for an adjustment: received and not paid back. Of an invoice it is what settled it, less what its credit
// memos refunded or settled outside, here or where they came from.
func cashFor(ctx context.Context, r db.Reader, a Adjustment) (cash, error) {
	there, err := db.One[cash](ctx, r, `select cash_refundable($1, $2) as of_customer,
		coalesce((select sum(a.amount) from allocations a join payments p on p.id = a.source_id and is_cash(p)
			where a.invoice_id = $3 and a.source_kind = 'payment'), 0)
		- coalesce((select sum(gone_with(m)) from credit_memos m where m.invoice_id = $3 and m.settled_outside > 0
			and not exists (select 1 from reversals v where v.document_kind = 'credit_memo' and v.document_id = m.id)), 0)
		- coalesce((select sum(to_refund) from credit_memos m where m.invoice_id = $3
			and not exists (select 1 from reversals v where v.document_kind = 'credit_memo' and v.document_id = m.id)
			and not exists (select 1 from refunds f join reversals v on v.document_kind = 'refund' and v.document_id = f.id
				where f.approval_id = m.approval_id)), 0) as of_invoice`, a.CustomerID, a.Currency, a.InvoiceID)
	if err != nil {
		return there, fmt.Errorf("add up what is refundable: %w", err)
	}
	return there, nil
}

// cashKept is what pending requests are to pay out of it.
func cashKept(ctx context.Context, r db.Reader, a Adjustment) (cash, error) {
	kept, err := db.One[cash](ctx, r, `select coalesce(sum(amount), 0) as of_customer, coalesce(sum(amount) filter (where invoice_id = $3), 0) as of_invoice
		from refund_reservations where customer_id = $1 and currency = $2 and state = 'held'`, a.CustomerID, a.Currency, a.InvoiceID)
	if err != nil {
		return kept, fmt.Errorf("add up what is to be paid out: %w", err)
	}
	return kept, nil
}

// paysOut is what an adjustment pays out, zero for most.
func (a Adjustment) paysOut() decimal.Decimal {
	if a.Kind == RefundOut {
		return a.Total
	}
	return a.ToRefund
}

// checkRefundable refuses to propose more than was received and no other request is to pay out, and says what may be.
func checkRefundable(ctx context.Context, r db.Reader, a Adjustment) error {
	there, err := cashFor(ctx, r, a)
	if err != nil {
		return err
	}
	kept, err := cashKept(ctx, r, a)
	if err != nil {
		return err
	}
	return a.within(there.less(kept))
}

// within refuses to pay out more than there is, with what the same credit settles outside.
func (a Adjustment) within(there cash) error {
	left := there.left(a).Sub(a.SettledOutside)
	if !a.paysOut().IsPositive() || !a.paysOut().GreaterThan(left) {
		return nil
	}
	field := "refund"
	if a.Kind == RefundOut {
		field = "items"
	}
	return errs.InvalidField(field, "billing.nothing_to_refund", "refundable", a.SumOf(decimal.Max(left, decimal.Zero)).String())
}

// queuePayout lines up that a request keeps what it is to pay out.
func queuePayout(batch *pgx.Batch, request int64, a Adjustment, tx *db.Tx) {
	if !a.paysOut().IsPositive() {
		return
	}
	batch.Queue(`insert into refund_reservations (credit_request_id, customer_id, currency, invoice_id, amount, state, reserved_at)
		values ($1, $2, $3, $4, $5, 'held', $6)
		on conflict (credit_request_id) do update set customer_id = excluded.customer_id, currency = excluded.currency, invoice_id = excluded.invoice_id,
			amount = excluded.amount, state = 'held', reserved_at = excluded.reserved_at`,
		request, a.CustomerID, a.Currency, orNull(a.InvoiceID), a.paysOut(), tx.Now())
}

// endPayout is the statement that ends what a request keeps of a customer's cash.
func endPayout(state string) string {
	return `update refund_reservations set state = '` + state + `' where credit_request_id = $1 and state = 'held'`
}

// lockPayouts locks what postings that pay out take from, then the families of who is paid, each in one order and ahead of the numbers: of
// two refunds at once the second sees what the first paid out.
func lockPayouts(ctx context.Context, tx *db.Tx, list []PostAdjustment) error {
	var items []ItemPart
	var customers []CustomerID
	for _, in := range list {
		if in.Adjustment.paysOut().IsPositive() {
			items, customers = append(items, in.Adjustment.otherItems()...), append(customers, in.Adjustment.CustomerID)
		}
	}
	if len(items) > 0 {
		if _, err := readItems(ctx, tx, items, true); err != nil {
			return err
		}
	}
	return lockFamilies(ctx, tx, customers)
}

// lockFamilies locks the families of customers in the order of their ids.
func lockFamilies(ctx context.Context, tx *db.Tx, customers []CustomerID) error {
	if len(customers) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `select from customers where id in (select family_id from customers where id = any ($1)) order by id for no key update`, customers); err != nil {
		return fmt.Errorf("lock families: %w", err)
	}
	return nil
}

// payOut looks once more, under the lock of the family, whether so much was received, and ends what the request kept of it. What other
// requests keep does not count here: where cash went meanwhile, the first that is posted has what is left.
func (p *posting) payOut(ctx context.Context) error {
	there, err := cashFor(ctx, p.tx, p.a)
	if err != nil {
		return err
	}
	if err := p.a.within(there); err != nil {
		return err
	}
	if _, err := p.tx.Exec(ctx, endPayout("used"), p.in.CreditRequestID); err != nil {
		return fmt.Errorf("use reservation: %w", err)
	}
	return nil
}
