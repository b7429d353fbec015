package billing

import (
	"fmt"

	"github.com/shopspring/decimal"

	"makegood/billing/tax"
	"makegood/internal/errs"
	"makegood/internal/money"
)

const quantityDigits = 6

// priced is an invoice worked out: its sums, its lines and its taxes, all without ids yet.
type priced struct {
	Net, Tax decimal.Decimal
	Lines    []InvoiceLine
	Taxes    []InvoiceTax
}

// price works out an invoice; it refuses lines that make none.
func price(in NewInvoice) (priced, error) {
	if fields := checkInvoice(in); len(fields) > 0 {
		return priced{}, errs.InvalidFields(fields...)
	}
	digits := in.Currency.Digits()
	p := priced{Lines: make([]InvoiceLine, len(in.Lines))}
	taxed := make([]tax.Line, len(in.Lines))
	for i, l := range in.Lines {
		net := l.Quantity.Mul(l.UnitPrice).Round(digits)
		p.Lines[i] = InvoiceLine{
			LineNo: i + 1, Product: l.Product, Description: l.Description, Quantity: l.Quantity, UnitPrice: l.UnitPrice,
			Net: net, TaxCategory: l.TaxCategory, TaxRate: l.TaxRate, CostCentre: l.CostCentre,
		}
		taxed[i] = tax.Line{Net: net, Category: l.TaxCategory, Rate: l.TaxRate}
		p.Net = p.Net.Add(net)
	}
	for _, g := range tax.Groups(taxed, digits) {
		p.Taxes = append(p.Taxes, InvoiceTax{Category: g.Category, Rate: g.Rate, Net: g.Net, Tax: g.Tax})
		p.Tax = p.Tax.Add(g.Tax)
		for _, share := range g.Shares {
			p.Lines[share.Index].TaxShare = share.Tax
		}
	}
	if !p.Net.IsPositive() {
		return p, errs.InvalidField("lines", "billing.invoice_without_amount")
	}
	return p, nil
}

func checkInvoice(in NewInvoice) []errs.Field {
	var fields []errs.Field
	wrong := func(name, key string) { fields = append(fields, errs.Field{Name: name, Key: key}) }
	if _, err := money.ParseCurrency(string(in.Currency)); err != nil {
		wrong("currency", "money.unknown_currency")
	}
	if in.IssuedOn.IsZero() {
		wrong("issued_on", "error.required")
	}
	if !in.DueOn.IsZero() && in.DueOn.Before(in.IssuedOn) {
		wrong("due_on", "billing.due_before_issue")
	}
	if len(in.Lines) == 0 {
		wrong("lines", "error.required")
	}
	for i, l := range in.Lines {
		name := func(field string) string { return fmt.Sprintf("lines.%d.%s", i, field) }
		if l.Description == "" {
			wrong(name("description"), "error.required")
		}
		if l.Quantity.IsNegative() || finer(l.Quantity, quantityDigits) {
			wrong(name("quantity"), "billing.bad_quantity")
		}
		if l.UnitPrice.IsNegative() || finer(l.UnitPrice, quantityDigits) {
			wrong(name("unit_price"), "billing.bad_price")
		}
		if l.TaxCategory == "" || l.TaxRate.IsNegative() {
			wrong(name("tax_rate"), "billing.bad_tax")
		}
	}
	return fields
}

// finer tells whether a number has more decimals than allowed.
func finer(n decimal.Decimal, digits int32) bool { return !n.Equal(n.Truncate(digits)) }
