package billing

import (
	"fmt"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
)

// PaperBooks credits one invoice by the rules alone, without a database, so that properties can run many thousand times.
// The rules are the very functions that PrepareAdjustment and useReservation go by.
type PaperBooks struct {
	c creditedInvoice
}

// NewPaperBooks prices an invoice and opens its balances.
func NewPaperBooks(in NewInvoice) (*PaperBooks, error) {
	p, err := price(in)
	if err != nil {
		return nil, err
	}
	lines, taxes, discounts := make([]InvoiceLineID, len(p.Lines)), make([]InvoiceTaxID, len(p.Taxes)), make([]int64, len(p.Discounts))
	for i := range lines {
		lines[i] = InvoiceLineID(i + 1)
	}
	for i := range taxes {
		taxes[i] = InvoiceTaxID(i + 1)
	}
	for i := range discounts {
		discounts[i] = int64(i + 1)
	}
	p.takeIDs(1, lines, taxes, discounts)
	var c creditedInvoice
	c.Invoice = invoiceOrder{NewInvoice: in, kind: PlainInvoice}.invoice(p, Customer{})
	c.Open, c.discounts = c.Total, p.Discounts
	for _, l := range p.Lines {
		c.lines = append(c.lines, LineDetail{InvoiceLine: l, Remaining: l.Amount()})
	}
	for _, t := range p.Taxes {
		c.taxes = append(c.taxes, TaxDetail{InvoiceTax: t})
	}
	for _, m := range p.LineTaxes {
		c.members = append(c.members, lineTaxShareRow{p.Lines[m.Line].ID, p.Taxes[m.Tax].ID})
	}
	return &PaperBooks{c}, nil
}

// Total is what the invoice came to.
func (b *PaperBooks) Total() decimal.Decimal { return b.c.Total }

// Left tells whether anything may still be credited.
func (b *PaperBooks) Left() bool { return len(b.Lines()) > 0 }

// Lines are the lines on which something may still be credited.
func (b *PaperBooks) Lines() []LineDetail {
	var lines []LineDetail
	for _, l := range b.c.lines {
		if l.Remaining.IsPositive() {
			lines = append(lines, l)
		}
	}
	return lines
}

// Part is some per cent of an amount, at least one minor unit.
func (b *PaperBooks) Part(amount decimal.Decimal, percent int64) decimal.Decimal {
	digits := b.c.Currency.Digits()
	return decimal.Max(amount.Mul(decimal.New(percent, -2)).RoundFloor(digits), decimal.New(1, -digits))
}

// Credit works a credit out and takes it off.
func (b *PaperBooks) Credit(lines []AdjustLine) (Adjustment, error) {
	in := AdjustmentInput{Kind: BillingError, InvoiceID: 1, ReasonCode: "x", Lines: lines}
	a := b.c.workOut(in)
	for _, l := range a.Lines {
		line := &b.c.lines[l.InvoiceLineID-1]
		line.Credited, line.Remaining = line.Credited.Add(l.Amount), line.Remaining.Sub(l.Amount)
		line.DiscountGiven, line.QuantityGiven = line.DiscountGiven.Add(l.Discount), line.QuantityGiven.Add(l.quantityGiven())
		if line.Remaining.IsNegative() || line.discountLeft().IsNegative() || l.Discount.IsNegative() || l.Amount.IsNegative() {
			return a, fmt.Errorf("line %d: %s of %s left, discount %s of %s left", line.LineNo, line.Remaining, line.Amount(), line.discountLeft(), line.Discount)
		}
	}
	for _, t := range a.Taxes {
		group := &b.c.taxes[t.InvoiceTaxID-1]
		group.CreditedNet, group.CreditedTax = group.CreditedNet.Add(t.Net), group.CreditedTax.Add(t.Tax)
		if group.CreditedNet.GreaterThan(group.Net) || group.CreditedTax.GreaterThan(group.Tax) {
			return a, fmt.Errorf("group %s: %s of %s, tax %s of %s", group.Rate, group.CreditedNet, group.Net, group.CreditedTax, group.Tax)
		}
	}
	b.c.RoundingGiven = b.c.RoundingGiven.Add(a.Rounding)
	return a, nil
}

// Rest says what is left of an invoice that has been credited whole; nothing should be.
func (b *PaperBooks) Rest() []string {
	var rest []string
	for _, l := range b.c.lines {
		if !l.Remaining.IsZero() || !l.discountLeft().IsZero() && l.Amount().IsPositive() { // a line that costs nothing gives nothing back
			rest = append(rest, fmt.Sprintf("line %d: %s, discount %s", l.LineNo, l.Remaining, l.discountLeft()))
		}
	}
	for _, t := range b.c.taxes {
		if !t.CreditedNet.Equal(t.Net) || !t.CreditedTax.Equal(t.Tax) {
			rest = append(rest, fmt.Sprintf("tax %s %s: %s of %s, net %s of %s", t.Code, t.Rate, t.CreditedTax, t.Tax, t.CreditedNet, t.Net))
		}
	}
	if !b.c.RoundingGiven.Equal(b.c.Rounding) {
		rest = append(rest, "rounding "+b.c.RoundingGiven.String()+" of "+b.c.Rounding.String())
	}
	return rest
}

// ShareWithheld is what the n-th of credits of so many minor units each takes back of a noted withholding.
func ShareWithheld(currency money.Currency, net, noted decimal.Decimal, sizes []int64, n int) decimal.Decimal {
	parts := make([]creditedPart, len(sizes))
	for k, size := range sizes {
		amount := decimal.New(size, -currency.Digits())
		parts[k] = creditedPart{ID: MemoID(k + 1), Net: amount, Total: amount, Entry: int64(k + 1)}
	}
	return shareWithheld(Invoice{Currency: currency, Net: net, Withholding: noted}, parts, MemoID(n+1))
}
