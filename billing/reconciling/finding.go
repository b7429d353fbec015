package reconciling

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/billing/reconcile"
	"makegood/internal/money"
)

// FindingID names a finding of a run.
type FindingID int64

// Unreadable is the class of a row of the file that became no document, beside those of package reconcile.
const Unreadable reconcile.Class = "unreadable"

// Classes lists what a finding can be, in the order in which they are shown.
func Classes() []reconcile.Class {
	return []reconcile.Class{
		reconcile.MissingHere, reconcile.MissingThere, reconcile.DifferentAmount, reconcile.DifferentTax, reconcile.DifferentDate, reconcile.DifferentStatus,
		reconcile.DifferentCurrency, reconcile.DifferentCustomer, reconcile.DuplicateHere, reconcile.DuplicateThere, Unreadable, reconcile.KnownTiming,
	}
}

// Resolution says what became of a finding.
type Resolution string

// The resolutions. One of known timing heals by itself and is open to nobody.
const (
	Open      Resolution = "open"
	Timing    Resolution = "timing"
	Explained Resolution = "explained"
	CaseAsked Resolution = "case_asked"
	InCase    Resolution = "case"
)

// Paper is one side's document of a finding, as it was when the two were compared.
type Paper struct {
	Kind       reconcile.Kind   `json:"kind"`
	Number     string           `json:"number"`
	ExternalID string           `json:"external_id,omitempty"`
	Customer   string           `json:"customer,omitempty"`
	Date       time.Time        `json:"date"`
	Amount     decimal.Decimal  `json:"amount"`
	Tax        *decimal.Decimal `json:"tax,omitempty"` // nil when the side does not tell
	Currency   money.Currency   `json:"currency"`
	Status     reconcile.Status `json:"status,omitempty"`
	Invoice    string           `json:"invoice,omitempty"`
}

// Total is the document's amount with tax.
func (p Paper) Total() money.Amount { return money.Of(p.Amount, p.Currency) }

// Finding is one thing in which the sides do not agree, or a row that could not be read. Gap is what it does to the receivable
// here less the receivable there. DocumentKind and DocumentID name our document, where there is one.
type Finding struct {
	ID               FindingID
	ReconciliationID ID
	EntityID         billing.EntityID
	Position         int64
	Class            reconcile.Class
	Would            reconcile.Class
	Why              reconcile.Timing
	MatchedBy        reconcile.Key
	Kind             reconcile.Kind
	Number           string
	Account          string
	CustomerName     string
	DatedOn          *time.Time
	Currency         money.Currency
	Here             *Paper
	There            *Paper
	Twin             *Paper
	Gap              []Sum
	Reason           *billing.ImportReason
	Rows             []int
	DocumentKind     string
	DocumentID       *int64

	// What was decided about it, by whom.
	Resolution Resolution
	Note       string
	CaseNumber string
	ByName     string
	At         *time.Time
}

// findings turns what was compared and what could not be read into rows to keep.
func findings(o ours, t theirs, result reconcile.Result) []Finding {
	list := make([]Finding, 0, len(result.Differences)+len(t.unreadable))
	for _, d := range result.Differences {
		f := Finding{Class: d.Class, Would: d.Would, Why: d.Why, MatchedBy: d.Key, Here: paperOf(d.Here), There: paperOf(d.There), Twin: paperOf(d.Twin), Gap: []Sum{}, Rows: []int{}}
		for _, part := range d.Gap {
			f.Gap = append(f.Gap, Sum{part.Decimal(), part.Currency()})
		}
		if d.There != nil {
			place := placeOf(d.There)
			f.Rows, f.CustomerName = t.rows[place], t.names[place]
		}
		if d.Here != nil {
			p := o.papers[placeOf(d.Here)]
			f.DocumentKind, f.DocumentID, f.CustomerName = string(p.Kind), new(p.ID), p.Name
		}
		f.head()
		list = append(list, f)
	}
	for _, r := range t.unreadable {
		list = append(list, unreadable(r))
	}
	for i := range list {
		list[i].Position = int64(i + 1)
	}
	return list
}

// head repeats what lists show and are searched by: ours where there is one.
func (f *Finding) head() {
	lead := f.Here
	if lead == nil || f.Class == reconcile.DuplicateThere {
		lead = f.There
	}
	f.Kind, f.Number, f.Account, f.DatedOn, f.Currency = lead.Kind, firstOf(lead.Number, lead.ExternalID), lead.Customer, &lead.Date, lead.Currency
}

func unreadable(r importer.Rejection) Finding {
	return Finding{
		Class: Unreadable, Number: r.Ref, Rows: []int{r.Row}, Gap: []Sum{},
		Reason: &billing.ImportReason{Row: r.Row, Column: r.Column, Field: string(r.Field), Key: r.Key, Params: r.Params, Got: r.Got, Expected: r.Expected},
	}
}

func paperOf(d *reconcile.Document) *Paper {
	if d == nil {
		return nil
	}
	p := &Paper{
		Kind: d.Kind, Number: d.Number, ExternalID: d.ExternalID, Customer: d.Customer, Date: d.Date, Amount: d.Amount.Decimal(),
		Currency: d.Amount.Currency(), Status: d.Status, Invoice: d.Invoice,
	}
	if !d.TaxUnknown && (d.Kind == reconcile.Invoice || d.Kind == reconcile.CreditMemo) {
		p.Tax = new(d.Tax.Decimal())
	}
	return p
}
