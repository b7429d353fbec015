package billing

import (
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

// Kind says why money is given back, which decides the account it is booked on.
type Kind string

// The kinds of adjustment.
const (
	BillingError Kind = "billing_error"
	Concession   Kind = "concession"
	SLACredit    Kind = "sla_credit"
)

// AdjustmentInput is what somebody proposes to give back on an invoice.
type AdjustmentInput struct {
	Kind       Kind
	InvoiceID  InvoiceID
	ReasonCode string
	Lines      []AdjustLine
}

// AdjustLine is the proposed net on one invoice line.
type AdjustLine struct {
	InvoiceLineID InvoiceLineID
	Net           decimal.Decimal
	Quantity      *decimal.Decimal
}

// Adjustment is a proposal worked out to the last cent: what would be posted if it were approved as it is. ToInvoice
// and ToBalance are as of the moment of preparation; they are decided when the memo is posted.
type Adjustment struct {
	Kind          Kind
	EntityID      EntityID
	CustomerID    CustomerID
	InvoiceID     InvoiceID
	InvoiceNumber string
	Currency      money.Currency
	ReasonCode    string
	Lines         []AdjustmentLine
	Taxes         []AdjustmentTax
	Net           decimal.Decimal
	Tax           decimal.Decimal
	Total         decimal.Decimal
	InvoiceOpen   decimal.Decimal
	ToInvoice     decimal.Decimal
	ToBalance     decimal.Decimal
}

// AdjustmentLine is the part of an adjustment on one invoice line.
type AdjustmentLine struct {
	InvoiceLineID InvoiceLineID
	Description   string
	Quantity      *decimal.Decimal
	Net           decimal.Decimal
	TaxCategory   string
	TaxRate       decimal.Decimal
	TaxShare      decimal.Decimal
}

// AdjustmentTax is the part of an adjustment on one tax group of the invoice.
type AdjustmentTax struct {
	InvoiceTaxID InvoiceTaxID
	Category     string
	Rate         decimal.Decimal
	Net          decimal.Decimal
	Tax          decimal.Decimal
}

// Amount is a sum in the adjustment's currency.
func (a Adjustment) Amount(value decimal.Decimal) money.Amount { return money.Of(value, a.Currency) }

// Digest is the SHA-256 over everything an approver decides on: request, kind, parties, invoice, reason, sums, every
// line and every tax. The database's credit_memo_digest computes the same from a posted memo, and refuses the memo
// if no approval carries it.
func (a Adjustment) Digest(creditRequestID int64) []byte {
	parts := []string{
		"adjustment/1", strconv.FormatInt(creditRequestID, 10), string(a.Kind), id(a.EntityID), id(a.CustomerID),
		id(a.InvoiceID), string(a.Currency), a.ReasonCode, a.Net.String(), a.Tax.String(),
	}
	for _, l := range slices.SortedFunc(slices.Values(a.Lines), func(x, y AdjustmentLine) int {
		return int(x.InvoiceLineID - y.InvoiceLineID)
	}) {
		parts = append(parts, "l"+id(l.InvoiceLineID)+":"+l.Net.String())
	}
	for _, t := range slices.SortedFunc(slices.Values(a.Taxes), func(x, y AdjustmentTax) int {
		return int(x.InvoiceTaxID - y.InvoiceTaxID)
	}) {
		parts = append(parts, "t"+id(t.InvoiceTaxID)+":"+t.Net.String()+":"+t.Tax.String())
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "|")))
	return sum[:]
}

func id[T ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }
