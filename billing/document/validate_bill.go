package document

import (
	"fmt"

	"makegood/internal/money"
)

// Validate tells whether the memo names what art. 219 and 226 of the VAT Directive ask of every credit memo,
// and whether lines, taxes, totals and settlement add up in one currency.
func (m CreditMemo) Validate() error {
	if err := checkLanguage(m.Language, m.Entity.Country); err != nil {
		return err
	}
	b := m.bill()
	if err := b.checkParticulars(need{"originals", len(m.Originals) > 0 || m.OnAccount}); err != nil {
		return err
	}
	if m.OnAccount && len(m.Originals) > 0 {
		return contradiction("on_account")
	}
	if err := checkRefs("originals", m.Originals); err != nil {
		return err
	}
	if b.overWithheld(b.total) {
		return contradiction("withholding")
	}
	return b.check("credit memo " + m.Number)
}

// Validate tells whether the memo has an invoice's particulars and a reason, and whether its figures add up.
func (m DebitMemo) Validate() error {
	if err := checkLanguage(m.Language, m.Entity.Country); err != nil {
		return err
	}
	b := m.bill()
	if err := b.checkParticulars(need{"reason", m.Reason != ""}); err != nil {
		return err
	}
	if err := checkRefs("originals", m.Originals); err != nil {
		return err
	}
	if err := checkPeriod("supply", m.SupplyFrom, m.SupplyTo); err != nil {
		return err
	}
	return b.check("debit memo " + m.Number)
}

// Validate tells whether the invoice names what art. 226 of the VAT Directive asks, says how to pay what is open, and
// adds up, what was settled so far included.
func (v Invoice) Validate() error {
	if err := checkLanguage(v.Language, v.Entity.Country); err != nil {
		return err
	}
	b := v.bill()
	if err := b.checkParticulars(need{"open", given(v.Open)}, need{"replaces", len(v.Replaces) > 0 || len(v.CreditedBy) == 0}); err != nil {
		return err
	}
	if err := checkRefs("replaces", v.Replaces); err != nil {
		return err
	}
	if err := checkRefs("credited_by", v.CreditedBy); err != nil {
		return err
	}
	if err := checkParts("settled", v.Settled, b.words); err != nil {
		return err
	}
	if err := checkPeriod("supply", v.SupplyFrom, v.SupplyTo); err != nil {
		return err
	}
	return b.check("invoice " + v.Number)
}

// Validate refuses what Memo's Validate refuses, a reversal without number, day or reason, one dated before its memo,
// and one that undoes the memo otherwise than it settled.
func (r Reversal) Validate() error {
	if err := r.Memo.Validate(); err != nil {
		return fmt.Errorf("memo to reverse: %w", err)
	}
	b := r.bill()
	if err := b.checkParticulars(need{"reason", r.Reason != ""}); err != nil {
		return err
	}
	if dayOf(r.Date).Before(dayOf(r.Memo.Date)) {
		return contradiction("date")
	}
	if err := b.check("reversal " + r.Number); err != nil {
		return err
	}
	for _, bucket := range []Bucket{ReducesInvoice, CustomerBalance, Refunded, SettledOutside} {
		if cmp, err := b.settledBy(bucket).Cmp(r.Memo.bill().settledBy(bucket)); err != nil || cmp != 0 {
			return contradiction("settlements." + string(bucket))
		}
	}
	return nil
}

func (b bill) settledBy(bucket Bucket) money.Amount {
	total := money.Zero(b.currency)
	for _, part := range b.settlements {
		if part.Bucket == bucket {
			total, _ = total.Add(part.Amount) // of one currency, as check has found
		}
	}
	return total
}

// checkParticulars refuses a bill without what all of them need, or what this one needs besides.
func (b bill) checkParticulars(besides ...need) error {
	return refuseMissing(append([]need{
		{"number", b.number != ""},
		{"date", !b.day.IsZero()},
		{"entity.name", b.entity.Name != ""},
		{"customer.name", b.customer.Name != ""},
		{"lines", len(b.lines) > 0},
	}, besides...)...)
}

// check looks at everything about a bill but its particulars; document names it in errors.
func (b bill) check(document string) error {
	for i, part := range b.settlements {
		if b.buckets[part.Bucket] == "" {
			return incomplete(fmt.Sprintf("settlements[%d].bucket", i))
		}
	}
	if err := b.checkTotals(document); err != nil {
		return err
	}
	if err := b.checkLists(document); err != nil {
		return err
	}
	if b.asks {
		return b.checkPayment()
	}
	return nil
}

