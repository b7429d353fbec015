package ubl

import (
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/internal/money"
)

const discountCode = "95" // UNTDID 5189: discount

// category says "export outside the EU" (G) as zero-rated (Z) for a seller who has no VAT number of the EU's kind: G asks
// for one (BR-G-02).
func (b *builder) category(code string) string {
	if code == document.Export && b.doc.Seller.VATID == "" {
		return document.ZeroRated
	}
	return code
}

// rateOf is the rate of a category that has one; the others have none, whatever a line remembers.
func rateOf(category string, rate decimal.Decimal) decimal.Decimal {
	if exempt(category) {
		return decimal.Zero
	}
	return rate
}

// taxes makes one breakdown of each category and rate, as EN 16931 has it: groups that differ in their note alone join.
func (b *builder) taxes() {
	for _, g := range b.printed.taxes {
		if g.Code != "" {
			continue
		}
		category := b.category(g.Category)
		t := Tax{Category: category, Rate: rateOf(category, g.Rate), Net: g.Net, Tax: g.Tax}
		if exempt(category) {
			why := b.more.Exemptions[category]
			t.Reason, t.ReasonCode = orElse(why.Reason, g.Note), orElse(orElse(why.Code, g.NoteCode), reasonCode(category))
		}
		b.join(t)
	}
}

func (b *builder) join(t Tax) {
	d := b.doc
	for i := range d.Taxes {
		same := &d.Taxes[i]
		if groupOf(same.Category, same.Rate) != groupOf(t.Category, t.Rate) {
			continue
		}
		same.Net, same.Tax = d.plus(same.Net, t.Net), d.plus(same.Tax, t.Tax)
		same.ReasonCode = orElse(same.ReasonCode, t.ReasonCode)
		if !strings.Contains(same.Reason, t.Reason) {
			same.Reason = strings.Join(nonEmpty(same.Reason, t.Reason), "; ")
		}
		return
	}
	d.Taxes = append(d.Taxes, t)
}

// furtherTaxes writes each tax other than VAT as a charge that bears none (BG-21): exempt, or outside the scope of VAT
// where the whole document is. The list of charges (UNTDID 7161) has no code for a tax, so its name stands alone.
func (b *builder) furtherTaxes() {
	category := document.Exempt
	for _, t := range b.doc.Taxes {
		if t.Category == document.OutOfScope {
			category = document.OutOfScope
		}
	}
	for _, g := range b.printed.taxes {
		if g.Code == "" || g.Tax.IsZero() {
			continue
		}
		d, name := b.doc, orElse(orElse(g.Name, b.printed.taxName), g.Code)
		d.Adjustments = append(d.Adjustments, Adjustment{Charge: true, Amount: g.Tax, Reason: name, Category: category})
		d.Totals.Charges = d.plus(d.Totals.Charges, g.Tax)
		b.join(Tax{Category: category, Net: g.Tax, Tax: money.Zero(d.Currency), Reason: name, ReasonCode: reasonCode(category)})
		b.further = d.plus(b.further, g.Tax)
	}
}
