package stripe

import (
	"strings"

	"makegood/billing/importer"
	"makegood/internal/money"
)

func (c *conversion) customer(o object) []importer.Record {
	in := importer.Customer{
		Account: c.id, Name: o.firstOf("name", "business_name", "individual_name", "description", "email", "id"), Phone: o.text("phone"),
		TaxExempt: o.text("tax_exempt"), Address: address(o.part("address")), Country: o.part("address").text("country"),
	}
	c.known("tax_exempt", in.TaxExempt, "none", "exempt", "reverse")
	if in.TaxExempt == "none" {
		in.TaxExempt = ""
	}
	if cur, err := money.ParseCurrency(o.text("currency")); err == nil {
		in.Currency = cur
	} else if o.text("currency") != "" {
		c.note("currency", "billing.import.unknown_currency", o.text("currency"))
	}
	if email := o.text("email"); email != "" {
		in.Emails, in.ContactName = []string{email}, o.text("individual_name")
	}
	if locales, ok := o["preferred_locales"].([]any); ok && len(locales) > 0 {
		in.Language, _ = locales[0].(string)
	}
	for _, id := range o.list("tax_ids") {
		if in.TaxID == "" {
			in.TaxID = id.text("value")
		}
	}
	if balance := o.number("balance"); balance != nil && !balance.IsZero() {
		c.note("balance", "billing.import.has_balance", balance.String())
	}
	return []importer.Record{{Kind: importer.Customers, External: c.id, Customer: &in}}
}

// address is a postal address in lines.
func address(o object) string {
	var lines []string
	for _, line := range []string{
		o.text("line1"), o.text("line2"), strings.TrimSpace(o.text("postal_code") + " " + o.text("city")), o.text("state"), o.text("country"),
	} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
