package billing

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"makegood/billing/tax"
	"makegood/internal/errs"
	"makegood/internal/money"
)

const quantityDigits = 6

// priced is an invoice worked out: its sums, its lines, discounts and taxes, all without ids yet.
type priced struct {
	Net, Tax, Rounding, Discount decimal.Decimal
	Lines                        []InvoiceLine
	Discounts                    []InvoiceDiscount
	DiscountOf                   []int // per line the place of its discount, -1 for none
	Taxes                        []InvoiceTax
	LineTaxes                    []lineTaxShare
}

// lineTaxShare says by their places which line takes part in which tax, and with how much of it.
type lineTaxShare struct {
	Line, Tax int
	Share     decimal.Decimal
}

// clone is a copy whose rows can take ids of their own.
func (p priced) clone() priced {
	p.Lines, p.Discounts, p.Taxes = slices.Clone(p.Lines), slices.Clone(p.Discounts), slices.Clone(p.Taxes)
	return p
}

func (p priced) total() decimal.Decimal { return p.Net.Add(p.Tax).Add(p.Rounding) }

// price works out an invoice; it refuses lines that make none.
func price(in NewInvoice) (priced, error) {
	if fields := checkInvoice(in); len(fields) > 0 {
		return priced{}, errs.InvalidFields(fields...)
	}
	digits := in.Currency.Digits()
	p := priced{Rounding: in.Rounding, Lines: make([]InvoiceLine, len(in.Lines)), DiscountOf: make([]int, len(in.Lines))}
	for i, l := range in.Lines {
		p.DiscountOf[i] = -1
		p.Lines[i] = InvoiceLine{
			LineNo: i + 1, Product: l.Product, Description: l.Description, Quantity: l.Quantity, UnitPrice: l.UnitPrice,
			List: l.Quantity.Mul(l.UnitPrice).Round(digits), TaxCategory: l.TaxCategory, TaxRate: l.TaxRate,
			CostCentre: l.CostCentre, Location: l.Location, Charge: l.Charge,
		}
	}
	if fields := p.takeDiscounts(in.Discounts, digits); len(fields) > 0 {
		return priced{}, errs.InvalidFields(fields...)
	}
	p.takeTaxes(in, digits)
	if !p.Net.IsPositive() || p.total().IsNegative() {
		return p, errs.InvalidField("lines", "billing.invoice_without_amount")
	}
	if fields := p.checkSums(in); len(fields) > 0 {
		return p, errs.InvalidFields(fields...)
	}
	return p, nil
}

// checkSums holds the invoice against what was said of it: the sums expected, and the tax to be withheld.
func (p *priced) checkSums(in NewInvoice) []errs.Field {
	var fields []errs.Field
	for _, sum := range []struct {
		name   string
		stated *decimal.Decimal
		worked decimal.Decimal
	}{{"totals.net", in.Stated.Net, p.Net}, {"totals.tax", in.Stated.Tax, p.Tax}, {"totals.total", in.Stated.Total, p.total()}} {
		if sum.stated != nil && !sum.stated.Equal(sum.worked) {
			fields = append(fields, errs.Field{Name: sum.name, Key: "billing.sum_differs", Params: errs.Params{
				"stated": plain(*sum.stated, in.Currency), "worked": plain(sum.worked, in.Currency), "difference": plain(sum.stated.Sub(sum.worked), in.Currency),
			}})
		}
	}
	if in.Withholding.GreaterThan(p.total()) {
		fields = append(fields, errs.Field{Name: "withholding", Key: "billing.withholding_over_total", Params: errs.Params{"total": plain(p.total(), in.Currency)}})
	}
	return fields
}

// plain writes an amount with the decimals of its currency, or more where it has more.
func plain(amount decimal.Decimal, currency money.Currency) string {
	return amount.StringFixed(max(currency.Digits(), -amount.Exponent()))
}

// takeDiscounts spreads each document discount over its lines by largest remainder.
func (p *priced) takeDiscounts(discounts []NewDiscount, digits int32) []errs.Field {
	for n, discount := range discounts {
		members := discount.Lines
		if len(members) == 0 {
			for i := range p.Lines {
				if !p.Lines[i].Charge {
					members = append(members, i)
				}
			}
		}
		lists, sum := make([]decimal.Decimal, len(members)), decimal.Zero
		for k, i := range members {
			if p.DiscountOf[i] >= 0 {
				return []errs.Field{{Name: fmt.Sprintf("discounts.%d.lines", n), Key: "billing.line_discounted_twice"}}
			}
			p.DiscountOf[i], lists[k] = n, p.Lines[i].List
			sum = sum.Add(lists[k])
		}
		if discount.Amount.GreaterThan(sum) {
			return []errs.Field{{Name: fmt.Sprintf("discounts.%d.amount", n), Key: "billing.discount_over_lines"}}
		}
		for k, share := range tax.Spread(discount.Amount, lists, digits) {
			p.Lines[members[k]].Discount = share
		}
		p.Discounts = append(p.Discounts, InvoiceDiscount{Position: n + 1, Label: discount.Label, Amount: discount.Amount})
		p.Discount = p.Discount.Add(discount.Amount)
	}
	return nil
}

