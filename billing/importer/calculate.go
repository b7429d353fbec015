package importer

import (
	"strconv"

	"github.com/shopspring/decimal"

	"makegood/billing/tax"
)

// calculation works out the lines, taxes and sums of a document and holds them against what the file says. Whatever
// does not add up is refused with the difference.
type calculation struct {
	doc     *Document
	head    *row
	rows    []*row
	perLine bool
	note    bool

	net, tax, total *decimal.Decimal // as the file has them; total without cash rounding
	rated, taxed    bool             // lines have rates; lines have their tax
	turned          bool
}

func (c *calculation) failed() bool { return (&group{rows: c.rows}).refused() }

func (c *calculation) work() {
	cur := c.doc.Currency
	c.net, c.tax, c.total = c.head.amount(FieldNet, cur), c.head.amount(FieldTax, cur), c.head.amount(FieldTotal, cur)
	c.rounding()
	if c.perLine {
		c.lines()
	} else {
		c.singleLine()
	}
	if c.failed() {
		return
	}
	c.whole()
	if c.failed() {
		return
	}
	c.taxes()
	c.compare()
	if c.note && c.doc.Total.IsNegative() {
		c.turn()
	}
}

// turn makes the amounts of a credit note positive.
func (c *calculation) turn() {
	d := c.doc
	c.turned = true
	d.Net, d.Tax, d.Total, d.Rounding = d.Net.Neg(), d.Tax.Neg(), d.Total.Neg(), d.Rounding.Neg()
	for i := range d.Lines {
		l := &d.Lines[i]
		l.Net, l.Tax, l.Discount = l.Net.Neg(), l.Tax.Neg(), l.Discount.Neg()
		for k := range l.More {
			l.More[k].Tax = l.More[k].Tax.Neg()
		}
		if !l.Quantity.IsZero() && l.Quantity.Mul(l.UnitPrice).Sign() != 0 {
			if l.Quantity.IsNegative() {
				l.Quantity = l.Quantity.Neg()
			} else {
				l.UnitPrice = l.UnitPrice.Neg()
			}
		}
	}
	for i := range d.Taxes {
		d.Taxes[i].Net, d.Taxes[i].Tax = d.Taxes[i].Net.Neg(), d.Taxes[i].Tax.Neg()
	}
}

// singleLine makes the one line of a document that has only sums.
func (c *calculation) singleLine() {
	w, d := c.head, c.doc
	var net decimal.Decimal
	switch {
	case d.TaxInclusive && c.total != nil:
		net = *c.total
	case c.net != nil:
		net = *c.net
	case c.total != nil && c.tax != nil:
		net = c.total.Sub(*c.tax)
	case c.total != nil:
		net = *c.total
		if rate := w.percent(FieldTaxRate); rate != nil && rate.IsPositive() {
			c.doc.TaxInclusive = true // nothing but a total and a rate: the tax is within
		}
	default:
		w.refuse(FieldTotal, "error.required", "")
		return
	}
	d.Lines = []Line{c.line(w, 1, net)}
	d.Lines[0].Quantity, d.Lines[0].UnitPrice = decimal.NewFromInt(1), net
}

func (c *calculation) lines() {
	seen := map[int]int{}
	for i, w := range c.rows {
		no := i + 1
		if given := w.integer(FieldLineNo); given != nil {
			no = *given
			if first, twice := seen[no]; twice {
				w.refuse(FieldLineNo, "billing.import.duplicate_line", "", "first", strconv.Itoa(first))
			}
			seen[no] = w.Number
		}
		if net, ok := c.lineNet(w); ok {
			c.doc.Lines = append(c.doc.Lines, c.line(w, no, net))
		}
	}
}

// line reads what does not concern the amount of a line.
func (c *calculation) line(w *row, no int, net decimal.Decimal) Line {
	l := Line{
		No: no, External: w.name(FieldLineID), InvoiceLine: w.name(FieldInvoiceLine), Product: w.name(FieldProduct),
		Description: w.text(FieldDescription), Net: net, TaxCategory: w.name(FieldTaxCategory), CostCentre: w.name(FieldCostCentre),
		Location: w.text(FieldLocation), ServiceFrom: w.day(FieldLineServiceFrom), ServiceTo: w.day(FieldLineServiceTo),
	}
	if d := w.amount(FieldLineDiscount, c.doc.Currency); d != nil {
		l.Discount = *d
	}
	if rate := w.percent(FieldTaxRate); rate != nil {
		l.TaxRate, c.rated = *rate, true
	}
	l.Charge = w.yes(FieldLineCharge)
	l.More = c.moreTaxes(w)
	if t := w.amount(FieldLineTax, c.doc.Currency); t != nil && c.perLine {
		l.Tax, c.taxed = *t, true
	}
	if c.perLine {
		l.Quantity, l.UnitPrice = c.quantityAndPrice(w, net)
	}
	return l
}

