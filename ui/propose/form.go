package propose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/credits"
	"makegood/internal/errs"
	"makegood/internal/reports"
	"makegood/ui/creditview"
)

// form is what is typed: texts as they stand in the fields, so that a refused form comes back unchanged.
type form struct {
	Kind        string
	Reason      string
	RootCause   string
	ErrorBy     string // whose error it was
	Explanation string
	Note        string // what the customer is told
	Lines       map[billing.InvoiceLineID]formLine
	Key         string
	change      *credits.Detail // the request it changes; nil for a new one
	version     string          // of it, as the person saw it; "" before it was shown
	kindForm
	proofForm
}

type formLine struct {
	Ticked   bool
	Net      string
	Quantity string
}

// posted reads the form of a request.
func (r reader) posted(c echo.Context, b reports.ProposeBasis) (form, error) {
	values, err := c.FormParams()
	if err != nil {
		return form{}, errs.Wrap(err, errs.Invalid, "error.invalid_fields")
	}
	f := form{
		Kind: values.Get("kind"), Reason: values.Get("reason_code"), RootCause: values.Get("root_cause"), ErrorBy: values.Get("error_by"), Explanation: values.Get("explanation"),
		Note: values.Get("customer_note"), Key: values.Get("key"),
		Lines: map[billing.InvoiceLineID]formLine{}, kindForm: postedKind(values, b),
	}
	for _, l := range b.Invoice.Lines {
		id := formatID(int64(l.ID))
		f.Lines[l.ID] = formLine{
			Ticked: slices.Contains(values["line"], id), Net: strings.TrimSpace(values.Get("net." + id)), Quantity: strings.TrimSpace(values.Get("quantity." + id)),
		}
	}
	f.proofForm, err = postedProof(values)
	return f, err
}

// prefilled is the form at the start: the disputed lines with their net, or the line and amount of the address.
func (r reader) prefilled(b reports.ProposeBasis, line, amount string) form {
	f := form{Kind: kindsOf(b)[0].Value, Lines: map[billing.InvoiceLineID]formLine{}, kindForm: r.startKind(b)}
	for _, l := range b.Invoice.Lines {
		f.Lines[l.ID] = r.startLine(b, l, line, amount)
	}
	for _, d := range b.Disputes {
		if f.Reason == "" && !d.Status.Decided() {
			f.Reason = d.ReasonCode
		}
	}
	if b.Case != nil && b.Case.Type == cases.Concession {
		f.Kind = string(billing.Concession)
	}
	if b.Case != nil && b.Case.RootCauseID != nil {
		f.RootCause = formatID(*b.Case.RootCauseID)
	}
	for _, m := range b.Messages {
		f.Messages = append(f.Messages, m.ID)
	}
	return f
}

func (r reader) startLine(b reports.ProposeBasis, l billing.LineDetail, line, amount string) formLine {
	if line != "" {
		if line == formatID(int64(l.ID)) {
			net := amount
			if net == "" {
				net = l.Remaining.StringFixed(b.Invoice.Currency.Digits())
			}
			return formLine{Ticked: true, Net: net}
		}
		return formLine{}
	}
	net := decimal.Zero
	for _, d := range b.Disputes {
		if !d.Status.Decided() && concerns(d, b.Invoice, l) {
			net = net.Add(netOf(d.Contested, l, b.Invoice.Currency.Digits()))
		}
	}
	if net = decimal.Min(net, l.Remaining); !net.IsPositive() {
		return formLine{}
	}
	return formLine{Ticked: true, Net: net.StringFixed(b.Invoice.Currency.Digits())}
}

// concerns tells whether a dispute is about a line: of an invoice with a single line, the whole is that line.
func concerns(d cases.DisputeLine, i billing.InvoiceDetail, l billing.LineDetail) bool {
	if d.InvoiceLineID == nil {
		return len(i.Lines) == 1
	}
	return *d.InvoiceLineID == l.ID
}

// netOf takes the tax out of a contested amount; the whole line's gross gives exactly its net.
func netOf(contested decimal.Decimal, l billing.LineDetail, digits int32) decimal.Decimal {
	if contested.Equal(l.Net.Add(l.TaxShare)) {
		return l.Net
	}
	hundred := decimal.NewFromInt(100)
	return contested.Mul(hundred).Div(hundred.Add(l.TaxRate)).Round(digits)
}

