package stripe

import (
	"cmp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing/importer"
	"makegood/billing/tax"
)

// document reads what invoices and credit notes have in common and holds its sums against its lines.
func (c *conversion) document(o object) importer.Document {
	d := importer.Document{
		Number: o.firstOf("number", "id"), Customer: o.id("customer"), CustomerName: o.text("customer_name"), Currency: c.currency(o),
	}
	if d.Customer == "" {
		c.refuse("customer", "error.required", "", "")
	}
	if c.refused == nil && (o.part("lines").yes("has_more") || len(o.list("lines")) == 0) {
		c.refuse("lines", "billing.import.lines_missing", show(o.part("lines")["has_more"]), "")
	}
	total := c.amount(o, "total", d.Currency)
	if c.refused == nil && total == nil {
		c.refuse("total", "error.required", "", "1050")
	}
	if c.refused != nil {
		return d
	}
	l := lines{c: c, d: &d, exempt: o.text("customer_tax_exempt")}
	for _, line := range o.list("lines") {
		l.add(line)
	}
	if shipping := c.amountOrZero(o, "amount_shipping", d.Currency); !shipping.IsZero() {
		l.ship(o.part("shipping_cost"), shipping)
	}
	if c.refused != nil {
		return d
	}
	l.discount(o)
	l.settle(o, *total)
	return d
}

// lines gathers the lines of a document. A line's amount is before discounts and with such tax as its price includes.
type lines struct {
	c       *conversion
	d       *importer.Document
	exempt  string
	rates   []string          // per line, which taxes it bears
	percent []decimal.Decimal // per line, what they come to if the file says so; else negative
	credits []decimal.Decimal // per line, what prepaid credits took off
}

func (l *lines) add(o object) {
	c, cur := l.c, l.d.Currency
	amount := c.amount(o, "amount", cur)
	if amount == nil {
		c.refuse("lines.amount", "error.required", "", "1050")
		return
	}
	if other := o.text("currency"); other != "" && !strings.EqualFold(other, string(cur)) {
		c.refuse("lines.currency", "billing.import.other_currency", other, string(cur))
	}
	line := importer.Line{
		No: len(l.d.Lines) + 1, External: o.text("id"), InvoiceLine: o.text("invoice_line_item"), Description: o.text("description"),
		Product: product(o), ServiceFrom: c.day(o.part("period"), "start"), ServiceTo: c.day(o.part("period"), "end"),
		Discount: l.discounts(o), TaxCategory: exemptCategory(l.exempt),
	}
	inclusive := l.taxesOf(o, &line)
	line.Net = amount.Sub(line.Discount).Sub(inclusive)
	line.Quantity, line.UnitPrice = l.quantity(o, *amount)
	credit := decimal.Zero
	for _, p := range o.list("pretax_credit_amounts") {
		if p.text("type") == "credit_balance_transaction" {
			credit = credit.Add(c.amountOrZero(p, "amount", cur))
		}
	}
	l.credits = append(l.credits, credit)
	l.d.Lines = append(l.d.Lines, line)
}

func (l *lines) discounts(o object) decimal.Decimal {
	sum := decimal.Zero
	for _, part := range o.list("discount_amounts") {
		sum = sum.Add(l.c.amountOrZero(part, "amount", l.d.Currency))
	}
	return sum
}

// taxesOf reads the taxes of a line, in the way of new versions of Stripe and of old ones, and gives those that its price includes.
func (l *lines) taxesOf(o object, line *importer.Line) (inclusive decimal.Decimal) {
	var ids []string
	var each []importer.LineTax
	percent, told := decimal.Zero, true
	for _, t := range slices.Concat(o.list("taxes"), o.list("tax_amounts")) {
		amount := l.c.amountOrZero(t, "amount", l.d.Currency)
		line.Tax = line.Tax.Add(amount)
		if t.yes("inclusive") || t.text("tax_behavior") == "inclusive" {
			inclusive = inclusive.Add(amount)
			l.d.TaxInclusive = true
		}
		rate := t.part("tax_rate_details")
		id := rate.id("tax_rate") + t.id("tax_rate")
		expanded := rate.part("tax_rate")
		if expanded == nil {
			expanded = t.part("tax_rate")
		}
		if expanded == nil {
			expanded = rateNamed(o, id)
		}
		if p := expanded.number("percentage"); p != nil {
			percent = percent.Add(*p)
			each = append(each, importer.LineTax{Code: orID(expanded.firstOf("display_name", "jurisdiction"), id), Rate: *p, Tax: amount})
		} else {
			told = false
		}
		ids = append(ids, id)
		l.category(t.text("taxability_reason"), line)
	}
	slices.Sort(ids)
	l.rates = append(l.rates, strings.Join(ids, " "))
	if !told {
		percent = decimal.NewFromInt(-1)
	}
	l.percent = append(l.percent, percent)
	if told && inclusive.IsZero() && apart(each) {
		line.More = each
	}
	return inclusive
}