// quantityAndPrice fills in what a line leaves out.
func (c *calculation) quantityAndPrice(w *row, net decimal.Decimal) (quantity, price decimal.Decimal) {
	q, p := w.figure(FieldQuantity), w.price()
	quantity = decimal.NewFromInt(1)
	if q != nil {
		quantity = *q
	}
	switch {
	case p != nil:
		price = p.Round(figureDigits)
	case quantity.IsZero():
		price = decimal.Zero
	default:
		price = net.DivRound(quantity, figureDigits)
	}
	return quantity, price
}

// price may be finer than we keep it where the line's amount is given beside it: the amount counts.
func (w *row) price() *decimal.Decimal {
	if !w.has(FieldLineNet) {
		return w.figure(FieldUnitPrice)
	}
	n, ok := w.number(FieldUnitPrice, figureDigits)
	if !ok {
		return nil
	}
	return &n.value
}

// lineNet is what a line comes to: as given, or quantity times price less discount. Where both are there they must agree;
// a price finer than the currency is taken to be rounded itself.
func (c *calculation) lineNet(w *row) (decimal.Decimal, bool) {
	digits := c.doc.Currency.Digits()
	given, q, p := w.amount(FieldLineNet, c.doc.Currency), w.figure(FieldQuantity), w.price()
	discount := decimal.Zero
	if d := w.amount(FieldLineDiscount, c.doc.Currency); d != nil {
		discount = *d
	}
	if len(w.bad) > 0 {
		return decimal.Zero, false
	}
	if q == nil && p != nil {
		one := decimal.NewFromInt(1)
		q = &one
	}
	switch {
	case given == nil && p == nil:
		w.refuse(FieldLineNet, "error.required", "")
		return decimal.Zero, false
	case p == nil:
		return *given, true
	case given == nil:
		return q.Mul(*p).Round(digits).Sub(discount), true
	}
	worked := q.Mul(*p).Sub(discount)
	slack := decimal.New(5, -digits-1) // whichever way it was rounded
	if -p.Exponent() > digits {
		slack = slack.Add(q.Abs().Mul(decimal.New(5, p.Exponent()-1)))
	}
	if given.Sub(worked).Abs().GreaterThan(slack) && given.Sub(q.Mul(*p)).Abs().GreaterThan(slack) {
		w.refuse(FieldLineNet, "billing.import.line_differs", worked.Round(digits).String(), "difference", given.Sub(worked.Round(digits)).String())
		return *given, false
	}
	return *given, true
}

// taxes works out the tax groups, by what the file says of tax: per line, by rates, or only in all.
func (c *calculation) taxes() {
	d := c.doc
	switch {
	case c.taxed:
		c.byLineTax()
	case c.rated:
		c.byRate()
	default:
		c.byTotal()
	}
	d.Taxes = GroupTaxes(d.Lines)
	d.Net, d.Tax = Sums(d.Taxes)
	d.Total = d.Net.Add(d.Tax).Add(d.Rounding)
}

func (c *calculation) byLineTax() {
	d := c.doc
	for i := range d.Lines {
		l := &d.Lines[i]
		if d.TaxInclusive {
			l.Net = l.Net.Sub(l.Tax)
		}
		if !c.rated || l.TaxRate.IsZero() && !l.Tax.IsZero() {
			l.TaxRate = RateOf(l.Net, l.Tax, d.Currency.Digits())
		}
		l.Categorise()
	}
	c.workOutMore()
}

func (c *calculation) byRate() {
	d := c.doc
	digits := d.Currency.Digits()
	lines := make([]tax.Line, len(d.Lines))
	for i := range d.Lines {
		d.Lines[i].Categorise()
		lines[i] = tax.Line{Net: d.Lines[i].Net, Category: d.Lines[i].TaxCategory, Rate: d.Lines[i].TaxRate}
	}
	work := tax.Groups
	if d.TaxInclusive {
		work = tax.GroupsInclusive
	}
	groups := work(lines, digits)
	sum := c.workOutMore()
	for _, g := range groups {
		sum = sum.Add(g.Tax)
		for _, share := range g.Shares {
			d.Lines[share.Index].Tax = share.Tax
		}
	}
	if given := c.givenTax(); given != nil && !given.Equal(sum) {
		c.roundedPerLine(*given)
	}
	if d.TaxInclusive {
		for i := range d.Lines {
			d.Lines[i].Net = d.Lines[i].Net.Sub(d.Lines[i].Tax)
		}
	}
}

