package billing

import (
	"slices"

	"github.com/shopspring/decimal"

	"makegood/billing/tax"
)

// workOut computes a credit on an invoice; its lines were checked.
func (c creditedInvoice) workOut(in AdjustmentInput) Adjustment {
	a := Adjustment{
		Kind: in.Kind, EntityID: c.EntityID, CustomerID: c.CustomerID, InvoiceID: c.ID, InvoiceNumber: c.Number,
		Currency: c.Currency, ReasonCode: in.ReasonCode, PricesIncludeTax: c.PricesIncludeTax,
	}
	for _, line := range c.lines { // in the order of the invoice, whatever the order of the proposal
		at := slices.IndexFunc(in.Lines, func(p AdjustLine) bool { return p.InvoiceLineID == line.ID })
		if at >= 0 {
			a.Lines = append(a.Lines, line.credit(in.Lines[at], c.Currency.Digits()))
		}
	}
	c.giveDiscounts(&a, in)
	for i := range a.Lines {
		a.Lines[i].finish(c.line(a.Lines[i].InvoiceLineID))
	}
	for _, group := range c.taxes {
		c.creditGroup(&a, group)
	}
	for i := range a.Lines {
		if c.PricesIncludeTax {
			a.Lines[i].Net = a.Lines[i].Amount.Sub(a.Lines[i].TaxShare)
		}
		a.Net = a.Net.Add(a.Lines[i].Net)
	}
	a.Rounding = c.roundingBack(a)
	a.Total = a.Net.Add(a.Tax).Add(a.Rounding)
	return a
}

// finish takes the discount off. Where that is all that the line has left, whatever is still discounted of it goes along,
// so that a line credited in full leaves nothing behind.
func (l *AdjustmentLine) finish(of LineDetail) {
	l.Amount = l.List.Sub(l.Discount)
	l.Net = l.Amount
	if l.Amount.Equal(of.Remaining) {
		l.List, l.Discount = of.listLeft(), of.discountLeft()
	}
}

// credit turns a proposal on a line into its list amount; the discount that goes with an exact amount is fixed here,
// that of a list amount is worked out over the document.
func (l LineDetail) credit(p AdjustLine, digits int32) AdjustmentLine {
	c := AdjustmentLine{
		InvoiceLineID: l.ID, Description: l.Description, Quantity: p.Quantity,
		ByQuantity: p.byQuantity(), ByList: !p.Amount.IsPositive() && p.List.IsPositive(),
		TaxCategory: l.TaxCategory, TaxRate: l.TaxRate,
	}
	switch {
	case p.Amount.IsPositive():
		c.List = l.listFor(p.Amount, digits)
		c.Discount = c.List.Sub(p.Amount)
	case p.List.IsPositive():
		c.List = p.List
	case p.Quantity.Equal(l.quantityLeft()):
		c.List = l.listLeft()
	default:
		c.List = decimal.Min(l.List.Mul(*p.Quantity).DivRound(l.Quantity, digits), l.listLeft())
	}
	return c
}

// listFor is the list amount of which an amount is left after the line's share of the discount, in proportion, and all
// that is left of both for the last credit.
func (l LineDetail) listFor(amount decimal.Decimal, digits int32) decimal.Decimal {
	if l.Discount.IsZero() {
		return amount
	}
	if amount.Equal(l.Remaining) {
		return l.listLeft()
	}
	list := amount.Mul(l.List).DivRound(l.Amount(), digits)
	return decimal.Max(amount, decimal.Min(list, amount.Add(l.discountLeft())))
}

// giveDiscounts takes the document discounts off what is credited by list amount or quantity: cumulatively per
// discount, then spread over the lines, so that the last credit leaves nothing of it.
func (c creditedInvoice) giveDiscounts(a *Adjustment, in AdjustmentInput) {
	for _, discount := range c.discounts {
		d := tax.DiscountInput{LineDiscount: discount.Amount, Digits: c.Currency.Digits()}
		var open []int // lines of this credit whose share is not fixed yet
		for _, l := range c.lines {
			if l.DiscountID == nil || *l.DiscountID != discount.ID {
				continue
			}
			d.LineList = d.LineList.Add(l.List)
			d.CreditedDiscount = d.CreditedDiscount.Add(l.DiscountGiven)
			d.CreditedList = d.CreditedList.Add(l.List.Sub(l.listLeft()))
			at := slices.IndexFunc(a.Lines, func(x AdjustmentLine) bool { return x.InvoiceLineID == l.ID })
			switch {
			case at < 0:
			case slices.ContainsFunc(in.Lines, func(p AdjustLine) bool { return p.InvoiceLineID == l.ID && p.Amount.IsPositive() }):
				d.CreditedDiscount = d.CreditedDiscount.Add(a.Lines[at].Discount)
				d.CreditedList = d.CreditedList.Add(a.Lines[at].List)
			default:
				open = append(open, at)
				d.ThisList = d.ThisList.Add(a.Lines[at].List)
			}
		}
		c.spreadDiscount(a, open, tax.CreditDiscount(d))
	}
}

