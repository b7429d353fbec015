package importer

import (
	"net/mail"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// payment makes a payment of its rows. Where a file has a row for each invoice a payment settles, the rows of one
// payment say its amount alike and each what it applies.
func (r *reading) payment(rows []*row) []Record {
	head := rows[0]
	for _, w := range rows {
		w.ref = w.cell(FieldNumber).Text
	}
	if key := notIssued(head.cell(FieldStatus).Text); key != "" {
		head.leave(key, FieldStatus)
		return nil
	}
	if kind := typeNamed(head.cell(FieldType).Text); (kind == typeInvoice || kind == typeNote) && r.preset.name != "aws-marketplace" {
		head.leave("billing.import.other_document", FieldType)
		return nil
	}
	samePayment(rows)
	p := Payment{
		Number: head.name(FieldNumber), CustomerName: head.text(FieldCustomerName), Entity: head.name(FieldEntity),
		Currency: head.currency(FieldCurrency), ReceivedOn: head.needDay(FieldReceivedOn), Method: head.text(FieldMethod),
		BankReference: head.text(FieldBankReference),
	}
	forInvoice := slices.ContainsFunc(rows, func(w *row) bool { return w.has(FieldInvoice) })
	if head.has(FieldCustomer) || head.has(FieldCustomerName) || !forInvoice {
		p.Customer = head.customer()
	}
	if p.Number == "" {
		p.Number = p.BankReference
	}
	if p.Number == "" {
		head.refuse(FieldNumber, "error.required", "")
	}
	if head.wrong(FieldCurrency) {
		return nil
	}
	head.paid(&p)
	for _, w := range rows {
		w.applies(&p)
	}
	if r.preset.grouped {
		settled(rows, &p)
	}
	if applied := appliedSum(p.Applied); applied.GreaterThan(p.Amount) {
		head.refuse(FieldApplied, "billing.import.applied_over_payment", p.Amount.String(), "difference", applied.Sub(p.Amount).String())
	}
	return []Record{{Kind: Payments, External: p.Number, Payment: &p}}
}

func (w *row) paid(p *Payment) {
	amount := w.amount(FieldAmount, p.Currency)
	if fee := w.amount(FieldFee, p.Currency); fee != nil {
		p.Fee = fee.Abs()
	}
	switch {
	case amount == nil:
		if !w.wrong(FieldAmount) {
			w.refuse(FieldAmount, "error.required", "")
		}
	case !amount.IsPositive():
		w.refuse(FieldAmount, "billing.import.not_positive", "> 0")
	default:
		p.Amount = *amount
	}
}

// settled completes a payment by somebody who keeps a fee of each thing it settles: before the fees it is the sum of all.
func settled(rows []*row, p *Payment) {
	p.Fee = decimal.Zero
	for _, w := range rows {
		if fee := w.amount(FieldFee, p.Currency); fee != nil {
			p.Fee = p.Fee.Add(*fee)
		}
	}
	p.Amount = p.Amount.Add(p.Fee)
	for _, a := range p.Applied {
		if !a.Amount.IsPositive() {
			rows[0].refuse(FieldApplied, "billing.import.not_positive", "> 0")
		}
	}
	if sum := appliedSum(p.Applied); len(p.Applied) > 0 && !sum.Equal(p.Amount) {
		rows[0].refuse(FieldAmount, "billing.import.sum_differs", sum.Sub(p.Fee).String(), "difference", p.Amount.Sub(sum).String())
	}
}

func (w *row) applies(p *Payment) {
	invoice := w.name(FieldInvoice)
	if invoice == "" {
		return
	}
	applied := p.Amount
	if w.r.grouped {
		value := w.amount(FieldApplied, p.Currency)
		if value == nil {
			if !w.wrong(FieldApplied) {
				w.refuse(FieldApplied, "error.required", "")
			}
			return
		}
		applied = *value
	}
	if !applied.IsPositive() && !w.r.preset.grouped {
		if !w.wrong(FieldAmount) {
			w.refuse(FieldApplied, "billing.import.not_positive", "> 0")
		}
		return
	}
	for i := range p.Applied {
		if p.Applied[i].Invoice == invoice {
			p.Applied[i].Amount = p.Applied[i].Amount.Add(applied)
			return
		}
	}
	p.Applied = append(p.Applied, Applied{Invoice: invoice, Amount: applied})
}

// samePayment is sameHeader for payments, whose rows differ in what they apply.
func samePayment(rows []*row) {
	head := rows[0]
	for _, s := range paymentSpecs() {
		if s.field == FieldInvoice || s.field == FieldApplied || s.field == FieldFee && rows[0].r.preset.grouped {
			continue
		}
		for _, w := range rows[1:] {
			mine, first := w.cell(s.field).Text, head.cell(s.field).Text
			switch {
			case mine == "" || mine == first:
			case first == "":
				head.overrule(s.field, mine)
			default:
				w.refuse(s.field, "billing.import.header_differs", first, "first", first)
			}
		}
	}
}

func appliedSum(list []Applied) decimal.Decimal {
	sum := decimal.Zero
	for _, a := range list {
		sum = sum.Add(a.Amount)
	}
	return sum
}

func (r *reading) customer(w *row) []Record {
	w.ref = w.cell(FieldAccount).Text
	c := Customer{
		Account: w.need(FieldAccount), Name: w.text(FieldName), Kind: w.customerKind(), Parent: w.name(FieldParent), Tier: w.text(FieldTier),
		Region: w.text(FieldRegion), SalesOwner: w.text(FieldSalesOwner), Country: w.text(FieldCountry), Language: w.text(FieldLanguage), Entity: w.name(FieldEntity),
		TermsDays: w.terms(), TaxID: w.name(FieldTaxID), TaxExempt: w.text(FieldTaxExempt), Phone: w.text(FieldPhone),
		ContactName: w.text(FieldContactName), Emails: w.emails(), Address: w.address(),
	}
	if c.Name == "" && !w.wrong(FieldName) {
		w.refuse(FieldName, "error.required", "")
	}
	if w.has(FieldCurrency) {
		c.Currency = w.currency(FieldCurrency)
	}
	if c.Parent != "" && c.Parent == c.Account {
		w.refuse(FieldParent, "billing.import.own_parent", "")
	}
	return []Record{{Kind: Customers, External: c.Account, Customer: &c}}
}

func (w *row) customerKind() string {
	text := w.text(FieldKind)
	switch plainName(text) {
	case "":
		return ""
	case "direct", "customer", "directcustomer", "direkt":
		return "direct"
	case "partner", "reseller", "channelpartner", "distributor", "wiederverkaufer":
		return "partner"
	case "endcustomer", "enduser", "endkunde":
		return "end_customer"
	}
	w.note = append(w.note, Note{Field: string(FieldKind), Key: "billing.import.unknown_value", Got: shorten(text)})
	return ""
}

// terms reads days of payment, also as people write them: "Net 30", "30 days".
func (w *row) terms() *int {
	text := strings.ToLower(w.cell(FieldTermsDays).Text)
	for _, word := range []string{"net", "days", "day", "tage", "netto", "jours", "días", "dias", "giorni", "dagen", "日"} {
		text = strings.ReplaceAll(text, word, " ")
	}
	switch text = strings.TrimSpace(text); text {
	case "":
		return nil
	case "due on receipt", "immediate", "sofort":
		none := 0
		return &none
	}
	if allDigits(text) && len(text) <= 3 {
		n := number(text)
		return &n
	}
	w.refuse(FieldTermsDays, "billing.import.not_a_count", "30")
	return nil
}

func (w *row) emails() []string {
	var list []string
	for part := range strings.FieldsFuncSeq(w.text(FieldEmails), func(r rune) bool { return r == ';' || r == ',' || r == ' ' || r == '\n' }) {
		at, err := mail.ParseAddress(part)
		if err != nil {
			w.refuse(FieldEmails, "billing.import.not_an_address", "name@example.com")
			return nil
		}
		list = append(list, at.Address)
	}
	return list
}

func (w *row) address() string {
	parts := []string{w.text(FieldAddress)}
	if place := strings.TrimSpace(w.name(FieldPostcode) + " " + w.text(FieldCity)); place != "" {
		parts = append(parts, place)
	}
	return strings.TrimSpace(strings.Join(parts, "\n"))
}

func (r *reading) balance(w *row) []Record {
	w.ref = w.cell(FieldNumber).Text
	kind := r.documentType(w)
	if kind == typeOther {
		w.leave("billing.import.other_document", FieldType)
		return nil
	}
	b := OpenBalance{
		Customer: w.customer(), CustomerName: w.text(FieldCustomerName), Entity: w.name(FieldEntity), Number: w.need(FieldNumber),
		Currency: w.currency(FieldCurrency), IssuedOn: w.needDay(FieldIssuedOn), DueOn: w.day(FieldDueOn), Type: string(kind),
	}
	if w.wrong(FieldCurrency) {
		return nil
	}
	w.opened(&b)
	if b.Type == string(typeInvoice) && b.Open.IsNegative() {
		b.Type = string(typeNote)
	}
	return []Record{{Kind: OpenBalances, External: b.Number, Balance: &b}}
}

// opened reads the amounts of an open item. Credits may be written above or below zero; they are kept below.
func (w *row) opened(b *OpenBalance) {
	open, original := w.amount(FieldOpen, b.Currency), w.amount(FieldOriginal, b.Currency)
	if open == nil {
		if !w.wrong(FieldOpen) {
			w.refuse(FieldOpen, "error.required", "")
		}
		return
	}
	if original == nil {
		original = open
	}
	b.Open, b.Original = *open, *original
	if b.Type != string(typeInvoice) && b.Open.IsPositive() {
		b.Open, b.Original = b.Open.Neg(), b.Original.Abs().Neg()
	}
	if b.Open.Sign()*b.Original.Sign() < 0 || b.Open.Abs().GreaterThan(b.Original.Abs()) {
		w.refuse(FieldOpen, "billing.import.open_over_total", b.Original.String())
	}
	if !b.DueOn.IsZero() && b.DueOn.Before(b.IssuedOn) {
		w.refuse(FieldDueOn, "billing.due_before_issue", "≥ "+b.IssuedOn.Format("2006-01-02"))
	}
	w.disputed(b)
}

// disputed is an amount, or a yes in words for all of it.
func (w *row) disputed(b *OpenBalance) {
	if c := w.cell(FieldDisputed); c.Text == "" || strings.ContainsAny(c.Text, "0123456789") {
		if value := w.amount(FieldDisputed, b.Currency); value != nil {
			b.Disputed = *value
		}
	} else if w.yes(FieldDisputed) {
		b.Disputed = b.Open
	}
	if b.Disputed.IsNegative() || b.Disputed.GreaterThan(decimal.Max(b.Open, decimal.Zero)) {
		w.refuse(FieldDisputed, "billing.import.open_over_total", b.Open.String())
	}
}

func (r *reading) rate(w *row) []Record {
	x := Rate{Base: w.currency(FieldBase), Quote: w.currency(FieldQuote), On: w.needDay(FieldOn), Source: w.text(FieldSource)}
	n, ok := w.number(FieldRate, rateDigits)
	switch {
	case !ok && !w.wrong(FieldRate):
		w.refuse(FieldRate, "error.required", "")
	case ok && !n.value.IsPositive():
		w.refuse(FieldRate, "billing.import.not_positive", "> 0")
	case ok && finer(n.value, rateDigits):
		w.refuse(FieldRate, "billing.import.too_fine", decimals(rateDigits), "currency", "")
	}
	x.Rate = n.value
	if x.Base != "" && x.Base == x.Quote {
		w.refuse(FieldQuote, "billing.import.same_currency", "")
	}
	return []Record{{Kind: Rates, External: rateName(x), Rate: &x}}
}

const rateDigits = 10

func rateName(x Rate) string {
	return strings.Join([]string{string(x.Base), string(x.Quote), x.On.Format("2006-01-02"), x.Source}, " ")
}

// generic keeps the cells of a row by the names of its columns. Its external id is the column mapped to the number, or
// the row itself.
func (r *reading) generic(w *row) []Record {
	cells := r.cells(w)
	external := w.name(FieldNumber)
	if external == "" {
		external = "row " + decimal.NewFromInt(int64(w.Number)).String()
	}
	return []Record{{Kind: Generic, External: external, Generic: cells}}
}
