package jurisdiction

import (
	"strings"
	"time"

	"makegood/billing/document"
	"makegood/internal/money"
)

// Known is what a document does not print about itself but the law may ask for.
type Known struct {
	Heading      string            // as printed
	HomeCurrency money.Currency    // of the issuer's country
	Stamps       map[string]string // of the originals, by their number
}

// CreditMemo gives the facts of a credit memo.
func CreditMemo(m document.CreditMemo, known Known) Facts {
	f := Facts{
		Kind: CreditNote, OnAccount: m.OnAccount, Heading: known.Heading, Number: m.Number, Date: m.Date, SupplyFrom: m.SupplyFrom, SupplyTo: m.SupplyTo,
		Seller: seller(m.Entity), Buyer: buyer(m.Customer), Reason: m.Reason, Taxes: m.Taxes, Total: m.Total, HomeCurrency: known.HomeCurrency,
	}
	f.corrects(m.Originals, known)
	f.about(m.Lines)
	f.atHome(m.HomeTax)
	return f
}

// DebitMemo gives the facts of a debit memo.
func DebitMemo(m document.DebitMemo, known Known) Facts {
	f := Facts{
		Kind: DebitNote, OnAccount: len(m.Originals) == 0, Heading: known.Heading, Number: m.Number, Date: m.Date, SupplyFrom: m.SupplyFrom, SupplyTo: m.SupplyTo,
		Seller: seller(m.Entity), Buyer: buyer(m.Customer), Reason: m.Reason, Taxes: m.Taxes, Total: m.Total, HomeCurrency: known.HomeCurrency,
	}
	f.corrects(m.Originals, known)
	f.about(m.Lines)
	f.atHome(m.HomeTax)
	return f
}

func seller(e document.Entity) Party {
	p := Party{Name: e.Name, Address: e.Address}
	for _, id := range e.TaxIDs {
		p.TaxIDs = append(p.TaxIDs, id.Number)
	}
	return p
}

func buyer(c document.Customer) Party {
	return Party{Name: c.Name, Address: c.Address, TaxIDs: []string{c.TaxID.Number}}
}

func (f *Facts) corrects(refs []document.InvoiceRef, known Known) {
	for _, ref := range refs {
		stamp := known.Stamps[ref.Number]
		if stamp == "" {
			stamp = ref.Stamp
		}
		f.Originals = append(f.Originals, Original{ref.Number, ref.Date, stamp})
	}
}

func (f *Facts) about(lines []document.Line) {
	for _, line := range lines {
		f.Lines = append(f.Lines, line.Description)
	}
}

// atHome states the total in home currency at the rate the tax is stated at.
func (f *Facts) atHome(tax *document.HomeTax) {
	if tax == nil {
		return
	}
	f.HomeTax = tax.Tax
	if tax.Rate.IsPositive() {
		f.HomeTotal = f.Total.Convert(tax.Rate, tax.Tax.Currency())
	}
}

// values are what the document says of a field: one for each original, line or group it concerns, "" where one says nothing.
func (f Facts) values(field Field) []string {
	switch field {
	case Heading:
		return []string{f.Heading}
	case Number:
		return []string{f.Number}
	case Date:
		return []string{day(f.Date)}
	case SupplyDate:
		return []string{day(f.SupplyFrom) + day(f.SupplyTo)}
	case Reason:
		return []string{f.Reason}
	case SellerName, SellerAddress, SellerTaxID:
		return f.Seller.values(field)
	case BuyerName, BuyerAddress, BuyerTaxID:
		return f.Buyer.values(field)
	case OriginalNumber, OriginalDate, OriginalStamp:
		return f.originals(field)
	case Description:
		return f.Lines
	case NetPerRate, TaxPerRate, ExemptionReason, ReducedRateMark:
		return f.taxes(field)
	case Total:
		return []string{amount(f.Total)}
	case TotalInHomeCurrency:
		return []string{f.atHomeIn(f.HomeTotal)}
	case TaxInHomeCurrency:
		return []string{f.atHomeIn(f.HomeTax)}
	}
	return nil
}

func (p Party) values(field Field) []string {
	switch field {
	case SellerName, BuyerName:
		return []string{strings.TrimSpace(p.Name)}
	case SellerAddress, BuyerAddress:
		return []string{strings.TrimSpace(strings.Join(p.Address, " "))}
	default:
		var numbers []string
		for _, number := range p.TaxIDs {
			if number = strings.ReplaceAll(number, " ", ""); number != "" {
				numbers = append(numbers, number)
			}
		}
		return numbers
	}
}

func (f Facts) originals(field Field) []string {
	var list []string
	for _, o := range f.Originals {
		switch field {
		case OriginalNumber:
			list = append(list, strings.TrimSpace(o.Number))
		case OriginalDate:
			list = append(list, day(o.Date))
		default:
			list = append(list, strings.TrimSpace(o.Stamp))
		}
	}
	return list
}

// taxes are said by the groups. Reverse charge, supply within the Union, export and what is out of scope are reasons that
// every document prints by itself; an exemption has many.
func (f Facts) taxes(field Field) []string {
	var list []string
	for _, t := range f.Taxes {
		switch {
		case field == NetPerRate:
			list = append(list, amount(t.Net))
		case field == TaxPerRate:
			list = append(list, amount(t.Tax))
		case field == ExemptionReason && t.Category != document.Exempt && unreasoned(t) && t.Note == "":
			list = append(list, t.Category)
		case field == ExemptionReason && unreasoned(t):
			list = append(list, t.Note)
		}
	}
	if field == ReducedRateMark {
		for _, t := range f.reduced() {
			list = append(list, t.Note)
		}
	}
	return list
}

func (f Facts) atHomeIn(a money.Amount) string {
	if a.Currency() != f.HomeCurrency {
		return ""
	}
	return amount(a)
}

func amount(a money.Amount) string {
	if a.Currency() == "" {
		return ""
	}
	return a.String()
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
