package billing

import (
	"cmp"
	"fmt"
	"slices"

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
			ServiceFrom: in.ServiceFrom, ServiceTo: in.ServiceTo, PurchaseOrder: in.PurchaseOrder, PricesIncludeTax: in.TaxInclusive, Withholding: in.Withholding, By: k.batch.actor(),
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
	p := priced{Net: d.Net, Tax: d.Tax, Rounding: d.Rounding, Lines: make([]InvoiceLine, 0, len(d.Lines)), Taxes: make([]InvoiceTax, len(d.Taxes))}
	groups := make(map[taxKey]int, len(d.Taxes))
	for i, t := range d.Taxes {
		if t.Net.IsNegative() || t.Tax.IsNegative() {
			return p, errs.New(ErrNegativeLine.Kind, ErrNegativeLine.Key, "number", d.Number)
		}
		p.Taxes[i] = InvoiceTax{Code: t.Code, Category: t.Category, Rate: t.Rate, Net: t.Net, Tax: t.Tax}
		groups[keyOf(t.Code, t.Category, t.Rate)] = i
	}
	borne := map[string]*bearing{}
	var order []*bearing
	for _, l := range d.Lines {
		taxes := taxesBorne(l, groups)
		b, known := borne[fmt.Sprint(taxes)]
		if !known {
			b = &bearing{taxes: taxes}
			borne[fmt.Sprint(taxes)], order = b, append(order, b)
		}
		amount := l.Net
		if d.TaxInclusive {
			amount = amount.Add(l.Tax)
		}
		if amount.IsNegative() {
			b.below = b.below.Sub(amount)
			continue
		}
		b.lines = append(b.lines, len(p.Lines))
		p.Lines = append(p.Lines, statedLine(l, len(p.Lines)+1, amount))
	}
	for _, b := range order {
		if err := p.takeBelow(d, b); err != nil {
			return p, err
		}
	}
	if err := p.shareTaxes(d, order); err != nil {
		return p, err
	}
	p.nameDiscount(d.DiscountLabel)
	return p, nil
}

// bearing are the lines of a document that bear the same taxes, with what those of them below zero come to.
type bearing struct {
	taxes []int // places of the taxes, the ordinary one first
	lines []int
	below decimal.Decimal
}

type taxKey struct{ code, category, rate string }

func keyOf(code, category string, rate decimal.Decimal) taxKey {
	return taxKey{code, category, rate.String()}
}

func taxesBorne(l importer.Line, groups map[taxKey]int) []int {
	taxes := []int{groups[keyOf("", l.TaxCategory, l.TaxRate)]}
	for _, t := range l.More {
		taxes = append(taxes, groups[keyOf(t.Code, t.Category, t.Rate)])
	}
	return taxes
}

func statedLine(l importer.Line, no int, amount decimal.Decimal) InvoiceLine {
	line := InvoiceLine{
		LineNo: no, Product: l.Product, Description: l.Description, Quantity: l.Quantity, UnitPrice: l.UnitPrice, List: amount,
		TaxCategory: l.TaxCategory, TaxRate: l.TaxRate, CostCentre: l.CostCentre, Location: l.Location, Charge: l.Charge,
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

// takeBelow takes what lines below zero came to off the others that bear the same taxes.
func (p *priced) takeBelow(d importer.Document, b *bearing) error {
	amounts, sum := make([]decimal.Decimal, len(b.lines)), decimal.Zero
	for k, i := range b.lines {
		amounts[k] = p.Lines[i].Amount()
		sum = sum.Add(amounts[k])
	}
	if b.below.GreaterThan(sum) {
		return errs.New(ErrNegativeLine.Kind, ErrNegativeLine.Key, "number", d.Number)
	}
	if !b.below.IsPositive() {
		return nil
	}
	for k, share := range tax.Spread(b.below, amounts, d.Currency.Digits()) {
		p.Lines[b.lines[k]].Discount = p.Lines[b.lines[k]].Discount.Add(share)
	}
	return nil
}

// shareTaxes gives each line its share of every tax that it bears.
func (p *priced) shareTaxes(d importer.Document, order []*bearing) error {
	for group := range p.Taxes {
		var lines []int
		var amounts []decimal.Decimal
		for _, b := range order {
			if !slices.Contains(b.taxes, group) {
				continue
			}
			for _, i := range b.lines {
				lines, amounts = append(lines, i), append(amounts, p.Lines[i].Amount())
			}
		}
		for k, share := range tax.Spread(p.Taxes[group].Tax, amounts, d.Currency.Digits()) {
			p.Lines[lines[k]].TaxShare = p.Lines[lines[k]].TaxShare.Add(share)
			p.LineTaxes = append(p.LineTaxes, lineTaxShare{Line: lines[k], Tax: group, Share: share})
		}
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		l.Net = l.Amount()
		if d.TaxInclusive {
			l.Net = l.Net.Sub(l.TaxShare)
		}
		if l.Net.IsNegative() {
			return errs.New(ErrNegativeLine.Kind, ErrNegativeLine.Key, "number", d.Number)
		}
	}
	return nil
}

// nameDiscount makes one document discount of what was taken off the lines.
func (p *priced) nameDiscount(label string) {
	p.DiscountOf = make([]int, len(p.Lines))
	for i, l := range p.Lines {
		p.DiscountOf[i] = -1
		if l.Discount.IsPositive() {
			p.DiscountOf[i] = 0
			p.Discount = p.Discount.Add(l.Discount)
		}
	}
	if p.Discount.IsPositive() {
		p.Discounts = []InvoiceDiscount{{Position: 1, Label: cmp.Or(label, "Discount"), Amount: p.Discount}}
	}
}