func (b bill) checkTotals(document string) error {
	var nets, bases, taxes, settled, paid []money.Amount
	for _, line := range b.lines {
		nets = append(nets, line.Net)
	}
	for _, group := range b.taxes {
		if group.Code == "" {
			bases = append(bases, group.Net)
		}
		taxes = append(taxes, group.Tax)
	}
	for _, part := range b.settlements {
		settled = append(settled, part.Amount)
	}
	if len(settled) == 0 {
		settled = append(settled, b.total) // nothing said about settlement is nothing wrong
	}
	total := []money.Amount{b.net, b.tax}
	if !b.rounding.IsZero() {
		total = append(total, b.rounding)
	}
	sums := []sum{{"net", nets, b.net}, {"taxable", bases, b.net}, {"tax", taxes, b.tax}, {"total", total, b.total}, {"settlements", settled, b.total}}
	if b.asks {
		for _, part := range b.settled {
			paid = append(paid, part.Amount)
		}
		sums = append(sums, sum{"settled and open", append(paid, b.open), b.total})
	}
	return checkSums(document, b.currency, sums...)
}

// checkLists looks at lists and discounts: each line on its own where prices are without tax, all of them together
// where the tax in them was worked out on the whole.
func (b bill) checkLists(document string) error {
	switch {
	case b.listed():
	case b.inclusive:
		return incomplete("lines[0].list")
	case len(b.discounts) > 0:
		return incomplete("lines[0].discount")
	default:
		return nil
	}
	var amounts []money.Amount
	for i, line := range b.lines {
		at := fmt.Sprintf("lines[%d]", i)
		if !given(line.List) {
			return incomplete(at + ".list")
		}
		parts := []money.Amount{line.List, orNothing(line.Discount, b.currency).Neg()}
		if !b.inclusive {
			if err := checkSums(document, b.currency, sum{at, parts, line.Net}); err != nil {
				return err
			}
		}
		amounts = append(amounts, parts...)
	}
	if b.inclusive {
		gross, err := b.net.Add(b.tax)
		if err != nil {
			return fmt.Errorf("%s, gross: %w", document, err)
		}
		if err := checkSums(document, b.currency, sum{"lines with tax", amounts, gross}); err != nil {
			return err
		}
	}
	return b.checkDiscounts(document)
}

// checkDiscounts compares the document discounts, where they are named, with the shares the lines have of them.
func (b bill) checkDiscounts(document string) error {
	if len(b.discounts) == 0 {
		return nil
	}
	var shares, discounts []money.Amount
	for _, line := range b.lines {
		shares = append(shares, orNothing(line.Discount, b.currency))
	}
	for i, d := range b.discounts {
		if !d.Amount.IsPositive() {
			return contradiction(fmt.Sprintf("discounts[%d].amount", i))
		}
		discounts = append(discounts, d.Amount)
	}
	all, err := money.Sum(b.currency, discounts...)
	if err != nil {
		return fmt.Errorf("%s, discounts: %w", document, err)
	}
	return checkSums(document, b.currency, sum{"discounts", shares, all})
}

// listed tells whether the lines carry a list amount.
func (b bill) listed() bool {
	for _, line := range b.lines {
		if given(line.List) || given(line.Discount) {
			return true
		}
	}
	return false
}

// overWithheld tells whether what is withheld is less than nothing or more than what it is part of.
func (b bill) overWithheld(of money.Amount) bool {
	withheld := orNothing(b.withholding, b.currency)
	cmp, err := withheld.Cmp(of)
	return err != nil || cmp > 0 || withheld.IsNegative()
}

// checkPayment refuses a bill that asks for money without saying until when and how.
func (b bill) checkPayment() error {
	if b.open.IsNegative() {
		return contradiction("open")
	}
	if b.overWithheld(b.open) {
		return contradiction("withholding")
	}
	if b.open.IsZero() {
		return nil
	}
	if err := refuseMissing(
		need{"payment.due", !b.payment.Due.IsZero()},
		need{"payment.account", len(b.payment.Account) > 0 || len(b.entity.Bank) > 0 || b.payment.Terms != ""},
	); err != nil {
		return err
	}
	if dayOf(b.payment.Due).Before(dayOf(b.day)) {
		return contradiction("payment.due")
	}
	return nil
}
