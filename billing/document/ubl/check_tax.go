package ubl

import (
	"fmt"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/billing/tax"
	"makegood/internal/money"
)

// group is what tells one tax of a document from another: 19 and 19.00 are one rate.
type group struct{ category, rate string }

func groupOf(category string, rate decimal.Decimal) group {
	if rate.IsZero() {
		return group{category, "0"}
	}
	return group{category, rate.String()}
}

// taxGroups holds the VAT breakdown (BG-23) against lines and adjustments, group by group.
func (c *checker) taxGroups() {
	c.need(len(c.doc.Taxes) > 0, "taxes")
	nets, used := c.groupNets()
	seen := map[group]bool{}
	alone := false
	for i, t := range c.doc.Taxes {
		at, key := fmt.Sprintf("taxes[%d]", i), groupOf(t.Category, t.Rate)
		if seen[key] {
			c.wrong(at, "document.ubl_twice")
		}
		seen[key] = true
		alone = alone || t.Category == document.OutOfScope
		c.same(at+".net", t.Net, nets[key])
		c.category(at, t)
		c.amountOfTax(at, t)
	}
	for key, field := range used {
		if !seen[key] {
			c.wrong(field, "document.ubl_no_group")
		}
	}
	if alone && len(c.doc.Taxes) > 1 { // BR-O-11 to BR-O-14
		c.wrong("taxes", "document.ubl_alone")
	}
	for category := range c.categories() {
		c.categoryParties(category)
	}
}

// groupNets adds up lines and adjustments by group, and keeps a field that belongs to each.
func (c *checker) groupNets() (map[group]decimal.Decimal, map[group]string) {
	nets, used := map[group]decimal.Decimal{}, map[group]string{}
	for i, l := range c.doc.Lines {
		key := groupOf(l.Category, l.Rate)
		nets[key] = nets[key].Add(l.Net.Decimal())
		used[key] = fmt.Sprintf("lines[%d].category", i)
	}
	for i, a := range c.doc.Adjustments {
		key, amount := groupOf(a.Category, a.Rate), a.Amount.Decimal()
		if !a.Charge {
			amount = amount.Neg()
		}
		nets[key] = nets[key].Add(amount)
		used[key] = fmt.Sprintf("adjustments[%d].category", i)
	}
	return nets, used
}

func (c *checker) categories() map[string]bool {
	set := map[string]bool{}
	for _, t := range c.doc.Taxes {
		set[t.Category] = true
	}
	return set
}

// category holds what a category says about rate and reason (BR-S-05, BR-Z-05, BR-E-05 … and BR-…-10).
func (c *checker) category(at string, t Tax) {
	reason := t.Reason != "" || t.ReasonCode != ""
	switch {
	case t.Category == document.Standard:
		if !t.Rate.IsPositive() {
			c.wrong(at+".rate", "document.ubl_rate")
		}
	case t.Category == document.ZeroRated, exempt(t.Category):
		if !t.Rate.IsZero() {
			c.wrong(at+".rate", "document.ubl_rate")
		}
	default:
		c.wrong(at+".category", "document.ubl_unknown", "value", t.Category)
		return
	}
	if exempt(t.Category) != reason {
		c.wrong(at+".reason", "document.ubl_reason")
	}
	if !reasonFits(t.ReasonCode, t.Category) {
		c.wrong(at+".reason_code", "document.ubl_unknown", "value", t.ReasonCode)
	}
}

// amountOfTax holds a group's tax: nothing where the rate is nothing; what the books say where they were asked; else its
// rate, rounded half up once. The official rule allows a whole unit of the currency (BR-CO-17), we allow none.
func (c *checker) amountOfTax(at string, t Tax) {
	net, digits := t.Net.Decimal(), c.doc.Currency.Digits()
	own := tax.Of(net, t.Rate, digits)
	if c.doc.PricesIncludeTax {
		own = tax.Within(net.Add(t.Tax.Decimal()), t.Rate, digits)
	}
	if b := c.bookedFor(t); b != nil {
		own = b.Tax.Decimal()
	}
	if !t.Tax.Decimal().Equal(own) {
		c.wrong(at+".tax", "document.ubl_tax", "expected", money.Of(own, c.doc.Currency).String(), "stated", t.Tax.String())
		return
	}
	// BR-CO-17 still binds: of yen with tax in their prices, a part of an invoice can be as far off by rounding alone.
	off := t.Tax.Decimal().Sub(tax.Of(net, t.Rate, europeanDigits)).Abs()
	if c.doc.Profile.European() && off.GreaterThanOrEqual(decimal.NewFromInt(1)) {
		c.wrong(at+".tax", "document.ubl_tolerance", "stated", t.Tax.String())
	}
}

