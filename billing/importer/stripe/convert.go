package stripe

import (
	"makegood/billing/importer"
)

// convert makes the records of an object.
func (c *conversion) convert() []importer.Record {
	o, ok := parse(c.raw)
	if !ok {
		c.refuse("object", "billing.import.not_an_object", cut(string(c.raw)), "{…}")
		return nil
	}
	if o.text("object") == "event" {
		inner := o.part("data").part("object")
		if inner == nil {
			c.refuse("data.object", "error.required", "", "{…}")
			return nil
		}
		o = inner
	}
	records := c.records(o)
	for i := range records {
		records[i].Rows, records[i].Raw = []int{c.place}, c.raw
		records[i].Notes = append(records[i].Notes, c.notes...)
	}
	return records
}

func (c *conversion) records(o object) []importer.Record {
	kind := o.text("object")
	c.id = o.text("id")
	switch {
	case kind == "":
		c.refuse("object", "error.required", "", "invoice, customer, …")
	case c.id == "":
		c.refuse("id", "error.required", "", "")
	case o.yes("deleted"):
		c.leave("billing.import.deleted", kind)
	}
	if c.refused != nil {
		return nil
	}
	if live, said := o["livemode"].(bool); said && !live {
		c.note("livemode", "billing.import.test_data", "false")
	}
	switch kind {
	case "customer":
		return c.customer(o)
	case "invoice":
		return c.invoice(o)
	case "credit_note":
		return c.creditNote(o)
	case "charge":
		return c.charge(o)
	case "payment_intent":
		return c.paymentIntent(o)
	case "refund":
		return c.refund(o)
	case "invoice_payment":
		return c.application(o)
	case "customer_balance_transaction":
		return c.balanceEntry(o)
	}
	c.leave("billing.import.other_object", kind)
	return nil
}
