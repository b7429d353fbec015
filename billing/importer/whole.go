package importer

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing/tax"
)

// rounding takes the cash rounding out of the total, which is then net and tax as the lines have them.
func (c *calculation) rounding() {
	r := c.head.amount(FieldRounding, c.doc.Currency)
	if r != nil {
		c.doc.Rounding = *r
		if c.total != nil {
			c.total = new(c.total.Sub(*r))
		}
	}
	if w := c.head.amount(FieldWithholding, c.doc.Currency); w != nil {
		c.doc.Withholding = w.Abs()
	}
}

// whole takes in what concerns the document as a whole: a discount comes off its lines by largest remainder, a charge is a line
// of its own. A document of sums alone has both within its net.
func (c *calculation) whole() {
	d, w := c.doc, c.head
	d.DiscountLabel = w.text(FieldDiscountLabel)
	discount, charge := w.amount(FieldDiscount, d.Currency), w.amount(FieldCharge, d.Currency)
	if charge != nil && !charge.IsZero() {
		defer c.charge(*charge)
		if !c.perLine {
			d.Lines[0].Net = d.Lines[0].Net.Sub(*charge)
			d.Lines[0].UnitPrice = d.Lines[0].Net
		}
	}
	if discount != nil && !discount.IsZero() {
		c.discount(discount.Abs())
	}
}

func (c *calculation) discount(amount decimal.Decimal) {
	d := c.doc
	if !c.perLine {
		d.Lines[0].Discount = amount
		d.Lines[0].UnitPrice = d.Lines[0].Net.Add(amount)
		return
	}
	var members []int
	var nets []decimal.Decimal
	sum := decimal.Zero
	for i, l := range d.Lines {
		if l.Charge {
			continue
		}
		members, nets, sum = append(members, i), append(nets, l.Net), sum.Add(l.Net)
	}
	if amount.GreaterThan(sum.Abs()) {
		c.head.refuse(FieldDiscount, "billing.discount_over_lines", "0–"+sum.Abs().String())
		return
	}
	if sum.IsNegative() {
		amount = amount.Neg()
	}
	for k, share := range tax.Spread(amount, nets, d.Currency.Digits()) {
		l := &d.Lines[members[k]]
		l.Discount, l.Net = l.Discount.Add(share), l.Net.Sub(share)
	}
}

// charge makes a line of a charge. Its rate is as given, else the one rate that all lines have.
func (c *calculation) charge(amount decimal.Decimal) {
	d, w := c.doc, c.head
	l := Line{
		No: 1, Description: w.text(FieldChargeLabel), Quantity: decimal.NewFromInt(1), UnitPrice: amount, Net: amount, Charge: true,
		TaxCategory: w.name(FieldChargeCategory),
	}
	if l.Description == "" {
		l.Description = "Charge"
	}
	for _, other := range d.Lines {
		l.No = max(l.No, other.No+1)
	}
	rate := w.percent(FieldChargeRate)
	switch {
	case rate != nil:
		l.TaxRate, c.rated = *rate, true
	case c.rated || c.taxed:
		if l.TaxRate = d.Lines[0].TaxRate; slices.ContainsFunc(d.Lines, func(x Line) bool { return !x.TaxRate.Equal(l.TaxRate) }) {
			w.refuse(FieldChargeRate, "error.required", "")
		}
		if l.TaxCategory == "" {
			l.TaxCategory = d.Lines[0].TaxCategory
		}
	}
	if c.taxed {
		l.Tax = c.chargeTax(l)
	}
	d.Lines = append(d.Lines, l)
}

// chargeTax is the tax of a charge where lines have theirs: what the document's has over them, else by its rate.
func (c *calculation) chargeTax(charge Line) decimal.Decimal {
	digits := c.doc.Currency.Digits()
	if c.tax == nil && c.doc.TaxInclusive {
		return tax.Within(charge.Net, charge.TaxRate, digits)
	}
	if c.tax == nil {
		return tax.Of(charge.Net, charge.TaxRate, digits)
	}
	left := *c.tax
	for _, l := range c.doc.Lines {
		left = left.Sub(l.Taxed())
	}
	return left
}