func orID(name, id string) string {
	if name != "" {
		return name
	}
	return id
}

// apart tells whether a line bears several taxes that can be told from each other.
func apart(taxes []importer.LineTax) bool {
	seen := map[string]bool{}
	for _, t := range taxes {
		if t.Code == "" || seen[t.Code] {
			return false
		}
		seen[t.Code] = true
	}
	return len(taxes) > 1
}

// rateNamed is a tax rate that stands in full beside the line.
func rateNamed(line object, id string) object {
	for _, rate := range line.list("tax_rates") {
		if rate.text("id") == id {
			return rate
		}
	}
	return nil
}

// category takes the EN 16931 category from Stripe's reason for a tax.
func (l *lines) category(reason string, line *importer.Line) {
	switch reason {
	case "", "not_available":
	case "standard_rated", "reduced_rated", "portion_standard_rated", "portion_reduced_rated", "proportionally_rated", "taxable_basis_reduced":
		line.TaxCategory = "S"
	case "zero_rated":
		line.TaxCategory = "Z"
	case "reverse_charge":
		line.TaxCategory = "AE"
	case "customer_exempt", "product_exempt", "product_exempt_holiday", "portion_product_exempt":
		line.TaxCategory = "E"
	case "not_collecting", "not_subject_to_tax", "not_supported", "excluded_territory", "jurisdiction_unsupported":
		line.TaxCategory = "O"
	default:
		l.c.note("taxability_reason", "billing.import.unknown_value", reason)
	}
}

func exemptCategory(exempt string) string {
	switch exempt {
	case "reverse":
		return "AE"
	case "exempt":
		return "E"
	}
	return ""
}

func product(o object) string {
	for _, p := range []object{o.part("pricing").part("price_details"), o.part("price"), o.part("plan")} {
		if id := p.id("product"); id != "" {
			return id
		}
	}
	return ""
}

// quantity is how many at what price; where that does not come to the amount, as for tiers, the amount is the price of all.
func (l *lines) quantity(o object, amount decimal.Decimal) (quantity, price decimal.Decimal) {
	q := o.number("quantity_decimal")
	if q == nil {
		q = o.number("quantity")
	}
	if q == nil || q.IsZero() || !q.Equal(q.Round(6)) {
		return decimal.NewFromInt(1), amount
	}
	unit := o.part("pricing").number("unit_amount_decimal")
	for _, p := range []object{o.part("price"), o.part("plan"), o} {
		for _, name := range []string{"unit_amount_decimal", "amount_decimal"} {
			if unit == nil {
				unit = p.number(name)
			}
		}
	}
	if unit != nil {
		price = Units(*unit, l.d.Currency).Round(6)
		if q.Mul(price).Round(l.d.Currency.Digits()).Equal(amount) {
			return *q, price
		}
	}
	price = amount.DivRound(*q, 6)
	if !q.Mul(price).Round(l.d.Currency.Digits()).Equal(amount) {
		return decimal.NewFromInt(1), amount
	}
	return *q, price
}

func (l *lines) ship(cost object, shipping decimal.Decimal) {
	line := importer.Line{No: len(l.d.Lines) + 1, Description: "Shipping", Product: "shipping", Quantity: decimal.NewFromInt(1), UnitPrice: shipping}
	inclusive := l.taxesOf(cost, &line)
	line.Net = shipping.Sub(inclusive)
	l.credits = append(l.credits, decimal.Zero)
	l.d.Lines = append(l.d.Lines, line)
}