func (c *checker) bookedFor(t Tax) *Booked {
	for i := range c.doc.Booked {
		if b := &c.doc.Booked[i]; groupOf(b.Category, b.Rate) == groupOf(t.Category, t.Rate) {
			return b
		}
	}
	return nil
}

// booked holds every group the books know against the document, and the document against the original: never more than
// is left of it, and the credit that completes a group gives back exactly the tax that is left.
func (c *checker) booked() {
	for i, b := range c.doc.Booked {
		at := fmt.Sprintf("booked[%d]", i)
		stated := Tax{Net: money.Zero(c.doc.Currency), Tax: money.Zero(c.doc.Currency)}
		for _, t := range c.doc.Taxes {
			if groupOf(b.Category, b.Rate) == groupOf(t.Category, t.Rate) {
				stated = t
			}
		}
		c.same(at+".net", stated.Net, b.Net.Decimal())
		if stated.Category == "" {
			c.same(at+".tax", stated.Tax, b.Tax.Decimal()) // of a group the document leaves out
		}
		if b.Original != nil {
			c.original(at+".original", b)
		}
	}
}

func (c *checker) original(at string, b Booked) {
	// Where prices include tax it is the gross that is credited: its last part is what completes a group, and before it the
	// rounding may have given the whole net and not the whole tax.
	netLeft := b.Original.Net.Decimal().Sub(b.Original.CreditedNet.Decimal())
	taxLeft := b.Original.Tax.Decimal().Sub(b.Original.CreditedTax.Decimal())
	completes := b.Net.Decimal().Equal(netLeft)
	if c.doc.PricesIncludeTax {
		completes = b.Net.Decimal().Add(b.Tax.Decimal()).Equal(netLeft.Add(taxLeft))
	}
	switch {
	case b.Net.Decimal().GreaterThan(netLeft):
		c.wrong(at+".net", "document.ubl_over", "left", netLeft.String(), "stated", b.Net.String())
	case b.Tax.Decimal().GreaterThan(taxLeft):
		c.wrong(at+".tax", "document.ubl_over", "left", taxLeft.String(), "stated", b.Tax.String())
	case completes && !b.Tax.Decimal().Equal(taxLeft):
		c.wrong(at+".tax", "document.ubl_tax", "expected", money.Of(taxLeft, c.doc.Currency).String(), "stated", b.Tax.String())
	}
}

// categoryParties holds whose numbers a category needs, and what else (BR-S-02, BR-AE-02, BR-IC-02, BR-IC-11, BR-IC-12,
// BR-G-02, BR-O-02).
func (c *checker) categoryParties(category string) {
	d := c.doc
	if !d.Profile.European() {
		return
	}
	switch category {
	case document.Standard, document.ZeroRated, document.Exempt:
		c.need(d.Seller.VATID != "" || d.Seller.TaxNumber.Value != "", "seller.vat_id")
	case document.ReverseCharge:
		c.need(d.Seller.VATID != "" || d.Seller.TaxNumber.Value != "", "seller.vat_id")
		c.need(d.Buyer.VATID != "" || d.Buyer.LegalID.Value != "", "buyer.vat_id")
	case document.IntraCommunity:
		c.need(d.Seller.VATID != "", "seller.vat_id")
		c.need(d.Buyer.VATID != "", "buyer.vat_id")
		c.need(!d.Delivery.Date.IsZero() || d.Period != (Period{}), "delivery.date")
		c.need(d.Delivery.Address.Country != "", "delivery.address.country")
	case document.Export:
		c.need(d.Seller.VATID != "", "seller.vat_id")
	case document.OutOfScope:
		if d.Seller.VATID != "" || d.Buyer.VATID != "" {
			c.wrong("seller.vat_id", "document.ubl_out_of_scope")
		}
	}
}
