package stripe

import (
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing/importer"
)

func (c *conversion) invoice(o object) []importer.Record {
	status := o.text("status")
	c.known("status", status, "draft", "open", "paid", "uncollectible", "void")
	switch {
	case status == "draft":
		c.leave("billing.import.draft", status)
		return nil
	case status == "void" && !c.asItStands:
		c.leave("billing.import.void", status)
		return nil
	}
	steps := o.part("status_transitions")
	d := c.document(o)
	if c.refused != nil {
		return nil
	}
	d.IssuedOn = c.firstDay(c.day(o, "effective_at"), c.day(steps, "finalized_at"), c.day(o, "created"))
	d.PurchaseOrder = purchaseOrder(o)
	in := importer.Invoice{
		Document: d, DueOn: c.day(o, "due_date"), ServiceFrom: c.day(o, "period_start"), ServiceTo: c.day(o, "period_end"),
		Standing: importer.Standing{
			Status: status, Paid: c.amount(o, "amount_paid", d.Currency), Open: c.amount(o, "amount_remaining", d.Currency),
			SettledOn: c.day(steps, "paid_at"),
		},
	}
	if in.DueOn.Before(in.IssuedOn) {
		in.DueOn = in.IssuedOn // charged at once
	}
	if d.Total.IsNegative() {
		c.refuse("total", "billing.import.negative_invoice", d.Total.String(), "≥ 0")
	}
	for _, name := range []string{"starting_balance", "ending_balance"} {
		if n := o.number(name); n != nil && !n.IsZero() {
			c.note(name, "billing.import.has_balance", n.String())
		}
	}
	return []importer.Record{{Kind: importer.Invoices, External: c.id, Invoice: &in}}
}

// purchaseOrder looks for it where people write it: a custom field of that name, or metadata.
func purchaseOrder(o object) string {
	is := func(name string) bool {
		name = strings.ToLower(strings.Map(func(r rune) rune {
			if r == ' ' || r == '_' || r == '-' || r == '.' || r == '#' {
				return -1
			}
			return r
		}, name))
		return name == "po" || name == "ponumber" || name == "purchaseorder" || name == "purchaseordernumber"
	}
	for _, f := range o.list("custom_fields") {
		if is(f.text("name")) {
			return f.text("value")
		}
	}
	for name := range o.part("metadata") {
		if is(name) {
			return o.part("metadata").text(name)
		}
	}
	return ""
}

// KeyName is where in Stripe's metadata the key of a credit note stands that was issued from here.
const KeyName = "makegood_key"

func (c *conversion) creditNote(o object) []importer.Record {
	status := o.text("status")
	c.known("status", status, "issued", "void")
	if status == "void" && !c.asItStands {
		c.leave("billing.import.void", status)
		return nil
	}
	d := c.document(o)
	if c.refused != nil {
		return nil
	}
	d.IssuedOn = c.firstDay(c.day(o, "effective_at"), c.day(o, "created"))
	n := importer.CreditNote{Document: d, Invoice: o.id("invoice"), Reason: o.text("reason"), Memo: o.text("memo"), Status: status, OurKey: o.part("metadata").text(KeyName)}
	c.known("reason", n.Reason, "duplicate", "fraudulent", "order_change", "product_unsatisfactory")
	c.known("type", o.text("type"), "pre_payment", "post_payment", "mixed")
	if n.Invoice == "" {
		c.refuse("invoice", "error.required", "", "")
	}
	c.buckets(o, &n)
	return []importer.Record{{Kind: importer.CreditNotes, External: c.id, CreditNote: &n}}
}

// buckets reads where the money of a credit note went: before payment off its invoice, after payment back to the
// customer, to its balance, or settled outside. Where the parts do not add up it is noted and left to us to decide; the
// credit note itself is sound.
func (c *conversion) buckets(o object, n *importer.CreditNote) {
	cur := n.Currency
	n.Reduce, n.Outside = c.amountOrZero(o, "pre_payment_amount", cur), c.amountOrZero(o, "out_of_band_amount", cur)
	post := c.amountOrZero(o, "post_payment_amount", cur)
	if o.text("type") == "pre_payment" && o["pre_payment_amount"] == nil {
		n.Reduce = n.Total
	}
	if o.text("type") == "post_payment" && o["post_payment_amount"] == nil {
		post = n.Total
	}
	for _, refund := range o.list("refunds") {
		n.Refunds = append(n.Refunds, refund.id("refund"))
		n.Refunded = n.Refunded.Add(c.amountOrZero(refund, "amount_refunded", cur))
	}
	if id := o.id("refund"); id != "" && len(n.Refunds) == 0 { // versions with one refund do not say how much
		n.Refunds, n.Refunded = []string{id}, post.Sub(n.Outside)
	}
	n.Balance = post.Sub(n.Refunded).Sub(n.Outside)
	sum := decimal.Sum(n.Reduce, n.Balance, n.Refunded, n.Outside)
	if n.Buckets = sum.Equal(n.Total) && !n.Balance.IsNegative(); !n.Buckets {
		c.note("pre_payment_amount", "billing.import.buckets_differ", n.Total.Sub(sum).String())
		n.Reduce, n.Balance, n.Refunded, n.Outside = decimal.Zero, decimal.Zero, decimal.Zero, decimal.Zero
	}
}
