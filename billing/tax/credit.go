package tax

import "github.com/shopspring/decimal"

// CreditInput is what decides the tax of one more credit on one tax group of an invoice. "Credited" counts
// posted memos and the reservations of pending requests alike, without the credit asked for.
type CreditInput struct {
	InvoiceNet  decimal.Decimal // the group's taxable net on the invoice, after document discounts
	InvoiceTax  decimal.Decimal // the group's tax as the invoice states it; imported invoices may deviate from Rate × Net
	Rate        decimal.Decimal // per cent
	CreditedNet decimal.Decimal
	CreditedTax decimal.Decimal
	ThisNet     decimal.Decimal
	Digits      int32
}

// CreditTax is the tax of this credit by the cumulative rule: tax on everything credited so far including
// this, rounded half up once, less the tax already credited (reduction of the taxable amount and of the tax
// due on it: EU VAT Directive 2006/112/EC art. 90, corrected by a document under art. 219).
//
// It promises, whatever came before:
//   - the result is never negative and never more than InvoiceTax − CreditedTax;
//   - the credit that completes the group's net gets exactly InvoiceTax − CreditedTax, so any split of the
//     whole invoice, in any order, returns exactly the invoice's tax and leaves nothing;
//   - a credit of zero or less has no tax.
//
// After an earlier reservation was withdrawn, its net and its tax leave the sums together. That tax had been
// rounded in its place in the row, so what stays credited may now be minor units off the rounded tax of the
// net that stayed: by the roundings and corrections which the remaining credits carry. Nothing posted is
// touched: the next credit is measured against the new sums and takes the difference upon itself, up or
// down; where it is too small to take it all it gets zero, or all that remains, and the one after it goes
// on. CreditedTax can never pass InvoiceTax on that way, since withdrawing only lowers it.
//
// It does not refuse: that ThisNet fits the invoice's remaining net is the caller's rule, checked under lock.
func CreditTax(in CreditInput) decimal.Decimal {
	left := in.InvoiceTax.Sub(in.CreditedTax)
	if !in.ThisNet.IsPositive() || !left.IsPositive() {
		return decimal.Zero
	}
	credited := in.CreditedNet.Add(in.ThisNet)
	if credited.GreaterThanOrEqual(in.InvoiceNet) {
		return left
	}
	return clamp(Of(credited, in.Rate, in.Digits).Sub(in.CreditedTax), decimal.Zero, left)
}

// GrossInput is CreditInput for an invoice whose prices include tax: the amounts typed are gross.
type GrossInput struct {
	InvoiceGross  decimal.Decimal
	InvoiceTax    decimal.Decimal // contained in InvoiceGross
	Rate          decimal.Decimal // per cent
	CreditedGross decimal.Decimal
	CreditedTax   decimal.Decimal
	ThisGross     decimal.Decimal
	Digits        int32
}

// CreditTaxWithin is CreditTax for gross amounts: the tax contained in everything credited so far including
// this, less the tax already credited. The net of the credit is ThisGross less the result. Besides the
// promises of CreditTax, that net is never negative and the nets never pass the invoice's: with both bounds
// the credit that completes the gross has no choice left but the exact remainder of each.
func CreditTaxWithin(in GrossInput) decimal.Decimal {
	taxLeft := in.InvoiceTax.Sub(in.CreditedTax)
	netLeft := in.InvoiceGross.Sub(in.CreditedGross).Sub(taxLeft)
	if !in.ThisGross.IsPositive() || !taxLeft.IsPositive() {
		return decimal.Zero
	}
	wanted := Within(in.CreditedGross.Add(in.ThisGross), in.Rate, in.Digits).Sub(in.CreditedTax)
	return between(wanted, in.ThisGross, taxLeft, netLeft)
}

// DiscountInput is what decides how much of a line's share of a document discount goes back with a credit
// on that line. Amounts before the discount are "list" amounts.
type DiscountInput struct {
	LineList         decimal.Decimal // the line's amount before the document discount
	LineDiscount     decimal.Decimal // its share of the discount, from Spread; zero or more
	CreditedList     decimal.Decimal
	CreditedDiscount decimal.Decimal
	ThisList         decimal.Decimal
	Digits           int32
}

// CreditDiscount is the discount to take off this credit by the same cumulative rule: the discount on all
// list amounts credited so far including this, rounded half up once, less what was taken off before. The
// line credited in full takes its whole share back; neither a discount nor what remains of a credit is ever
// negative or more than what is left of it.
func CreditDiscount(in DiscountInput) decimal.Decimal {
	left := in.LineDiscount.Sub(in.CreditedDiscount)
	netLeft := in.LineList.Sub(in.CreditedList).Sub(left)
	if !in.ThisList.IsPositive() || !left.IsPositive() {
		return decimal.Zero
	}
	credited := in.CreditedList.Add(in.ThisList)
	if credited.GreaterThanOrEqual(in.LineList) {
		return left
	}
	share := in.LineDiscount.Mul(credited).DivRound(in.LineList, in.Digits)
	return between(share.Sub(in.CreditedDiscount), in.ThisList, left, netLeft)
}

// between bounds the part of this that is wanted as tax (or discount), so that neither it nor the rest is
// negative or more than what is left of its kind. When this is all that is left, one value remains.
func between(wanted, this, left, restLeft decimal.Decimal) decimal.Decimal {
	least := decimal.Max(decimal.Zero, this.Sub(restLeft))
	return clamp(wanted, least, decimal.Min(left, this))
}

// clamp keeps value within low and high; where they cross, high wins.
func clamp(value, low, high decimal.Decimal) decimal.Decimal {
	return decimal.Min(decimal.Max(value, low), high)
}

// Relief is the tax contained in an amount of an invoice that is given up as uncollectable: the invoice's tax in
// proportion to its total, rounded half up (EU VAT Directive 2006/112/EC art. 90(1)).
func Relief(amount, invoiceTax, invoiceTotal decimal.Decimal, digits int32) decimal.Decimal {
	return amount.Mul(invoiceTax).DivRound(invoiceTotal, digits)
}
