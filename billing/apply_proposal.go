package billing

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/db"
	"makegood/internal/money"
)

// ApplyBy says how a proposal finds what unapplied money is for.
type ApplyBy string

// The ways to propose an application.
const (
	ByRemittance ApplyBy = "remittance" // invoice numbers in the payment's bank reference
	ByAmount     ApplyBy = "amount"     // an invoice, or the oldest run of them, open for exactly what is unapplied
	ByOldest     ApplyBy = "oldest"     // the oldest due first, as far as it goes
)

// ApplyProposal is one proposed application with what both sides have open, and why it was proposed.
type ApplyProposal struct {
	ApplyPart
	Number        string
	InvoiceNumber string
	DueOn         time.Time
	Free          decimal.Decimal
	Open          decimal.Decimal
	Held          decimal.Decimal // disputed: by oldest it is left out
	Why           ApplyBy
}

// ProposeApplications proposes how the unapplied cash and credits of a customer in a currency settle its open invoices.
// It changes nothing. Disputed amounts are left alone unless the customer named the invoice or paid exactly that.
func (s *Service) ProposeApplications(ctx context.Context, customer CustomerID, currency money.Currency, by ApplyBy, who Actor) ([]ApplyProposal, error) {
	w, err := s.Workbench(ctx, customer, currency, who)
	if err != nil {
		return nil, err
	}
	return w.Propose(by), nil
}

// take proposes as much of a source on an invoice as both have, at most what may be taken, and counts it.
func (w Workbench) take(source *UnappliedItem, invoice *OpenItem, most decimal.Decimal, why ApplyBy) (ApplyProposal, bool) {
	free := source.Free()
	amount := decimal.Min(free, invoice.Open, most)
	if !amount.IsPositive() {
		return ApplyProposal{}, false
	}
	p := ApplyProposal{
		ApplyPart: ApplyPart{Kind: source.Kind, ID: source.DocumentID, InvoiceID: InvoiceID(invoice.DocumentID), Amount: amount},
		Number:    source.Number, InvoiceNumber: invoice.Number, DueOn: invoice.DueOn, Free: free, Open: invoice.Open, Held: invoice.Held, Why: why,
	}
	source.Open, invoice.Open = source.Open.Sub(amount), invoice.Open.Sub(amount)
	return p, true
}

func (w Workbench) byOldest() []ApplyProposal {
	var list []ApplyProposal
	for i := range w.Sources {
		for k := range w.Invoices {
			invoice := &w.Invoices[k]
			if p, ok := w.take(&w.Sources[i], invoice, invoice.Collectible(), ByOldest); ok {
				list = append(list, p)
			}
		}
	}
	return list
}

// byRemittance follows the numbers that customers write on their transfers, however they garble them.
func (w Workbench) byRemittance() []ApplyProposal {
	var list []ApplyProposal
	for i := range w.Sources {
		keys := referenceKeysIn(w.Sources[i].BankReference)
		for k := range w.Invoices {
			invoice := &w.Invoices[k]
			if !slices.Contains(keys, ReferenceKey(invoice.Number)) {
				continue
			}
			if p, ok := w.take(&w.Sources[i], invoice, invoice.Open, ByRemittance); ok {
				list = append(list, p)
			}
		}
	}
	return list
}

// referenceKeysIn splits a bank reference into what could be invoice numbers, normalised.
func referenceKeysIn(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;/|+\n\t", r) })
	var keys []string
	for i := range words {
		for n := i + 1; n <= min(i+3, len(words)); n++ { // a number may be torn apart by spaces
			keys = append(keys, ReferenceKey(strings.Join(words[i:n], "-")))
		}
	}
	return keys
}

// byAmount finds one invoice, or a run of the oldest, open for exactly what is unapplied.
func (w Workbench) byAmount() []ApplyProposal {
	var list []ApplyProposal
	for i := range w.Sources {
		for _, k := range w.exactly(w.Sources[i].Free()) {
			if p, ok := w.take(&w.Sources[i], &w.Invoices[k], w.Invoices[k].Open, ByAmount); ok {
				list = append(list, p)
			}
		}
	}
	return list
}

func (w Workbench) exactly(amount decimal.Decimal) []int {
	for k, invoice := range w.Invoices {
		if invoice.Open.Equal(amount) {
			return []int{k}
		}
	}
	sum := decimal.Zero
	var run []int
	for k, invoice := range w.Invoices {
		if !invoice.Open.IsPositive() {
			continue
		}
		if sum = sum.Add(invoice.Open); sum.GreaterThan(amount) {
			return nil
		}
		if run = append(run, k); sum.Equal(amount) {
			return run
		}
	}
	return nil
}

// UnappliedByNumber finds a payment, a credit memo or a transfer as an open item; ErrNoItem when there is none.
func (s *Service) UnappliedByNumber(ctx context.Context, r db.Reader, number string) (OpenItem, error) {
	item, err := db.One[OpenItem](ctx, r, `select * from open_items where number = $1 and kind <> 'invoice'`, number)
	return found(item, err, ErrNoItem, "read open item")
}
