package ubl

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// ErrUnreadable is returned for what is neither a UBL invoice nor a UBL credit note, or holds a value of the wrong form.
var ErrUnreadable = errs.New(errs.Invalid, "document.ubl_unreadable")

// Read makes a Document of UBL 2.1 XML, ours or another's, so far as Document has a place for what it says. It checks
// nothing but the form of values: use Check for the rest.
func Read(content []byte) (Document, error) {
	d, err := read(content)
	if err != nil {
		return Document{}, errs.Wrap(err, ErrUnreadable.Kind, ErrUnreadable.Key)
	}
	return d, nil
}

func read(content []byte) (Document, error) {
	root, err := rootOf(content)
	if err != nil {
		return Document{}, err
	}
	decoder := xml.NewTokenDecoder(prefixed{xml.NewDecoder(bytes.NewReader(content))})
	r := &reader{}
	switch root {
	case xml.Name{Space: creditSpace, Local: "CreditNote"}:
		var w wireCreditNote
		if err := decoder.Decode(&w); err != nil {
			return Document{}, fmt.Errorf("credit note: %w", err)
		}
		r.head(w.wireHead, w.TypeCode, w.TaxPoint, w.Note)
		r.body(w.wireBody)
		r.lines(w.Lines)
	case xml.Name{Space: invoiceSpace, Local: "Invoice"}:
		var w wireInvoice
		if err := decoder.Decode(&w); err != nil {
			return Document{}, fmt.Errorf("invoice: %w", err)
		}
		r.head(w.wireHead, w.TypeCode, w.TaxPoint, w.Note)
		r.body(w.wireBody)
		r.doc.Due = r.day(w.DueDate)
		r.lines(w.Lines)
	default:
		return Document{}, fmt.Errorf("root element is %s in %q", root.Local, root.Space)
	}
	return r.doc, r.err
}

func rootOf(content []byte) (xml.Name, error) {
	decoder := xml.NewDecoder(bytes.NewReader(content))
	for {
		token, err := decoder.Token()
		if err != nil {
			return xml.Name{}, fmt.Errorf("find the root: %w", err)
		}
		if start, ok := token.(xml.StartElement); ok {
			return start.Name, nil
		}
	}
}

// prefixed gives every element the usual prefix of its namespace, whatever the file calls it.
type prefixed struct{ from *xml.Decoder }

func (p prefixed) Token() (xml.Token, error) {
	token, err := p.from.Token()
	if err != nil {
		if err == io.EOF { //nolint:errorlint // the decoder on top wants exactly this value
			return nil, io.EOF
		}
		return nil, err //nolint:wrapcheck // passed on inside the decoder
	}
	switch t := token.(type) {
	case xml.StartElement:
		return xml.StartElement{Name: named(t.Name), Attr: t.Attr}, nil
	case xml.EndElement:
		return xml.EndElement{Name: named(t.Name)}, nil
	}
	return xml.CopyToken(token), nil
}

func named(n xml.Name) xml.Name {
	switch n.Space {
	case cacSpace:
		return xml.Name{Local: "cac:" + n.Local}
	case cbcSpace:
		return xml.Name{Local: "cbc:" + n.Local}
	case creditSpace, invoiceSpace:
		return xml.Name{Local: n.Local}
	}
	return n
}

// reader fills doc and keeps the first value that could not be read.
type reader struct {
	doc Document
	err error
}

func (r *reader) head(h wireHead, kind, taxPoint string, notes []string) {
	r.doc.Kind, r.doc.Number, r.doc.Issued, r.doc.TaxPoint = Kind(text(kind)), text(h.ID), r.day(h.IssueDate), r.day(taxPoint)
	r.doc.Note = strings.Join(notes, "\n")
	switch customization := text(h.Customization); {
	case strings.HasPrefix(customization, peppol):
		r.doc.Profile = Peppol
	case strings.HasPrefix(customization, european):
		r.doc.Profile = EN16931
	default:
		r.doc.Profile = Plain
	}
}

func (r *reader) body(b wireBody) {
	d := &r.doc
	d.Currency = money.Currency(text(b.Currency))
	d.AccountingCost, d.BuyerReference = text(b.AccountingCost), text(b.BuyerReference)
	d.Order, d.Contract, d.Period = id(b.Order), id(b.Contract), r.period(b.Period)
	for _, p := range b.Preceding {
		d.Preceding = append(d.Preceding, document.InvoiceRef{Number: text(p.ID), Date: r.day(value(p.Date))})
	}
	d.Seller, d.Buyer = b.Seller.Party.party(), b.Buyer.Party.party()
	if b.Delivery != nil {
		d.Delivery.Date = r.day(b.Delivery.Date)
		if b.Delivery.Address != nil {
			d.Delivery.Address = b.Delivery.Address.address()
		}
	}
	r.payment(b)
	d.Adjustments = r.adjustments(b.Adjustments)
	for _, total := range b.TaxTotals {
		if cur := text(b.TaxCurrency); cur != "" && text(total.Tax.Currency) == cur && cur != string(d.Currency) {
			d.HomeTax = r.amount(&total.Tax)
			continue
		}
		d.Totals.Tax = r.amount(&total.Tax)
		for _, g := range total.Groups {
			d.Taxes = append(d.Taxes, Tax{
				Category: text(g.Category.ID), Rate: r.number(g.Category.Percent), Net: r.amount(&g.Net), Tax: r.amount(&g.Tax),
				Reason: text(g.Category.Reason), ReasonCode: text(g.Category.ReasonCode),
			})
		}
	}
	t := b.Totals
	d.Totals.Lines, d.Totals.Net, d.Totals.Gross, d.Totals.Payable = r.amount(&t.Lines), r.amount(&t.Net), r.amount(&t.Gross), r.amount(&t.Payable)
	d.Totals.Allowances, d.Totals.Charges, d.Totals.Paid, d.Totals.Rounding = r.amount(t.Allowances), r.amount(t.Charges), r.amount(t.Paid), r.amount(t.Rounding)
}

