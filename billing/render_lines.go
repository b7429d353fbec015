package billing

import (
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/internal/db"
	"makegood/internal/money"
)

// lineOnBill is what a memo's paper takes over from a line of its invoice: whether it was a charge for the whole, and which
// document discount it took part in.
type lineOnBill struct {
	ID         InvoiceLineID
	Charge     bool
	DiscountID *int64
	Label      string
}

// givenBack writes the lines of a memo on its paper. Where document discounts go back with them, or prices include tax, lines show
// their amounts in the price basis before discounts, and the discounts stand by their names, as on the invoice.
func givenBack(ctx context.Context, r db.Reader, d MemoDetail, p *document.CreditMemo) error {
	bill := map[InvoiceLineID]lineOnBill{}
	if d.InvoiceID != nil {
		list, err := db.List[lineOnBill](ctx, r, `select l.id, l.charge, l.discount_id, coalesce(x.label, '') as label
			from invoice_lines l left join invoice_discounts x on x.id = l.discount_id where l.invoice_id = $1`, d.InvoiceID)
		if err != nil {
			return fmt.Errorf("read lines of invoice: %w", err)
		}
		for _, l := range list {
			bill[l.ID] = l
		}
	}
	listed := d.PricesIncludeTax || slices.ContainsFunc(d.Lines, func(l CreditMemoLine) bool { return l.Discount.IsPositive() })
	places := map[int64]int{}
	for _, l := range d.Lines {
		var on lineOnBill
		if l.InvoiceLineID != nil {
			on = bill[*l.InvoiceLineID]
		}
		line := printedLine(d.CreditMemo, l)
		line.Charge = on.Charge
		if listed {
			line.List, line.Discount = d.Amount(l.Amount.Add(l.Discount)), d.Amount(l.Discount)
		}
		p.Lines = append(p.Lines, line)
		if !l.Discount.IsPositive() {
			continue
		}
		at, known := places[on.discount()]
		if !known {
			at = len(p.Discounts)
			places[on.discount()] = at
			p.Discounts = append(p.Discounts, document.Discount{Label: on.Label, Amount: money.Zero(d.Currency)})
		}
		p.Discounts[at].Amount = money.Of(p.Discounts[at].Amount.Decimal().Add(l.Discount), d.Currency)
	}
	return nil
}

// discount names the document discount that a line took part in; 0 for none.
func (l lineOnBill) discount() int64 {
	if l.DiscountID == nil {
		return 0
	}
	return *l.DiscountID
}

func printedLine(memo CreditMemo, l CreditMemoLine) document.Line {
	line := document.Line{Description: l.Description, Net: memo.Amount(l.Net), Category: l.TaxCategory, TaxRate: l.TaxRate}
	if l.Quantity != nil {
		line.Quantity = decimal.NullDecimal{Decimal: *l.Quantity, Valid: true}
	}
	return line
}