// spreadDiscount shares a discount over lines by their list amounts, within what each line has left.
func (c creditedInvoice) spreadDiscount(a *Adjustment, lines []int, total decimal.Decimal) {
	lists, least, most := make([]decimal.Decimal, len(lines)), make([]decimal.Decimal, len(lines)), make([]decimal.Decimal, len(lines))
	for k, at := range lines {
		l := c.line(a.Lines[at].InvoiceLineID)
		lists[k] = a.Lines[at].List
		most[k] = decimal.Min(l.discountLeft(), lists[k])
		least[k] = decimal.Max(decimal.Zero, lists[k].Sub(l.Remaining))
	}
	for k, share := range tax.SpreadWithin(total, lists, tax.Bounds{Least: least, Most: most}, c.Currency.Digits()) {
		a.Lines[lines[k]].Discount = share
	}
}

func (c creditedInvoice) line(id InvoiceLineID) LineDetail {
	return c.lines[slices.IndexFunc(c.lines, func(l LineDetail) bool { return l.ID == id })]
}

// creditGroup computes the tax on one group by the cumulative rule and spreads it over the lines that belong to it.
func (c creditedInvoice) creditGroup(a *Adjustment, group TaxDetail) {
	var members []int
	var amounts []decimal.Decimal
	sum := decimal.Zero
	for i, l := range a.Lines {
		if slices.Contains(c.members, lineTaxShareRow{l.InvoiceLineID, group.ID}) {
			members, amounts, sum = append(members, i), append(amounts, l.Amount), sum.Add(l.Amount)
		}
	}
	if len(members) == 0 {
		return
	}
	t := AdjustmentTax{InvoiceTaxID: group.ID, Code: group.Code, Category: group.Category, Rate: group.Rate, Net: sum}
	digits := c.Currency.Digits()
	creditedNet, creditedTax := group.CreditedNet.Add(group.ReservedNet), group.CreditedTax.Add(group.ReservedTax)
	if c.PricesIncludeTax {
		t.Tax = tax.CreditTaxWithin(tax.GrossInput{
			InvoiceGross: group.Net.Add(group.Tax), InvoiceTax: group.Tax, Rate: group.Rate, ThisGross: sum, Digits: digits,
			CreditedGross: creditedNet.Add(creditedTax), CreditedTax: creditedTax,
		})
		t.Net = sum.Sub(t.Tax)
	} else {
		t.Tax = tax.CreditTax(tax.CreditInput{
			InvoiceNet: group.Net, InvoiceTax: group.Tax, Rate: group.Rate, ThisNet: sum, Digits: digits,
			CreditedNet: creditedNet, CreditedTax: creditedTax,
		})
	}
	for i, share := range tax.Spread(t.Tax, amounts, digits) {
		a.Lines[members[i]].TaxShare = a.Lines[members[i]].TaxShare.Add(share)
	}
	a.Taxes = append(a.Taxes, t)
	a.Tax = a.Tax.Add(t.Tax)
}

// roundingBack is the cash rounding that goes back with a credit. It is mirrored from the invoice, never worked out anew:
// what was rounded up goes back with the credit that completes the invoice, and so does what was rounded down, but for
// the part without which credits would come to more than the invoice.
func (c creditedInvoice) roundingBack(a Adjustment) decimal.Decimal {
	left := c.Rounding.Sub(c.RoundingGiven)
	if left.IsZero() {
		return decimal.Zero
	}
	rest := decimal.Zero
	for _, l := range c.lines {
		rest = rest.Add(l.Remaining)
	}
	for _, t := range c.taxes {
		if !c.PricesIncludeTax {
			rest = rest.Add(t.Tax).Sub(t.CreditedTax).Sub(t.ReservedTax)
		}
	}
	rest = rest.Sub(a.Net).Sub(a.Tax)
	if rest.IsZero() {
		return left
	}
	return decimal.Min(decimal.Zero, left.Add(rest))
}
