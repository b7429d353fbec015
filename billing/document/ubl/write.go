package ubl

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/internal/money"
)

const (
	european     = "urn:cen.eu:en16931:2017"
	peppol       = european + "#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
	peppolBought = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
	vat          = "VAT"
)

// Write makes the XML of a document: a CreditNote for a credit note, an Invoice for every other kind. It refuses what
// Check refuses, naming each field that is wrong, so that nothing incomplete or unbalanced leaves the house.
func Write(d Document) ([]byte, error) {
	if err := Check(d); err != nil {
		return nil, err
	}
	var root any
	if d.Kind == Credit {
		root = wireCreditNote{
			spaces: spaces{creditSpace, cacSpace, cbcSpace}, wireHead: d.head(), TaxPoint: day(d.TaxPoint), TypeCode: string(d.Kind),
			Note: some(d.Note), wireBody: d.body(), Lines: d.lines(),
		}
	} else {
		root = wireInvoice{
			spaces: spaces{invoiceSpace, cacSpace, cbcSpace}, wireHead: d.head(), DueDate: day(d.Due), TypeCode: string(d.Kind),
			Note: some(d.Note), TaxPoint: day(d.TaxPoint), wireBody: d.body(), Lines: d.lines(),
		}
	}
	var out bytes.Buffer
	out.WriteString(xml.Header)
	encoder := xml.NewEncoder(&out)
	encoder.Indent("", "  ")
	if err := encoder.Encode(root); err != nil {
		return nil, fmt.Errorf("write document %s: %w", d.Number, err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func (d Document) head() wireHead {
	h := wireHead{ID: d.Number, IssueDate: day(d.Issued)}
	switch d.Profile {
	case Peppol:
		h.Customization, h.Profile = peppol, peppolBought
	case EN16931:
		h.Customization = european
	case Plain:
	}
	return h
}

func (d Document) body() wireBody {
	b := wireBody{
		Currency: string(d.Currency), AccountingCost: d.AccountingCost, BuyerReference: d.BuyerReference,
		Period: period(d.Period), Order: reference(d.Order), Contract: reference(d.Contract),
		Seller: wireRole{d.Seller.wire()}, Buyer: wireRole{d.Buyer.wire()},
		Delivery: d.Delivery.wire(), Terms: d.terms(), Adjustments: d.adjustments(d.Adjustments), TaxTotals: d.taxTotals(), Totals: d.totals(),
	}
	if given(d.HomeTax) {
		b.TaxCurrency = string(d.HomeTax.Currency())
	}
	for _, ref := range d.Preceding {
		b.Preceding = append(b.Preceding, wirePreceding{ref.Number, optional(day(ref.Date))})
	}
	if means := d.means(); means != nil {
		b.Means = []wireMeans{*means}
	}
	return b
}

func (p Party) wire() wireParty {
	w := wireParty{
		Endpoint: p.Endpoint.wire(), Trading: optional(p.Trading), Address: p.Address.wire(),
		Legal: wirePartyEntity{Name: p.Name, ID: p.LegalID.wire(), LegalForm: p.LegalForm},
	}
	if id := p.ID.wire(); id != nil {
		w.IDs = []wireHolder{{*id}}
	}
	if p.VATID != "" {
		w.Taxes = append(w.Taxes, wirePartyTax{p.VATID, vat})
	}
	if p.TaxNumber.Value != "" {
		w.Taxes = append(w.Taxes, wirePartyTax{p.TaxNumber.Value, p.TaxNumber.Scheme})
	}
	if p.Contact != (Contact{}) {
		w.Contact = &wireContact{p.Contact.Name, p.Contact.Phone, p.Contact.Email}
	}
	return w
}

func (i Identifier) wire() *wireID {
	if i.Value == "" {
		return nil
	}
	return &wireID{i.Scheme, i.Value}
}

func (a Address) wire() wireAddress {
	return wireAddress{
		Street: a.Street, More: a.More, Further: optional(a.Further), City: a.City, Zone: a.PostalCode, Region: a.Region, Country: a.Country,
	}
}

func (v Delivery) wire() *wireDelivery {
	if v == (Delivery{}) {
		return nil
	}
	w := &wireDelivery{Date: day(v.Date)}
	if v.Address != (Address{}) {
		w.Address = new(v.Address.wire())
	}
	return w
}

// means is nil where nothing is said about how to pay. Only here can a credit note carry its due date.
func (d Document) means() *wireMeans {
	if d.Payment.Means == "" {
		return nil
	}
	m := &wireMeans{Code: d.Payment.Means, Reference: d.Payment.Reference}
	if d.Kind == Credit {
		m.Due = day(d.Due)
	}
	if d.Payment.Account != "" {
		m.Account = &wireAccount{d.Payment.Account, d.Payment.AccountName, optional(d.Payment.Bank)}
	}
	return m
}

func (d Document) terms() *wireTerms {
	if d.Payment.Terms == "" {
		return nil
	}
	return &wireTerms{d.Payment.Terms}
}

func (d Document) adjustments(list []Adjustment) []wireAdjustment {
	var out []wireAdjustment
	for _, a := range list {
		w := wireAdjustment{Charge: a.Charge, ReasonCode: a.ReasonCode, Reason: a.Reason, Amount: d.amount(a.Amount)}
		if a.Percent.Valid {
			w.Percent, w.Base = a.Percent.Decimal.String(), d.optionalAmount(a.Base)
		}
		if a.Category != "" {
			w.Category = new(category(a.Category, a.Rate))
		}
		out = append(out, w)
	}
	return out
}

func (d Document) taxTotals() []wireTaxTotal {
	total := wireTaxTotal{Tax: d.amount(d.Totals.Tax)}
	for _, t := range d.Taxes {
		c := category(t.Category, t.Rate)
		c.Reason, c.ReasonCode = t.Reason, t.ReasonCode
		total.Groups = append(total.Groups, wireTaxPart{d.amount(t.Net), d.amount(t.Tax), c})
	}
	list := []wireTaxTotal{total}
	if given(d.HomeTax) {
		list = append(list, wireTaxTotal{Tax: d.amount(d.HomeTax)})
	}
	return list
}

func (d Document) totals() wireTotals {
	t := d.Totals
	return wireTotals{
		Lines: d.amount(t.Lines), Net: d.amount(t.Net), Gross: d.amount(t.Gross),
		Allowances: d.optionalAmount(t.Allowances), Charges: d.optionalAmount(t.Charges),
		Paid: d.optionalAmount(t.Paid), Rounding: d.optionalAmount(t.Rounding), Payable: d.amount(t.Payable),
	}
}

func (d Document) lines() []wireLine {
	var out []wireLine
	for _, l := range d.Lines {
		quantity := &wireQuantity{l.Unit, l.Quantity.String()}
		w := wireLine{
			ID: l.ID, Note: l.Note, Net: d.amount(l.Net), AccountingCost: l.AccountingCost, Period: period(l.Period),
			OrderLine: optional(l.OrderLine), Adjustments: d.adjustments(l.Adjustments),
			Item:  wireItem{Description: l.Description, Name: l.Name, Category: category(l.Category, l.Rate)},
			Price: wirePrice{Amount: wireAmount{string(d.Currency), l.Price.String()}},
		}
		if d.Kind == Credit {
			w.Credited = quantity
		} else {
			w.Invoiced = quantity
		}
		if !l.BaseQuantity.IsZero() {
			w.Price.Base = &wireQuantity{l.Unit, l.BaseQuantity.String()}
		}
		out = append(out, w)
	}
	return out
}

// category leaves the rate out where there is none to have (BR-O-05).
func category(code string, rate decimal.Decimal) wireCategory {
	c := wireCategory{ID: code, Percent: rate.String(), Scheme: vat}
	if code == document.OutOfScope {
		c.Percent = ""
	}
	return c
}

// amount shows the currency's decimals, of which EN 16931 allows two (BR-DEC-…); Check has refused what would lose one.
func (d Document) amount(a money.Amount) wireAmount {
	digits := a.Currency().Digits()
	if d.Profile.European() {
		digits = min(digits, europeanDigits)
	}
	return wireAmount{string(a.Currency()), a.Decimal().StringFixed(digits)}
}

func (d Document) optionalAmount(a money.Amount) *wireAmount {
	if a.IsZero() {
		return nil
	}
	return new(d.amount(a))
}

// given tells an amount from the zero Amount, which stands for none.
func given(a money.Amount) bool { return a.Currency() != "" }

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func period(p Period) *wirePeriod {
	if p == (Period{}) {
		return nil
	}
	return &wirePeriod{day(p.From), day(p.To)}
}

func reference(id string) *wireReference {
	if id == "" {
		return nil
	}
	return &wireReference{id}
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func some(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}