// discount spreads what the document's discounts have over those of its lines.
func (l *lines) discount(o object) {
	whole := decimal.Zero
	for _, part := range slices.Concat(o.list("total_discount_amounts"), o.list("discount_amounts")) {
		whole = whole.Add(l.c.amountOrZero(part, "amount", l.d.Currency))
	}
	nets := make([]decimal.Decimal, len(l.d.Lines))
	for i, line := range l.d.Lines {
		whole = whole.Sub(line.Discount)
		nets[i] = line.Net
	}
	if !whole.IsPositive() {
		return
	}
	for i, share := range tax.Spread(whole, nets, l.d.Currency.Digits()) {
		l.d.Lines[i].Discount = l.d.Lines[i].Discount.Add(share)
		l.d.Lines[i].Net = l.d.Lines[i].Net.Sub(share)
	}
}

// settle completes rates and categories, sums up and holds the sums against the document's. Prepaid credits come off the
// lines where only that makes the sum right.
func (l *lines) settle(o object, total decimal.Decimal) {
	d := l.d
	l.lateTax(o)
	if credits := decimal.Sum(decimal.Zero, l.credits...); !credits.IsZero() && l.sum().Sub(credits).Equal(total) {
		for i := range d.Lines {
			d.Lines[i].Net = d.Lines[i].Net.Sub(l.credits[i])
			d.Lines[i].Discount = d.Lines[i].Discount.Add(l.credits[i])
		}
	}
	l.rate()
	l.tellApart()
	d.Taxes = importer.GroupTaxes(d.Lines)
	d.Net, d.Tax = importer.Sums(d.Taxes)
	d.Total = d.Net.Add(d.Tax)
	if !d.Total.Equal(total) {
		l.c.refuse("total", "billing.import.sum_differs", total.String(), d.Total.String(), "difference", total.Sub(d.Total).String())
	}
}

// tellApart leaves a line with several taxes the highest as its ordinary one and the others beside it, of the same category.
func (l *lines) tellApart() {
	for i := range l.d.Lines {
		line := &l.d.Lines[i]
		if len(line.More) == 0 {
			continue
		}
		slices.SortFunc(line.More, func(a, b importer.LineTax) int { return cmp.Or(b.Rate.Cmp(a.Rate), cmp.Compare(a.Code, b.Code)) })
		line.TaxRate, line.Tax = line.More[0].Rate, line.More[0].Tax
		line.More = line.More[1:]
		for k := range line.More {
			line.More[k].Category = line.TaxCategory
		}
	}
}

// lateTax spreads a tax of which only the document speaks.
func (l *lines) lateTax(o object) {
	whole, given := decimal.Zero, decimal.Zero
	nets := make([]decimal.Decimal, len(l.d.Lines))
	for i, line := range l.d.Lines {
		given = given.Add(line.Tax)
		nets[i] = line.Net
	}
	named := false
	for _, t := range slices.Concat(o.list("total_taxes"), o.list("total_tax_amounts")) {
		named = true
		whole = whole.Add(l.c.amountOrZero(t, "amount", l.d.Currency))
	}
	if t := l.c.amount(o, "tax", l.d.Currency); !named && t != nil {
		whole = *t
	}
	if !given.IsZero() || whole.IsZero() {
		return
	}
	for i, share := range tax.Spread(whole, nets, l.d.Currency.Digits()) {
		l.d.Lines[i].Tax = share
		l.rates[i], l.percent[i] = "document", decimal.NewFromInt(-1)
	}
}

func (l *lines) sum() decimal.Decimal {
	sum := decimal.Zero
	for _, line := range l.d.Lines {
		sum = sum.Add(line.Net).Add(line.Tax)
	}
	return sum
}

// rate gives each line its rate: what the file says, else what all lines with the same taxes come to.
func (l *lines) rate() {
	nets, taxes := map[string]decimal.Decimal{}, map[string]decimal.Decimal{}
	for i, line := range l.d.Lines {
		k := l.rates[i]
		nets[k], taxes[k] = nets[k].Add(line.Net), taxes[k].Add(line.Tax)
	}
	for i := range l.d.Lines {
		line := &l.d.Lines[i]
		line.TaxRate = l.percent[i]
		if line.TaxRate.IsNegative() {
			line.TaxRate = importer.RateOf(nets[l.rates[i]], taxes[l.rates[i]], l.d.Currency.Digits())
		}
		line.Categorise()
	}
}
