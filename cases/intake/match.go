package intake

import (
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/inbox/parse"
)

// How sure a link is, by what led to it.
const (
	sureExact      = 100
	sureMemo       = 90
	sureNormalised = 80
	sureOrder      = 70
	surePayment    = 70
	sureAmount     = 60 // total, day and customer agree
	maxByOrder     = 3  // a purchase order or payment with more invoices than this tells nothing
)

// Matches are the invoices a message is about.
type Matches struct {
	Links    []cases.LinkedInvoice
	Invoices []billing.Invoice // those linked, in the same order
	// Foreign are numbers of invoices that are not the sender's, as the sender wrote them. Nothing of such an invoice
	// but the number the sender already has is kept.
	Foreign []string
	// Beside says that a link was found by something that was done about its invoice, a credit memo or a payment: what the message says
	// of amounts may be about that.
	Beside bool
}

// Match sorts the invoices that references led to into those the sender may be told about and foreign ones. Without a
// customer nothing is linked.
func Match(sender *billing.Customer, found []billing.FoundInvoice, m parse.Message) Matches {
	var out Matches
	own := map[string]bool{}
	orders := map[string]int{}
	for _, f := range found {
		if f.ByOrder || f.ByPayment {
			orders[f.Reference]++
		}
	}
	for _, f := range found {
		if sender == nil || !billing.MayConcern(*sender, f.Invoice, f.Customer) || orders[f.Reference] > maxByOrder {
			continue
		}
		own[f.Reference] = true
		out.Invoices = append(out.Invoices, f.Invoice)
		out.Beside = out.Beside || f.ByMemo || f.ByPayment
		found := cases.LinkedInvoice{InvoiceID: f.ID, Evidence: "amount and date", Confidence: confidence(f)}
		if !f.ByAmount {
			found.Evidence = evidence(m, f.Reference)
		}
		out.Links = append(out.Links, found)
	}
	for _, f := range found {
		if sender == nil || f.ByOrder || f.ByPayment || f.ByAmount || own[f.Reference] {
			continue
		}
		own[f.Reference] = true // named once
		out.Foreign = append(out.Foreign, f.Reference)
	}
	return out
}

func confidence(f billing.FoundInvoice) int {
	switch {
	case f.Exact:
		return sureExact
	case f.ByOrder:
		return sureOrder
	case f.ByMemo:
		return sureMemo
	case f.ByPayment:
		return surePayment
	case f.ByAmount:
		return sureAmount
	}
	return sureNormalised
}

// evidence says where in the message a reference stands.
func evidence(m parse.Message, reference string) string {
	switch {
	case within(m.Subject, reference):
		return "subject"
	case within(m.ReplyText, reference), within(m.Text, reference):
		return "body"
	}
	for _, a := range m.Attachments {
		if within(strings.ReplaceAll(a.Filename, "_", " "), reference) || within(string(a.Content), reference) {
			return "attachment " + a.Filename
		}
	}
	return "body"
}

// within finds a reference in a text whatever the white space in either.
func within(text, reference string) bool {
	return strings.Contains(strings.Join(strings.Fields(text), " "), reference)
}

// said are the references in what the sender wrote now, not in what the mail quotes.
func said(m parse.Message, references []string) []string {
	var out []string
	for _, r := range references {
		if within(m.Subject, r) || within(m.ReplyText, r) || !within(m.Text, r) {
			out = append(out, r)
		}
	}
	return out
}

// contested is the one amount a message contests of an invoice: the only one stated in its currency that may still be
// contested, the invoice's own total not counted when there is another. With several left it is not for us to choose.
func contested(invoice billing.Invoice, contestable decimal.Decimal, stated []parse.Amount) (decimal.Decimal, bool) {
	var all, parts []decimal.Decimal
	for _, s := range stated {
		value, err := decimal.NewFromString(s.Amount)
		if err != nil || s.Currency != string(invoice.Currency) || !value.IsPositive() || value.GreaterThan(contestable) {
			continue
		}
		all = append(all, value)
		if !value.Equal(invoice.Total) {
			parts = append(parts, value)
		}
	}
	switch {
	case len(parts) == 1:
		return parts[0], true
	case len(parts) == 0 && len(all) == 1:
		return all[0], true
	}
	return decimal.Decimal{}, false
}