func (r *reader) payment(b wireBody) {
	p := &r.doc.Payment
	if b.Terms != nil {
		p.Terms = text(b.Terms.Note)
	}
	if len(b.Means) == 0 {
		return
	}
	means := b.Means[0]
	p.Means, p.Reference = text(means.Code), text(means.Reference)
	r.doc.Due = r.day(means.Due)
	if means.Account != nil {
		p.Account, p.AccountName, p.Bank = text(means.Account.ID), text(means.Account.Name), value(means.Account.Bank)
	}
}

func (w wireParty) party() Party {
	p := Party{
		Name: text(w.Legal.Name), Trading: value(w.Trading), Endpoint: w.Endpoint.identifier(), LegalID: w.Legal.ID.identifier(),
		LegalForm: text(w.Legal.LegalForm), Address: w.Address.address(),
	}
	for _, holder := range w.IDs {
		if holder.ID.Scheme != "SEPA" { // a direct debit's creditor, not the party
			p.ID = holder.ID.identifier()
		}
	}
	for _, t := range w.Taxes {
		if strings.EqualFold(text(t.Scheme), vat) {
			p.VATID = text(t.Number)
		} else {
			p.TaxNumber = TaxNumber{text(t.Scheme), text(t.Number)}
		}
	}
	if w.Contact != nil {
		p.Contact = Contact{text(w.Contact.Name), text(w.Contact.Phone), text(w.Contact.Email)}
	}
	return p
}

func (w *wireID) identifier() Identifier {
	if w == nil {
		return Identifier{}
	}
	return Identifier{text(w.Scheme), text(w.Value)}
}

func (w wireAddress) address() Address {
	return Address{text(w.Street), text(w.More), value(w.Further), text(w.City), text(w.Zone), text(w.Region), text(w.Country)}
}

func (r *reader) adjustments(list []wireAdjustment) []Adjustment {
	var out []Adjustment
	for _, w := range list {
		a := Adjustment{Charge: w.Charge, Amount: r.amount(&w.Amount), Base: r.amount(w.Base), Reason: text(w.Reason), ReasonCode: text(w.ReasonCode)}
		if w.Percent != "" {
			a.Percent = decimal.NullDecimal{Decimal: r.number(w.Percent), Valid: true}
		}
		if w.Category != nil {
			a.Category, a.Rate = text(w.Category.ID), r.number(w.Category.Percent)
		}
		out = append(out, a)
	}
	return out
}

func (r *reader) lines(list []wireLine) {
	for _, w := range list {
		l := Line{
			ID: text(w.ID), Name: text(w.Item.Name), Description: text(w.Item.Description), Note: text(w.Note),
			AccountingCost: text(w.AccountingCost), OrderLine: value(w.OrderLine), Period: r.period(w.Period),
			Price: r.number(w.Price.Amount.Value), Adjustments: r.adjustments(w.Adjustments), Net: r.amount(&w.Net),
			Category: text(w.Item.Category.ID), Rate: r.number(w.Item.Category.Percent),
		}
		for _, quantity := range []*wireQuantity{w.Invoiced, w.Credited} {
			if quantity != nil {
				l.Quantity, l.Unit = r.number(quantity.Value), text(quantity.Unit)
			}
		}
		if w.Price.Base != nil {
			l.BaseQuantity = r.number(w.Price.Base.Value)
		}
		r.doc.Lines = append(r.doc.Lines, l)
	}
}

func (r *reader) period(p *wirePeriod) Period {
	if p == nil {
		return Period{}
	}
	return Period{r.day(p.From), r.day(p.To)}
}

func (r *reader) day(date string) time.Time {
	if date = text(date); date == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, date)
	r.keep(err)
	return t
}

func (r *reader) number(n string) decimal.Decimal {
	if n = text(n); n == "" {
		return decimal.Decimal{}
	}
	d, err := decimal.NewFromString(n)
	r.keep(err)
	return d
}

func (r *reader) amount(w *wireAmount) money.Amount {
	if w == nil {
		return money.Amount{}
	}
	a, err := money.Parse(w.Value, money.Currency(text(w.Currency)))
	r.keep(err)
	return a
}

func (r *reader) keep(err error) {
	if r.err == nil {
		r.err = err
	}
}

func text(s string) string { return strings.TrimSpace(s) }

func value(s *string) string {
	if s == nil {
		return ""
	}
	return text(*s)
}

func id(ref *wireReference) string {
	if ref == nil {
		return ""
	}
	return text(ref.ID)
}
