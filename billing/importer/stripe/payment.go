package stripe

import (
	"makegood/billing/importer"
)

// charge is money that came in. An authorisation that was not captured is none, nor is a failed charge.
func (c *conversion) charge(o object) []importer.Record {
	status := o.text("status")
	c.known("status", status, "succeeded", "pending", "failed")
	if status != "" && status != "succeeded" || o["captured"] == false || o["paid"] == false {
		c.leave("billing.import.not_paid", status)
		return nil
	}
	cur := c.currency(o)
	if c.refused != nil {
		return nil
	}
	amount := c.amount(o, "amount", cur)
	if captured := c.amount(o, "amount_captured", cur); captured != nil && captured.IsPositive() {
		amount = captured
	}
	p := importer.Payment{
		Number: c.id, Customer: o.id("customer"), CustomerName: o.part("billing_details").text("name"), Currency: cur,
		ReceivedOn: c.firstDay(c.day(o, "created")), Method: o.part("payment_method_details").text("type"), BankReference: o.id("payment_intent"),
	}
	switch {
	case c.refused != nil:
		return nil
	case amount == nil || !amount.IsPositive():
		c.refuse("amount", "billing.import.not_positive", show(o["amount"]), "> 0")
		return nil
	}
	p.Amount = *amount
	if fees := o.part("balance_transaction"); fees.text("currency") == o.text("currency") {
		p.Fee = c.amountOrZero(fees, "fee", cur)
	}
	if invoice := o.id("invoice"); invoice != "" {
		p.Applied = []importer.Applied{{Invoice: invoice, Amount: p.Amount}}
	}
	if p.Customer == "" {
		c.note("customer", "billing.import.no_customer", "")
	}
	if o.yes("disputed") {
		c.note("disputed", "billing.import.charged_back", o.id("dispute"))
	}
	records := []importer.Record{{Kind: importer.Payments, External: c.id, Payment: &p}}
	return append(records, c.refundsOf(o)...)
}

// refundsOf are the refunds that stand within a charge.
func (c *conversion) refundsOf(o object) []importer.Record {
	var records []importer.Record
	charge := c.id
	for _, refund := range o.list("refunds") {
		if _, said := refund["charge"]; !said {
			refund["charge"] = charge
		}
		if _, said := refund["customer"]; !said {
			refund["customer"] = o["customer"]
		}
		inner := &conversion{zone: c.zone, place: c.place, raw: c.raw, id: refund.text("id")}
		records = append(records, inner.refund(refund)...)
		if inner.refused != nil && !inner.refused.Left {
			c.refused = inner.refused
			return nil
		}
	}
	return records
}

// paymentIntent is counted by its charge; one that carries the charge within it gives that.
func (c *conversion) paymentIntent(o object) []importer.Record {
	charge := o.part("latest_charge")
	if charge == nil || charge.text("object") != "charge" {
		c.leave("billing.import.counted_by_charge", o.text("status"))
		return nil
	}
	if _, said := charge["invoice"]; !said {
		charge["invoice"] = o["invoice"]
	}
	return c.records(charge)
}

func (c *conversion) refund(o object) []importer.Record {
	status := o.text("status")
	c.known("status", status, "succeeded", "pending", "requires_action", "failed", "canceled")
	if status == "failed" || status == "canceled" {
		c.leave("billing.import.not_paid", status)
		return nil
	}
	cur := c.currency(o)
	if c.refused != nil {
		return nil
	}
	amount := c.amountOrZero(o, "amount", cur)
	if !amount.IsPositive() {
		c.refuse("amount", "billing.import.not_positive", show(o["amount"]), "> 0")
		return nil
	}
	r := importer.Refund{
		Number: c.id, Customer: o.id("customer"), Payment: o.id("charge"), Currency: cur, Amount: amount,
		RefundedOn: c.firstDay(c.day(o, "created")), Reason: o.text("reason"), Status: status,
		Method: o.part("destination_details").text("type"),
	}
	if r.Payment == "" {
		r.Payment = o.id("payment_intent")
	}
	c.known("reason", r.Reason, "duplicate", "fraudulent", "requested_by_customer", "expired_uncaptured_charge")
	return []importer.Record{{Kind: importer.Refunds, External: c.id, Refund: &r}}
}

// application says which invoice a payment settles, in versions of Stripe where the charge does not.
func (c *conversion) application(o object) []importer.Record {
	if status := o.text("status"); status != "paid" {
		c.leave("billing.import.not_paid", status)
		return nil
	}
	cur := c.currency(o)
	if c.refused != nil {
		return nil
	}
	payment := o.part("payment")
	a := importer.Application{
		Invoice: o.id("invoice"), Payment: payment.id("charge"), Currency: cur, Amount: c.amountOrZero(o, "amount_paid", cur),
		On: c.firstDay(c.day(o.part("status_transitions"), "paid_at"), c.day(o, "created")),
	}
	if a.Payment == "" {
		a.Payment = payment.id("payment_intent")
	}
	switch {
	case !a.Amount.IsPositive():
		c.refuse("amount_paid", "billing.import.not_positive", show(o["amount_paid"]), "> 0")
	case a.Invoice == "":
		c.refuse("invoice", "error.required", "", "")
	case a.Payment == "":
		c.leave("billing.import.paid_outside", payment.text("type"))
	}
	return []importer.Record{{Kind: importer.Applications, External: c.id, Apply: &a}}
}

// balanceEntry moves a customer's balance. Stripe counts what the customer owes, we count what it has to its credit.
func (c *conversion) balanceEntry(o object) []importer.Record {
	cur := c.currency(o)
	if c.refused != nil {
		return nil
	}
	e := importer.BalanceEntry{
		Number: c.id, Customer: o.id("customer"), Currency: cur, Amount: c.amountOrZero(o, "amount", cur).Neg(), Type: o.text("type"),
		On: c.firstDay(c.day(o, "created")), Invoice: o.id("invoice"), CreditNote: o.id("credit_note"),
	}
	c.known("type", e.Type, "adjustment", "applied_to_invoice", "credit_note", "initial", "invoice_overpaid", "invoice_too_large",
		"invoice_too_small", "unapplied_from_invoice", "unspent_receiver_credit", "migration", "checkout_session_subscription_payment",
		"checkout_session_subscription_payment_canceled")
	if e.Customer == "" {
		c.refuse("customer", "error.required", "", "")
	}
	return []importer.Record{{Kind: importer.BalanceEntries, External: c.id, Entry: &e}}
}
