package billing

import (
	"github.com/shopspring/decimal"

	"makegood/billing/importer"
	"makegood/billing/ledger"
	"makegood/billing/tax"
	"makegood/internal/errs"
)

// invoiceOrder makes an imported invoice ready for the books: it keeps its number, its days and every amount it was
// issued with.
func (k known) invoiceOrder(row ImportRow) (invoiceOrder, error) {
	in := row.Content.Invoice
	customer, err := k.customer(in.Customer)
	if err != nil {
		return invoiceOrder{}, err
	}
	soldTo := customer
	if in.SoldTo != "" {
		if soldTo, err = k.customer(in.SoldTo); err != nil {
			return invoiceOrder{}, err
		}
	}
	if err := k.free(in.Number); err != nil {
		return invoiceOrder{}, err
	}
	stated, err := statedFigures(in.Document)
	if err != nil {
		return invoiceOrder{}, err
	}
	return invoiceOrder{
		NewInvoice: NewInvoice{
			EntityID: k.batch.EntityID, CustomerID: customer.ID, SoldToID: soldTo.ID, Currency: in.Currency, IssuedOn: in.IssuedOn, DueOn: in.DueOn,
			ServiceFrom: in.ServiceFrom, ServiceTo: in.ServiceTo, PurchaseOrder: in.PurchaseOrder, PricesIncludeTax: in.TaxInclusive, By: k.batch.actor(),
		},
		kind: PlainInvoice, stated: &stated, imported: &importedAs{number: in.Number, system: row.System, externalID: row.ExternalID},
	}, nil
}

// balanceOrder makes an open invoice of a balance ready: one line with what is open, against the opening balance account.
// Its revenue and tax were booked where it was issued.
func (k known) balanceOrder(row ImportRow) (invoiceOrder, error) {
	b := row.Content.Balance
	customer, err := k.customer(b.Customer)
	if err != nil {
		return invoiceOrder{}, err
	}
	if b.Open.IsNegative() {
		return invoiceOrder{}, nil
	}
	if err := k.free(b.Number); err != nil {
		return invoiceOrder{}, err
	}
	stated, err := statedFigures(importer.Document{
		Number: b.Number, Currency: b.Currency, Net: b.Open, Total: b.Open, Taxes: []importer.Tax{{Category: "O", Net: b.Open}},
		Lines: []importer.Line{{No: 1, Description: "Opening balance", Quantity: decimal.NewFromInt(1), UnitPrice: b.Open, Net: b.Open, TaxCategory: "O"}},
	})
	if err != nil {
		return invoiceOrder{}, err
	}
	return invoiceOrder{
		NewInvoice: NewInvoice{
			EntityID: k.batch.EntityID, CustomerID: customer.ID, SoldToID: customer.ID, Currency: b.Currency, IssuedOn: b.IssuedOn, DueOn: b.DueOn, By: k.batch.actor(),
		},
		kind: PlainInvoice, stated: &stated,
		imported: &importedAs{number: b.Number, system: row.System, externalID: row.ExternalID, revenue: ledger.OpeningBalance},
	}, nil
}

// statedFigures turns a document's figures into ours. Its discounts, and lines below zero, become one document discount
// on the lines of the same tax, for a line of ours is never below zero.
func statedFigures(d importer.Document) (priced, error) {
	p := priced{Net: d.Net, Tax: d.Tax, Lines: make([]InvoiceLine, 0, len(d.Lines)), Taxes: make([]InvoiceTax, len(d.Taxes))}
	groups := make(map[taxKey]int, len(d.Taxes))
	for i, t := range d.Taxes {
		if t.Net.IsNegative() || t.Tax.IsNegative() {
			return p, errs.New(ErrNegativeLine.Kind, ErrNegativeLine.Key, "number", d.Number)
		}
		p.Taxes[i] = InvoiceTax{Category: t.Category, Rate: t.Rate, Net: t.Net, Tax: t.Tax}
		groups[keyOf(t.Category, t.Rate)] = i
	}
	below := make([]decimal.Decimal, len(d.Taxes)) // per tax, what its lines below zero come to
	members := make([][]int, len(d.Taxes))
	for _, l := range d.Lines {
		group := groups[keyOf(l.TaxCategory, l.TaxRate)]
		amount := l.Net
		if d.TaxInclusive {
			amount = amount.Add(l.Tax)
		}
		if amount.IsNegative() {
			below[group] = below[group].Sub(amount)
			continue
		}
		members[group] = append(members[group], len(p.Lines))
		p.Lines = append(p.Lines, statedLine(l, len(p.Lines)+1, amount))
	}
	for group, lines := range members {
		if err := p.settleGroup(d, group, lines, below[group]); err != nil {
			return p, err
		}
	}
	p.nameDiscount()
	return p, nil
}

type taxKey struct{ category, rate string }

func keyOf(category string, rate decimal.Decimal) taxKey { return taxKey{category, rate.String()} }

func statedLine(l importer.Line, no int, amount decimal.Decimal) InvoiceLine {
	line := InvoiceLine{
		LineNo: no, Product: l.Product, Description: l.Description, Quantity: l.Quantity, UnitPrice: l.UnitPrice, List: amount,
		TaxCategory: l.TaxCategory, TaxRate: l.TaxRate, CostCentre: l.CostCentre, Location: l.Location,
	}
	if l.Discount.IsPositive() {
		line.List, line.Discount = amount.Add(l.Discount), l.Discount
	}
	if line.Description == "" {
		line.Description = line.Product
	}
	if line.Description == "" {
		line.Description = "–"
	}
	return line
}

// settleGroup takes what lines below zero came to off the others of the same tax, and gives each its share of the tax.
func (p *priced) settleGroup(d importer.Document, group int, lines []int, below decimal.Decimal) error {
	digits := d.Currency.Digits()
	amounts := make([]decimal.Decimal, len(lines))
	sum := decimal.Zero
	for k, i := range lines {
		amounts[k] = p.Lines[i].Amount()
		sum = sum.Add(amounts[k])
	}
	if below.GreaterThan(sum) {
		return errs.New(ErrNegativeLine.Kind, ErrNegativeLine.Key, "number", d.Number)
	}
	if below.IsPositive() {
		for k, share := range tax.Spread(below, amounts, digits) {
			p.Lines[lines[k]].Discount = p.Lines[lines[k]].Discount.Add(share)
			amounts[k] = amounts[k].Sub(share)
		}
	}
	for k, share := range tax.Spread(p.Taxes[group].Tax, amounts, digits) {
		l := &p.Lines[lines[k]]
		l.TaxShare, l.Net = share, l.Amount()
		if d.TaxInclusive {
			l.Net = l.Net.Sub(share)
		}
		if l.Net.IsNegative() {
			return errs.New(ErrNegativeLine.Kind, ErrNegativeLine.Key, "number", d.Number)
		}
		p.LineTaxes = append(p.LineTaxes, lineTaxShare{Line: lines[k], Tax: group, Share: share})
	}
	return nil
}

// nameDiscount makes one document discount of what was taken off the lines.
func (p *priced) nameDiscount() {
	p.DiscountOf = make([]int, len(p.Lines))
	for i, l := range p.Lines {
		p.DiscountOf[i] = -1
		if l.Discount.IsPositive() {
			p.DiscountOf[i] = 0
			p.Discount = p.Discount.Add(l.Discount)
		}
	}
	if p.Discount.IsPositive() {
		p.Discounts = []InvoiceDiscount{{Position: 1, Label: "Discount", Amount: p.Discount}}
	}
}
