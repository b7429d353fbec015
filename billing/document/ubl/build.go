package ubl

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/internal/money"
)

// priceDigits is how many decimals a price that had to be worked out may have.
const priceDigits = 10

// printed is what credit memos, debit memos and invoices have in common.
type printed struct {
	language  document.Language
	currency  money.Currency
	number    string
	date      time.Time
	preceding []document.InvoiceRef
	from, to  time.Time
	order     string
	caseNo    string
	reason    string
	entity    document.Entity
	customer  document.Customer
	lines     []document.Line
	discounts []document.Discount
	inclusive bool
	taxes     []document.TaxGroup
	net       money.Amount
	tax       money.Amount
	rounding  money.Amount
	total     money.Amount
	homeTax   *document.HomeTax
	taxName   string
}

// CreditNote is the electronic form of a credit memo: same figures, in the terms of EN 16931. Write checks it.
func CreditNote(m document.CreditMemo, more Details) Document {
	d := printed{
		language: m.Language, currency: m.Currency, number: m.Number, date: m.Date, preceding: m.Originals, from: m.SupplyFrom, to: m.SupplyTo,
		caseNo: m.CaseNumber, reason: m.Reason, entity: m.Entity, customer: m.Customer, lines: m.Lines, discounts: m.Discounts,
		inclusive: m.PricesIncludeTax, taxes: m.Taxes, net: m.Net, tax: m.Tax, rounding: m.Rounding, total: m.Total, homeTax: m.HomeTax, taxName: m.TaxName,
	}.document(Credit, more)
	d.OnAccount, d.Totals.Payable = m.OnAccount, m.Total
	d.remark(m.WithholdingNote())
	if d.Payment.Means == "" {
		d.Payment.Means = clearingMeans
	}
	if d.Payment.Terms == "" {
		d.Payment.Terms = settlementTerms(m.Language, m.Settlements)
	}
	return d
}

// DebitNote is the electronic form of a debit memo. It may name the invoices it charges more for.
func DebitNote(m document.DebitMemo, more Details) Document {
	d := printed{
		language: m.Language, currency: m.Currency, number: m.Number, date: m.Date, preceding: m.Originals, from: m.SupplyFrom, to: m.SupplyTo,
		order: m.Order, caseNo: m.CaseNumber, reason: m.Reason, entity: m.Entity, customer: m.Customer, lines: m.Lines, discounts: m.Discounts,
		inclusive: m.PricesIncludeTax, taxes: m.Taxes, net: m.Net, tax: m.Tax, rounding: m.Rounding, total: m.Total, homeTax: m.HomeTax, taxName: m.TaxName,
	}.document(Debit, more)
	d.Totals.Payable = m.Total
	d.remark(m.WithholdingNote())
	d.pay(m.Payment, m.Entity.Bank)
	return d
}

// Invoiced is the electronic form of an invoice, and with Replaces of a rebill: a corrected invoice between German parties
// and under EN 16931 alone, elsewhere an invoice that names what it replaces.
func Invoiced(v document.Invoice, more Details) Document {
	kind := Bill
	german := more.Seller.Country == germany && more.Buyer.Country == germany
	if len(v.Replaces) > 0 && (german || more.Profile == EN16931 || more.Profile == Plain) {
		kind = Correction
	}
	d := printed{
		language: v.Language, currency: v.Currency, number: v.Number, date: v.Date, preceding: v.Replaces, from: v.SupplyFrom, to: v.SupplyTo,
		order: v.Order, caseNo: v.CaseNumber, reason: v.Reason, entity: v.Entity, customer: v.Customer, lines: v.Lines, discounts: v.Discounts,
		inclusive: v.PricesIncludeTax, taxes: v.Taxes, net: v.Net, tax: v.Tax, rounding: v.Rounding, total: v.Total, homeTax: v.HomeTax, taxName: v.TaxName,
	}.document(kind, more)
	for _, part := range v.Settled {
		d.Totals.Paid = d.plus(d.Totals.Paid, part.Amount)
	}
	d.Totals.Payable = v.Open
	d.remark(v.WithholdingNote())
	d.pay(v.Payment, v.Entity.Bank)
	return d
}

// remark adds to the note (BT-22) what EN 16931 has no term for, such as tax that the customer withholds.
func (d *Document) remark(sentence string) { d.Note = strings.Join(nonEmpty(d.Note, sentence), "\n") }