// roundedPerLine takes the tax rounded line by line, as some systems do, if that is what the document says.
func (c *calculation) roundedPerLine(given decimal.Decimal) {
	digits := c.doc.Currency.Digits()
	sum, taxes := decimal.Zero, make([]decimal.Decimal, len(c.doc.Lines))
	for i, l := range c.doc.Lines {
		taxes[i] = tax.Of(l.Net, l.TaxRate, digits)
		if c.doc.TaxInclusive {
			taxes[i] = tax.Within(l.Net, l.TaxRate, digits)
		}
		sum = sum.Add(taxes[i])
		for _, more := range l.More {
			sum = sum.Add(more.Tax)
		}
	}
	if !sum.Equal(given) {
		return
	}
	for i := range taxes {
		c.doc.Lines[i].Tax = taxes[i]
	}
}

// givenTax is the document's tax where the file says it, in itself or as what the total has over the net.
func (c *calculation) givenTax() *decimal.Decimal {
	switch {
	case c.tax != nil:
		return c.tax
	case c.total != nil && c.net != nil:
		t := c.total.Sub(*c.net)
		return &t
	case c.total != nil && c.perLine && !c.doc.TaxInclusive:
		t := c.total.Sub(sumNet(c.doc.Lines))
		return &t
	}
	return nil
}

// byTotal spreads a tax of which the file only says the sum over the lines, at the rate it comes to.
func (c *calculation) byTotal() {
	d := c.doc
	digits := d.Currency.Digits()
	whole := decimal.Zero
	// Without a word about tax, a total that differs from the lines is an error, not a tax.
	if c.tax != nil {
		whole = *c.tax
	} else if c.total != nil && c.net != nil {
		whole = c.total.Sub(*c.net)
	}
	nets := make([]decimal.Decimal, len(d.Lines))
	for i, l := range d.Lines {
		nets[i] = l.Net
	}
	sum := sumNet(d.Lines)
	if d.TaxInclusive {
		sum = sum.Sub(whole)
	}
	rate := RateOf(sum, whole, digits)
	for i, share := range tax.Spread(whole, nets, digits) {
		l := &d.Lines[i]
		l.Tax, l.TaxRate = share, rate
		if d.TaxInclusive {
			l.Net = l.Net.Sub(share)
		}
		l.Categorise()
	}
}

// Categorise gives a line without a tax category the one its rate makes likely: S with tax, Z without.
func (l *Line) Categorise() {
	switch {
	case l.TaxCategory != "":
	case l.TaxRate.IsPositive():
		l.TaxCategory = "S"
	default:
		l.TaxCategory = "Z"
	}
}

// compare holds what was worked out against the sums of the file.
func (c *calculation) compare() {
	d := c.doc
	c.mustEqual(FieldNet, c.net, d.Net)
	c.mustEqual(FieldTax, c.tax, d.Tax)
	if c.total != nil {
		c.mustEqual(FieldTotal, new(c.total.Add(d.Rounding)), d.Total)
	}
	if d.Withholding.GreaterThan(d.Total.Abs()) {
		c.head.refuse(FieldWithholding, "billing.withholding_over_total", "0–"+d.Total.Abs().String(), "total", d.Total.Abs().String())
	}
}

func (c *calculation) mustEqual(f Field, given *decimal.Decimal, worked decimal.Decimal) {
	if given != nil && !given.Equal(worked) {
		c.head.refuse(f, "billing.import.sum_differs", worked.String(), "difference", given.Sub(worked).String())
	}
}

func (c *calculation) totalField() Field {
	if c.total != nil {
		return FieldTotal
	}
	return FieldNet
}

func sumNet(lines []Line) decimal.Decimal {
	sum := decimal.Zero
	for _, l := range lines {
		sum = sum.Add(l.Net)
	}
	return sum
}

// RateOf is the roundest rate in per cent, of at most four decimals, at which a net bears a tax.
func RateOf(net, taxed decimal.Decimal, digits int32) decimal.Decimal {
	if net.IsZero() || taxed.IsZero() {
		return decimal.Zero
	}
	exact := taxed.Shift(2).DivRound(net, 10)
	for places := range int32(4) {
		if rate := exact.Round(places); !rate.IsNegative() && tax.Of(net, rate, digits).Equal(taxed) {
			return rate
		}
	}
	return exact.Round(4)
}