// moreTaxes reads further taxes on a line, each "code rate", "code category rate", and with "= amount" where the file says what
// it comes to, divided by semicolons: "city 2.5; county S 1 = 0.50".
func (c *calculation) moreTaxes(w *row) []LineTax {
	var list []LineTax
	for part := range strings.SplitSeq(w.text(FieldMoreTaxes), ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		t, ok := c.moreTax(part)
		if ok = ok && !slices.ContainsFunc(list, func(x LineTax) bool { return x.Code == t.Code }); !ok {
			w.refuse(FieldMoreTaxes, "billing.import.bad_more_taxes", "city S 2.5; county 1 = 0.50")
			return nil
		}
		list = append(list, t)
	}
	if len(list) > 0 && c.doc.TaxInclusive {
		w.refuse(FieldMoreTaxes, "billing.one_tax_where_prices_include_it", "")
	}
	c.rated = c.rated || len(list) > 0
	return list
}

func (c *calculation) moreTax(part string) (LineTax, bool) {
	words, amount, said := strings.Cut(part, "=")
	fields := strings.Fields(strings.ReplaceAll(words, "%", " "))
	t := LineTax{Category: "S", unsaid: !said}
	switch len(fields) {
	case 3:
		t.Code, t.Category = fields[0], strings.ToUpper(fields[1])
	case 2:
		t.Code = fields[0]
	default:
		return t, false
	}
	var err error
	if t.Rate, err = decimal.NewFromString(fields[len(fields)-1]); err != nil || t.Rate.IsNegative() || t.Rate.GreaterThan(decimal.NewFromInt(100)) {
		return t, false
	}
	if !said {
		return t, true
	}
	t.Tax, err = decimal.NewFromString(strings.TrimSpace(amount))
	return t, err == nil && t.Tax.Equal(t.Tax.Truncate(c.doc.Currency.Digits()))
}

// workOutMore works out the further taxes of which the file does not say what they come to, each once on the sum of its lines,
// and gives what all further taxes come to.
func (c *calculation) workOutMore() decimal.Decimal {
	d := c.doc
	type place struct{ line, tax int }
	at, taxed := map[string][]place{}, map[string][]tax.Line{}
	var codes []string
	sum := decimal.Zero
	for i, l := range d.Lines {
		for k, t := range l.More {
			if !t.unsaid {
				sum = sum.Add(t.Tax)
				continue
			}
			if at[t.Code] == nil {
				codes = append(codes, t.Code)
			}
			at[t.Code] = append(at[t.Code], place{i, k})
			taxed[t.Code] = append(taxed[t.Code], tax.Line{Net: l.Net, Category: t.Category, Rate: t.Rate})
		}
	}
	for _, code := range codes {
		for _, g := range tax.Groups(taxed[code], d.Currency.Digits()) {
			sum = sum.Add(g.Tax)
			for _, share := range g.Shares {
				p := at[code][share.Index]
				more := &d.Lines[p.line].More[p.tax]
				more.Tax, more.unsaid = share.Tax, false
			}
		}
	}
	return sum
}

// GroupTaxes sums the lines by category and rate, in the order in which they appear, then their further taxes by code.
func GroupTaxes(lines []Line) []Tax {
	type key struct{ code, category, rate string }
	at := map[key]int{}
	var out []Tax
	add := func(t LineTax, net decimal.Decimal) {
		k := key{t.Code, t.Category, t.Rate.String()}
		i, known := at[k]
		if !known {
			i = len(out)
			at[k] = i
			out = append(out, Tax{Code: t.Code, Category: t.Category, Rate: t.Rate})
		}
		out[i].Net, out[i].Tax = out[i].Net.Add(net), out[i].Tax.Add(t.Tax)
	}
	for _, l := range lines {
		add(LineTax{Category: l.TaxCategory, Rate: l.TaxRate, Tax: l.Tax}, l.Net)
	}
	for _, l := range lines {
		for _, t := range l.More {
			add(t, l.Net)
		}
	}
	return out
}

// Sums are the net of a document, which its ordinary taxes add up to, and all its tax.
func Sums(taxes []Tax) (net, taxed decimal.Decimal) {
	for _, t := range taxes {
		if t.Code == "" {
			net = net.Add(t.Net)
		}
		taxed = taxed.Add(t.Tax)
	}
	return net, taxed
}