func (p printed) document(kind Kind, more Details) Document {
	d := Document{
		Profile: more.Profile, Kind: kind, Number: p.number, Issued: p.date, TaxPoint: more.TaxPoint, Currency: p.currency,
		Note:           strings.Join(nonEmpty(p.reason, p.caseNo), "\n"),
		BuyerReference: orElse(more.BuyerReference, p.customer.Account), AccountingCost: more.AccountingCost,
		Order: orElse(more.Order, p.order), Contract: more.Contract, Preceding: p.preceding,
		Period:   Period{p.from, p.to},
		Seller:   more.Seller.party(p.entity.Name, p.entity.Address, p.entity.TaxIDs).seller(),
		Buyer:    more.Buyer.party(p.customer.Name, p.customer.Address, []document.TaxID{p.customer.TaxID}).buyer(),
		Delivery: more.Delivery, Payment: more.Payment, PricesIncludeTax: p.inclusive, Booked: more.Booked,
	}
	if d.Profile == "" {
		d.Profile = Peppol
	}
	if d.Buyer.Contact.Name == "" {
		d.Buyer.Contact.Name = p.customer.Contact
	}
	d.figures(p, more)
	d.byCategory()
	return d
}

// figures states the sums as they were posted and works out only what EN 16931 has besides. A tax other than VAT is a
// charge there (BG-21), so it moves from the tax to the net.
func (d *Document) figures(p printed, more Details) {
	b := builder{doc: d, printed: p, more: more}
	b.lines()
	b.taxes()
	b.furtherTaxes()
	d.Totals.Net, d.Totals.Tax = d.plus(p.net, b.further), d.plus(p.tax, b.further.Neg())
	d.Totals.Gross = d.plus(p.net, p.tax)
	if given(p.rounding) && !p.rounding.IsZero() {
		d.Totals.Rounding = p.rounding
	}
	if p.homeTax != nil {
		d.HomeTax = p.homeTax.Tax
		if !b.further.IsZero() {
			d.HomeTax = d.Totals.Tax.Convert(p.homeTax.Rate, p.homeTax.Tax.Currency())
		}
	}
}

// byCategory fills in what the tax categories ask for.
func (d *Document) byCategory() {
	for _, t := range d.Taxes {
		switch t.Category {
		case document.OutOfScope:
			d.Seller, d.Buyer = d.Seller.untaxed(), d.Buyer.untaxed()
		case document.IntraCommunity:
			if d.Delivery.Address.Country == "" {
				d.Delivery.Address = Address{City: d.Buyer.Address.City, PostalCode: d.Buyer.Address.PostalCode, Country: d.Buyer.Address.Country}
			}
		}
	}
}

// plus adds an amount to one that may be none yet. Currencies are told apart by Check, so a foreign amount is returned to
// be found there.
func (d *Document) plus(sum, a money.Amount) money.Amount {
	switch {
	case !given(a):
		return sum
	case !given(sum):
		return a
	}
	total, err := sum.Add(a)
	if err != nil {
		return a
	}
	return total
}

// pay says how to pay a document that asks for money.
func (d *Document) pay(p document.Payment, bank []string) {
	d.Due = p.Due
	if d.Payment.Terms == "" {
		d.Payment.Terms = p.Terms
	}
	if d.Payment.Reference == "" {
		d.Payment.Reference = orElse(p.Reference, d.Number)
	}
	if d.Payment.Means != "" {
		return
	}
	d.Payment.Means = undefinedMeans
	lines := p.Account
	if len(lines) == 0 {
		lines = bank
	}
	iban, bic := bankNumbers(lines)
	switch {
	case iban == "":
	case d.Currency == "EUR" && validIBAN(iban):
		d.Payment.Means, d.Payment.Account, d.Payment.Bank = sepaMeans, iban, bic
	default:
		d.Payment.Means, d.Payment.Account, d.Payment.Bank = transferMeans, iban, bic
	}
}

type builder struct {
	doc     *Document
	printed printed
	more    Details
	further money.Amount // taxes other than VAT
}

// supplies tells whether a line bears the tax of a charge. A document has one line at least (BR-16), and the official rules look for
// one of each taxed group (BR-S-08), so a charge that stands alone in its group is a line.
func (b *builder) supplies(of group) bool {
	return slices.ContainsFunc(b.printed.lines, func(l document.Line) bool {
		category := b.category(l.Category)
		return !l.Charge && groupOf(category, rateOf(category, l.TaxRate)) == of
	})
}