// input turns the form into a proposal. It refuses amounts that are none.
func (r reader) input(b reports.ProposeBasis, f form) (credits.ProposeInput, error) {
	in := credits.ProposeInput{
		By: r.by, Kind: billing.Kind(f.Kind), ReasonCode: f.Reason, Explanation: f.Explanation, CustomerNote: f.Note, IdempotencyKey: f.Key,
	}
	if b.Case != nil {
		in.CaseID = &b.Case.ID
	}
	if id, err := strconv.ParseInt(f.RootCause, 10, 64); err == nil {
		in.RootCauseID = &id
	}
	if id, err := strconv.ParseInt(f.ErrorBy, 10, 64); err == nil {
		in.ErrorBy = &id
	}
	t := typed{lang: r.Lang}
	switch in.Kind {
	case billing.BillingError, billing.Concession, billing.SLACredit:
		t.credit(b, f, &in)
	case billing.Rebill, billing.Debit:
		in.InvoiceID, in.Bill = b.Invoice.ID, t.bill(f.Bill)
		if b.Invoice.ID == 0 {
			in.EntityID, in.CustomerID, in.Currency = b.Customer.EntityID, b.Customer.ID, b.Customer.Currency
		}
	case billing.WriteOff:
		if b.Small != nil {
			in.Items = t.small(b, f)
			break
		}
		part := billing.ItemPart{Kind: billing.InvoiceItem, ID: int64(b.Invoice.ID), Amount: t.amount("items.0", f.GiveUp)}
		in.Items = []billing.ItemPart{part}
	case billing.RefundOut, billing.TransferOver:
		in.Items, in.Destination = t.items(b, f), f.Destination
		for _, c := range b.Family {
			if in.Kind == billing.TransferOver && c.Account == f.To {
				in.ToCustomerID = c.ID
			}
		}
	case billing.Reverse:
		if b.Original != nil {
			in.Reverses = b.Original.Document
		}
	}
	in.Evidence = evidence(b, f.proofForm)
	if len(t.wrong) > 0 {
		return in, errs.InvalidFields(t.wrong...)
	}
	return in, nil
}

// credit fills in what is given back: on the lines of an invoice, or by lines of its own.
func (t *typed) credit(b reports.ProposeBasis, f form, in *credits.ProposeInput) {
	if in.Kind == billing.Concession {
		in.For = f.struck(b)
	}
	if b.Invoice.ID == 0 {
		in.EntityID, in.CustomerID, in.Currency = b.Customer.EntityID, b.Customer.ID, b.Customer.Currency
		in.Lines = t.onAccount(b, f.Bill)
		return
	}
	in.InvoiceID, in.Whole = b.Invoice.ID, f.Whole
	in.Refund, in.SettledOutside = t.optional("refund", f.Refund), t.optional("settled_outside", f.Outside)
	if !in.Whole {
		in.Lines = t.lines(b, f)
	}
}

// lines are the ticked lines of the invoice with their amounts.
func (t *typed) lines(b reports.ProposeBasis, f form) []credits.ProposeLine {
	var list []credits.ProposeLine
	for _, l := range b.Invoice.Lines {
		row := f.Lines[l.ID]
		if !row.Ticked {
			continue
		}
		line := credits.ProposeLine{InvoiceLineID: l.ID, DisputeLineID: disputeOf(b, l), Net: t.amount(fmt.Sprintf("lines.%d.net", len(list)), row.Net)}
		if row.Quantity != "" {
			quantity, ok := creditview.AmountOf(row.Quantity, t.lang)
			if !ok {
				t.refuse(fmt.Sprintf("lines.%d.quantity", len(list)), "propose.no_quantity", row.Quantity)
			}
			line.Quantity = &quantity
		}
		list = append(list, line)
	}
	return list
}

func disputeOf(b reports.ProposeBasis, l billing.LineDetail) *cases.DisputeID {
	for _, d := range b.Disputes {
		if !d.Status.Decided() && concerns(d, b.Invoice, l) {
			id := d.ID
			return &id
		}
	}
	return nil
}

func formatID(id int64) string { return strconv.FormatInt(id, 10) }