// takeTaxes computes each tax once on the sum of its lines (EN 16931, BR-CO-17) and gives the lines their shares.
func (p *priced) takeTaxes(in NewInvoice, digits int32) {
	group := tax.Groups
	if in.PricesIncludeTax {
		group = tax.GroupsInclusive
	}
	codes := taxCodes(in.Lines)
	for _, code := range codes {
		var members []int
		var taxed []tax.Line
		for i, l := range in.Lines {
			for _, t := range l.taxes() {
				if t.Code == code {
					members = append(members, i)
					taxed = append(taxed, tax.Line{Net: p.Lines[i].Amount(), Category: t.Category, Rate: t.Rate})
				}
			}
		}
		for _, g := range group(taxed, digits) {
			p.Tax = p.Tax.Add(g.Tax)
			for _, share := range g.Shares {
				i := members[share.Index]
				p.Lines[i].TaxShare = p.Lines[i].TaxShare.Add(share.Tax)
				p.LineTaxes = append(p.LineTaxes, lineTaxShare{Line: i, Tax: len(p.Taxes), Share: share.Tax})
			}
			p.Taxes = append(p.Taxes, InvoiceTax{Code: code, Category: g.Category, Rate: g.Rate, Net: g.Net, Tax: g.Tax})
		}
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		l.Net = l.Amount()
		if in.PricesIncludeTax {
			l.Net = l.Net.Sub(l.TaxShare)
		}
		p.Net = p.Net.Add(l.Net)
	}
}

// taxCodes lists the codes of the lines' taxes in the order of their first use.
func taxCodes(lines []NewLine) []string {
	var codes []string
	seen := map[string]bool{}
	for _, l := range lines {
		for _, t := range l.taxes() {
			if !seen[t.Code] {
				seen[t.Code] = true
				codes = append(codes, t.Code)
			}
		}
	}
	return codes
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
	if finer(in.Rounding, in.Currency.Digits()) {
		wrong("rounding", "billing.bad_amount")
	}
	if in.Withholding.IsNegative() || finer(in.Withholding, in.Currency.Digits()) {
		wrong("withholding", "billing.bad_amount")
	}
	if len(in.Lines) == 0 {
		wrong("lines", "error.required")
	}
	for i, d := range in.Discounts {
		if !d.Amount.IsPositive() || finer(d.Amount, in.Currency.Digits()) {
			wrong(fmt.Sprintf("discounts.%d.amount", i), "billing.bad_amount")
		}
		for _, place := range d.Lines {
			if place < 0 || place >= len(in.Lines) {
				wrong(fmt.Sprintf("discounts.%d.lines", i), "billing.line_not_on_invoice")
			}
		}
	}
	for i, l := range in.Lines {
		fields = append(fields, checkLine(fmt.Sprintf("lines.%d.", i), l, in.PricesIncludeTax)...)
	}
	return fields
}

func checkLine(prefix string, l NewLine, inclusive bool) []errs.Field {
	var fields []errs.Field
	wrong := func(name, key string) { fields = append(fields, errs.Field{Name: prefix + name, Key: key}) }
	if l.Description == "" {
		wrong("description", "error.required")
	}
	if l.Quantity.IsNegative() || finer(l.Quantity, quantityDigits) {
		wrong("quantity", "billing.bad_quantity")
	}
	if l.UnitPrice.IsNegative() || finer(l.UnitPrice, quantityDigits) {
		wrong("unit_price", "billing.bad_price")
	}
	if inclusive && len(l.MoreTaxes) > 0 {
		wrong("more_taxes", "billing.one_tax_where_prices_include_it")
	}
	seen := map[string]bool{}
	for _, t := range l.taxes() {
		if t.Category == "" || badRate(t.Rate) || seen[t.Code] {
			wrong("tax_rate", "billing.bad_tax")
		}
		seen[t.Code] = true
	}
	return fields
}

// badRate tells of a tax rate that no law has: below nothing, or more than the price.
func badRate(rate decimal.Decimal) bool {
	return rate.IsNegative() || rate.GreaterThan(decimal.NewFromInt(100))
}

// finer tells whether a number has more decimals than allowed.
func finer(n decimal.Decimal, digits int32) bool { return !n.Equal(n.Truncate(digits)) }