// lines moves document discounts, which the lines' nets already bear, to an allowance per tax group (BG-20), and charges for
// the whole to charges (BG-21).
func (b *builder) lines() {
	d, shares := b.doc, map[group]int{}
	for i, l := range b.printed.lines {
		category := b.category(l.Category)
		rate := rateOf(category, l.TaxRate)
		share := b.withoutTax(l.Discount, l)
		own := b.withoutTax(l.OwnDiscount, l)
		out := Line{
			ID: strconv.Itoa(i + 1), Name: l.Description, Description: l.Detail, Unit: unitCode(l.Unit, b.more.Units),
			Net: d.plus(l.Net, share), Category: category, Rate: rate,
		}
		if given(own) && !own.IsZero() {
			out.Adjustments = []Adjustment{{Amount: own, Reason: b.discountName(""), ReasonCode: discountCode}}
		}
		if l.Charge && b.supplies(groupOf(category, rate)) {
			b.charge(out)
		} else {
			b.price(&out, l, d.plus(out.Net, own).Decimal())
			d.Lines = append(d.Lines, out)
			d.Totals.Lines = d.plus(d.Totals.Lines, out.Net)
		}
		if !given(share) || share.IsZero() {
			continue
		}
		d.Totals.Allowances = d.plus(d.Totals.Allowances, share)
		at, known := shares[groupOf(category, rate)]
		if !known {
			at = len(d.Adjustments)
			shares[groupOf(category, rate)] = at
			d.Adjustments = append(d.Adjustments, Adjustment{Reason: b.discountNames(), ReasonCode: discountCode, Category: category, Rate: rate})
		}
		d.Adjustments[at].Amount = d.plus(d.Adjustments[at].Amount, share)
	}
}

// charge writes a line as a charge on the whole, unless nothing of it counts here.
func (b *builder) charge(l Line) {
	if l.Net.IsZero() {
		return
	}
	b.doc.Adjustments = append(b.doc.Adjustments, Adjustment{Charge: true, Amount: l.Net, Reason: l.Name, Category: l.Category, Rate: l.Rate})
	b.doc.Totals.Charges = b.doc.plus(b.doc.Totals.Charges, l.Net)
}

// withoutTax takes the tax out of an amount in the price basis of the document.
func (b *builder) withoutTax(a money.Amount, l document.Line) money.Amount {
	if !given(a) || !b.printed.inclusive {
		return a
	}
	rate := l.TaxRate
	for _, more := range l.MoreRates {
		rate = rate.Add(more)
	}
	hundred := decimal.NewFromInt(100)
	return money.Of(a.Decimal().Mul(hundred).DivRound(hundred.Add(rate), priceDigits), a.Currency())
}

// price states quantity and price so that they give the amount to the last minor unit: the printed price where it does;
// else one worked out; else, where no finite price does, the amount as the price of the whole quantity. What takes away
// has a negative quantity, never a negative price (BR-27).
func (b *builder) price(out *Line, l document.Line, amount decimal.Decimal) {
	size := amount.Abs()
	quantity := decimal.NewFromInt(1)
	if l.Quantity.Valid && !l.Quantity.Decimal.IsZero() {
		quantity = l.Quantity.Decimal.Abs()
	} else {
		out.Unit = unitOne
	}
	digits := lineDigits(b.doc.Currency)
	gives := func(price decimal.Decimal) bool { return quantity.Mul(price).Round(digits).Equal(size) }
	worked := size.DivRound(quantity, priceDigits)
	switch {
	case l.UnitPrice.Valid && !b.printed.inclusive && gives(l.UnitPrice.Decimal):
		out.Price = l.UnitPrice.Decimal
	case gives(worked):
		out.Price = worked
	default:
		out.Price, out.BaseQuantity = size, quantity
	}
	out.Quantity = quantity
	if amount.IsNegative() {
		out.Quantity = quantity.Neg()
	}
}

func (b *builder) discountNames() string {
	var names []string
	for _, discount := range b.printed.discounts {
		names = append(names, b.discountName(discount.Label))
	}
	if len(names) == 0 {
		return b.discountName("")
	}
	return strings.Join(names, ", ")
}

func (b *builder) discountName(label string) string {
	return orElse(orElse(label, discountWords[b.printed.language]), discountWords[document.English])
}

func nonEmpty(list ...string) []string {
	var out []string
	for _, text := range list {
		if text != "" {
			out = append(out, text)
		}
	}
	return out
}

// Undone is the electronic form of a reversal: a debit note that names the credit memo it takes back, line for line. Its
// taxes are the memo's, so Booked should hold the memo's groups, without their originals.
func Undone(r document.Reversal, more Details) Document {
	m := r.Memo
	d := printed{
		language: m.Language, currency: m.Currency, number: r.Number, date: r.Date,
		preceding: []document.InvoiceRef{{Number: m.Number, Date: m.Date}}, from: m.SupplyFrom, to: m.SupplyTo,
		caseNo: r.CaseNumber, reason: r.Reason, entity: m.Entity, customer: m.Customer, lines: m.Lines, discounts: m.Discounts,
		inclusive: m.PricesIncludeTax, taxes: m.Taxes, net: m.Net, tax: m.Tax, rounding: m.Rounding, total: m.Total, homeTax: m.HomeTax, taxName: m.TaxName,
	}.document(Debit, more)
	d.Totals.Payable = m.Total
	if d.Payment.Means == "" {
		d.Payment.Means = clearingMeans
	}
	d.Payment.Terms = orElse(d.Payment.Terms, r.Reason)
	return d
}
