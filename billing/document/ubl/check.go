package ubl

import (
	"fmt"
	"regexp"

	"makegood/billing/document"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// europeanDigits is how many decimals EN 16931 gives an amount (BR-DEC-01 to BR-DEC-28); prices have no limit.
const europeanDigits = 2

// Check tells whether a document may leave the house. It asks more than the official rules: amounts agree to the last
// minor unit where those allow a whole unit, a correction names its original by number and date, and the taxes are what
// the books say. The error names every field that is wrong, each with why.
func Check(d Document) error {
	c := &checker{doc: d}
	c.particulars()
	c.parties()
	c.rules()
	if c.amounts() { // sums across currencies mean nothing
		c.lineSums()
		c.totals()
		c.taxGroups()
		c.booked()
	}
	if len(c.fields) > 0 {
		return errs.InvalidFields(c.fields...)
	}
	return nil
}

type checker struct {
	doc    Document
	fields []errs.Field
}

func (c *checker) wrong(field, key string, pairs ...string) {
	c.fields = append(c.fields, errs.InvalidField(field, key, pairs...).Fields...)
}

func (c *checker) need(there bool, field string) {
	if !there {
		c.wrong(field, "document.ubl_missing")
	}
}

func (c *checker) particulars() {
	d := c.doc
	switch d.Kind {
	case Credit, Bill, Debit, Correction:
	default:
		c.wrong("kind", "document.ubl_unknown", "value", string(d.Kind))
	}
	switch d.Profile {
	case Peppol, EN16931, Plain:
	default:
		c.wrong("profile", "document.ubl_unknown", "value", string(d.Profile))
	}
	if cur, err := money.ParseCurrency(string(d.Currency)); err != nil || cur != d.Currency {
		c.wrong("currency", "document.ubl_unknown", "value", string(d.Currency))
	}
	c.need(text(d.Number) != "", "number")
	c.need(!d.Issued.IsZero(), "issued")
	c.need(len(d.Lines) > 0, "lines")
	c.periods()
	if d.Kind == Correction || d.Kind == Credit && !d.OnAccount {
		c.need(len(d.Preceding) > 0, "preceding")
	}
	if d.OnAccount && len(d.Preceding) > 0 {
		c.wrong("on_account", "document.ubl_on_account")
	}
	for i, ref := range d.Preceding {
		c.need(text(ref.Number) != "", fmt.Sprintf("preceding[%d].number", i))
		c.need(!ref.Date.IsZero(), fmt.Sprintf("preceding[%d].date", i))
		if day(ref.Date) > day(d.Issued) {
			c.wrong(fmt.Sprintf("preceding[%d].date", i), "document.ubl_dates")
		}
	}
}

func (c *checker) periods() {
	whole := c.doc.Period
	if backwards(whole) {
		c.wrong("period", "document.ubl_dates")
	}
	for i, l := range c.doc.Lines {
		outside := !l.Period.From.IsZero() && !whole.From.IsZero() && l.Period.From.Before(whole.From) ||
			!l.Period.To.IsZero() && !whole.To.IsZero() && l.Period.To.After(whole.To)
		if outside || backwards(l.Period) { // PEPPOL-EN16931-R110, R111
			c.wrong(fmt.Sprintf("lines[%d].period", i), "document.ubl_dates")
		}
	}
}

func backwards(p Period) bool {
	return !p.From.IsZero() && !p.To.IsZero() && p.To.Before(p.From)
}

var vatIDForm = regexp.MustCompile(`^[A-Z]{2}[0-9A-Z.+*-]+$`)

func (c *checker) parties() {
	for _, p := range []struct {
		role string
		Party
	}{{"seller", c.doc.Seller}, {"buyer", c.doc.Buyer}} {
		c.need(text(p.Name) != "", p.role+".name")
		c.need(p.Address.Country != "", p.role+".address.country")
		if p.VATID != "" && !vatIDForm.MatchString(p.VATID) { // BR-CO-09
			c.wrong(p.role+".vat_id", "document.ubl_unknown", "value", p.VATID)
		}
		if p.Endpoint.Value != "" && p.Endpoint.Scheme == "" {
			c.need(false, p.role+".endpoint.scheme")
		}
		if c.doc.Profile == Peppol { // R010, R020
			c.need(p.Endpoint.Value != "", p.role+".endpoint")
		}
	}
	if s := c.doc.Seller; c.doc.Profile.European() { // BR-CO-26
		c.need(s.VATID != "" || s.ID.Value != "" || s.LegalID.Value != "", "seller.id")
	}
	if c.doc.Buyer.TaxNumber.Value != "" { // EN 16931 has no place for it
		c.wrong("buyer.tax_number", "document.ubl_buyer_number")
	}
}

// rules holds the particulars that a profile asks for.
func (c *checker) rules() {
	d := c.doc
	if !d.Profile.European() {
		return
	}
	if d.Totals.Payable.IsPositive() { // BR-CO-25
		c.need(!d.Due.IsZero() || d.Payment.Terms != "", "payment.terms")
	}
	if d.Payment.Means == transferMeans || d.Payment.Means == sepaMeans { // BR-61
		c.need(d.Payment.Account != "", "payment.account")
	}
	if d.Profile != Peppol {
		return
	}
	c.need(d.BuyerReference != "" || d.Order != "", "buyer_reference") // R003
	german := d.betweenGermans()
	if d.Kind == Correction && !german { // P0112
		c.wrong("kind", "document.ubl_corrected_abroad")
	}
	if german {
		c.german()
	}
}

// german holds what Peppol asks between German parties (DE-R-001 to DE-R-015).
func (c *checker) german() {
	d := c.doc
	for _, n := range []struct{ value, field string }{
		{d.Payment.Means, "payment.means"},
		{d.Seller.Contact.Name, "seller.contact.name"},
		{d.Seller.Contact.Phone, "seller.contact.phone"},
		{d.Seller.Contact.Email, "seller.contact.email"},
		{d.Seller.Address.City, "seller.address.city"},
		{d.Seller.Address.PostalCode, "seller.address.postal_code"},
		{d.Buyer.Address.City, "buyer.address.city"},
		{d.Buyer.Address.PostalCode, "buyer.address.postal_code"},
		{d.BuyerReference, "buyer_reference"},
	} {
		c.need(n.value != "", n.field)
	}
	if a := d.Delivery.Address; a != (Address{}) {
		c.need(a.City != "", "delivery.address.city")
		c.need(a.PostalCode != "", "delivery.address.postal_code")
	}
}

func (d Document) betweenGermans() bool {
	return d.Seller.Address.Country == germany && d.Buyer.Address.Country == germany
}

// exempt are the categories that carry no tax and must say why (BR-AE-10, BR-E-10, BR-G-10, BR-IC-10, BR-O-10).
func exempt(category string) bool {
	switch category {
	case document.Exempt, document.ReverseCharge, document.IntraCommunity, document.Export, document.OutOfScope:
		return true
	}
	return false
}
