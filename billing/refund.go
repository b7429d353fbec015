package billing

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// ByBank is how money goes where nobody says how.
const ByBank = document.BankTransfer

// RefundID names a refund.
type RefundID int64

// Refund is money paid back to a customer out of unapplied cash or credit.
type Refund struct {
	ID              RefundID
	EntityID        EntityID
	Number          string
	Series          string
	FiscalYear      int
	SequenceNo      int64
	CustomerID      CustomerID
	Currency        money.Currency
	Amount          decimal.Decimal
	RefundedOn      time.Time
	Method          string
	Destination     string          // where to, masked
	FxRate          decimal.Decimal // of RefundedOn: a refund has its own rate
	ReasonCode      string
	Explanation     string
	CreditRequestID int64
	ApprovalID      int64
	CaseID          *int64
	PostedAt        time.Time
}

// WriteOffID names a write-off.
type WriteOffID int64

// WriteOffDocument is what was given up as uncollectable, on one or many invoices. TaxRelief is the part of Amount that
// is tax and comes back.
type WriteOffDocument struct {
	ID              WriteOffID
	EntityID        EntityID
	Number          string
	Series          string
	FiscalYear      int
	SequenceNo      int64
	CustomerID      *CustomerID // nil for a batch over several customers
	Currency        money.Currency
	Amount          decimal.Decimal
	TaxRelief       decimal.Decimal
	WrittenOffOn    time.Time
	ReasonCode      string
	Explanation     string
	CreditRequestID int64
	ApprovalID      int64
	CaseID          *int64
	PostedAt        time.Time
}

// TableName tells GORM where write-offs live.
func (WriteOffDocument) TableName() string { return "write_offs" }

// TransferID names a transfer.
type TransferID int64

// Transfer moved unapplied cash or credit to another customer of the family, where it is an open item of its own.
type Transfer struct {
	ID              TransferID
	EntityID        EntityID
	Number          string
	Series          string
	FiscalYear      int
	SequenceNo      int64
	ItemKind        ItemKind
	ItemID          int64
	CustomerID      CustomerID
	ToCustomerID    CustomerID
	Currency        money.Currency
	Amount          decimal.Decimal
	FxRate          decimal.Decimal
	MovedOn         time.Time
	ReasonCode      string
	Explanation     string
	CreditRequestID int64
	ApprovalID      int64
	CaseID          *int64
	PostedAt        time.Time
}

// Reversal took a posted adjustment back: afterwards everything stands as before it.
type Reversal struct {
	ID              int64
	EntityID        EntityID
	Number          string
	Series          string
	FiscalYear      int
	SequenceNo      int64
	DocumentKind    DocumentKind
	DocumentID      int64
	CustomerID      *CustomerID
	Currency        money.Currency
	Amount          decimal.Decimal
	ReversedOn      time.Time
	ReasonCode      string
	Explanation     string
	CreditRequestID int64
	ApprovalID      int64
	CaseID          *int64
	PostedAt        time.Time
}

// Refundable is what may still be paid back to a customer in a currency: cash received less what was refunded and
// charged back. Tax that was withheld is no cash, and neither is a credit, to whomever it was moved. The same figure binds screens, API,
// import, posting and the database.
func (s *Service) Refundable(ctx context.Context, r db.Reader, customer CustomerID, currency money.Currency) (money.Amount, error) {
	left, err := refundable(ctx, r, customer, currency)
	return money.Of(left, currency), err
}

func refundable(ctx context.Context, r db.Reader, customer CustomerID, currency money.Currency) (decimal.Decimal, error) {
	left, err := db.Value[decimal.Decimal](ctx, r, `select cash_refundable($1, $2)`, customer, currency)
	if err != nil {
		return decimal.Zero, fmt.Errorf("add up what is refundable: %w", err)
	}
	return left, nil
}

// refundableOnInvoice is the cash that settled an invoice, less what its credit memos refunded.
func refundableOnInvoice(ctx context.Context, r db.Reader, id InvoiceID) (decimal.Decimal, error) {
	left, err := db.Value[decimal.Decimal](ctx, r, `select
		coalesce((select sum(a.amount) from allocations a join payments p on p.id = a.source_id and p.method <> 'withholding'
			where a.invoice_id = $1 and a.source_kind = 'payment'), 0)
		- coalesce((select sum(to_refund) from credit_memos m where m.invoice_id = $1
			and not exists (select 1 from reversals v where v.document_kind = 'credit_memo' and v.document_id = m.id)
			and not exists (select 1 from refunds f join reversals v on v.document_kind = 'refund' and v.document_id = f.id
				where f.approval_id = m.approval_id)), 0)`, id)
	if err != nil {
		return decimal.Zero, fmt.Errorf("add up what is refundable on the invoice: %w", err)
	}
	return left, nil
}

// checkRefundable refuses to pay out more than was received, and says what may be.
func checkRefundable(ctx context.Context, r db.Reader, a Adjustment) error {
	amount, field := a.ToRefund, "refund"
	if a.Kind == RefundOut {
		amount, field = a.Total, "items"
	}
	left, err := refundable(ctx, r, a.CustomerID, a.Currency)
	if err != nil {
		return err
	}
	if a.InvoiceID != 0 {
		onInvoice, err := refundableOnInvoice(ctx, r, a.InvoiceID)
		if err != nil {
			return err
		}
		left = decimal.Min(left, onInvoice)
	}
	if amount.GreaterThan(left) {
		return errs.InvalidField(field, "billing.nothing_to_refund", "refundable", a.SumOf(decimal.Max(left, decimal.Zero)).String())
	}
	return nil
}
