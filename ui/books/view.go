package books

import (
	"strings"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/ledger"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/ui/creditview"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// customersView is the list of customers.
type customersView struct {
	Query, Tier string
	Rows        []customerRow
	NextURL     string
	Tiers       []kit.Segment
	Add         bool // whether this person enters customers
}

type customerRow struct {
	reports.CustomerRow
	Href string
}

// customerView is one customer's file.
type customerView struct {
	reports.CustomerFile
	Reader   reader
	Ages     []ageRow
	Facts    []kit.KV
	MoreURL  string
	Parent   *reports.Relative
	Children []reports.Relative
	Refund   bool // may be proposed
	OpenCase bool // the reader opens cases
	Receive  bool // may record its payments
	Enter    bool // may enter its contracts

	KeepContacts  bool // may add and change its people
	MailStatement bool // may mail it its statement
	Apply         bool // there is something to apply, and something to apply it to
	Keep          bool // may change what stands on documents
}

type ageRow struct {
	Label, Value string
	Percent      int
	Tone         string
}

// invoiceView is one invoice with its story.
type invoiceView struct {
	reports.InvoiceFile
	Paper     kit.DocumentView
	Memos     []kit.DocumentView
	MemoLinks []kit.Link
	Show      string
	Story     []event
	Bar       []kit.BarPart
	Legend    []legend
	Open      money.Amount
	Entries   []entryView
	Propose   bool
	Corrected int // how often
	Reader    reader
}

type legend struct {
	Class, Text string
}

// memoView is one credit memo with where it came from.
type memoView struct {
	reports.MemoFile
	Paper   kit.DocumentView
	Chain   []kit.ChainStep
	Goes    []kit.SumRow
	Entries []entryView
	Hash    string
	Kind    string
	Reader  reader

	TakeBack  bool // may be proposed
	There     []creditview.There
	ThereName string // of the other system
}

// entryView is a journal entry; an amount stands at one side.
type entryView struct {
	Title, Day string
	Rows       []postingView
	Balanced   bool
}

type postingView struct {
	Account, Href, Debit, Credit string
}

// entries writes what was booked in an entity's books; each account leads to its month in the ledger.
func (r reader) entries(list []ledger.Entry, entity string) []entryView {
	views := make([]entryView, 0, len(list))
	for _, e := range list {
		v := entryView{Title: entryTitle(e), Day: r.day(e.BookedOn)}
		if e.ReversesID != nil {
			v.Title += i18n.T(", taken back")
		}
		v.Rows, v.Balanced = r.postings(e, entity)
		views = append(views, v)
	}
	return views
}

// postings adds up neighbours on one side of one account, and checks that both sides agree.
func (r reader) postings(e ledger.Entry, entity string) (rows []postingView, balanced bool) {
	sum, run := decimal.Zero, decimal.Zero
	for i, p := range e.Postings {
		sum, run = sum.Add(p.Amount), run.Add(p.Amount)
		if i+1 < len(e.Postings) {
			next := e.Postings[i+1]
			if next.Account == p.Account && next.Amount.IsNegative() == p.Amount.IsNegative() {
				continue
			}
		}
		row := postingView{Account: p.Code + " " + p.Name, Href: accountHref(entity, p.Account, e.BookedOn)}
		if run.IsNegative() {
			row.Credit = r.number(money.Of(run.Neg(), p.Currency))
		} else {
			row.Debit = r.number(money.Of(run, p.Currency))
		}
		rows, run = append(rows, row), decimal.Zero
	}
	return rows, sum.IsZero()
}

func entryTitle(e ledger.Entry) string {
	switch e.DocumentKind {
	case ledger.Invoice:
		return i18n.F("Invoice {document_number}", "document_number", e.DocumentNumber)
	case ledger.Payment:
		return i18n.F("Payment {document_number}", "document_number", e.DocumentNumber)
	case ledger.CreditMemo:
		return i18n.F("Credit memo {document_number}", "document_number", e.DocumentNumber)
	case ledger.Allocation:
		return i18n.F("Applied {document_number}", "document_number", e.DocumentNumber)
	case ledger.Refund:
		return i18n.F("Refund {document_number}", "document_number", e.DocumentNumber)
	case ledger.WriteOff:
		return i18n.F("Write-off {document_number}", "document_number", e.DocumentNumber)
	case ledger.Transfer:
		return i18n.F("Transfer {document_number}", "document_number", e.DocumentNumber)
	case ledger.Reversal:
		return i18n.F("Reversal {document_number}", "document_number", e.DocumentNumber)
	case ledger.Chargeback:
		return i18n.F("Chargeback {document_number}", "document_number", e.DocumentNumber)
	}
	return e.DocumentNumber
}

func (r reader) customer(f reports.CustomerFile) customerView {
	p := f.Position
	v := customerView{CustomerFile: f, Reader: r, Facts: r.customerFacts(f)}
	v.Ages = []ageRow{
		{Label: i18n.T("Not due"), Value: r.number(f.Amount(p.NotDue)), Percent: share(p.NotDue, p.Open)},
		{Label: i18n.T("1–30 days"), Value: r.number(f.Amount(p.Days1to30)), Percent: share(p.Days1to30, p.Open), Tone: "soon"},
		{Label: "31–60", Value: r.number(f.Amount(p.Days31to60)), Percent: share(p.Days31to60, p.Open), Tone: "due"},
		{Label: "61–90", Value: r.number(f.Amount(p.Days61to90)), Percent: share(p.Days61to90, p.Open), Tone: "due"},
		{Label: "91–120", Value: r.number(f.Amount(p.Days91to120)), Percent: share(p.Days91to120, p.Open), Tone: "bad"},
		{Label: i18n.T("Over 120"), Value: r.number(f.Amount(p.Over120)), Percent: share(p.Over120, p.Open), Tone: "bad"},
	}
	for i, relative := range f.Family {
		if f.ParentID != nil && relative.ID == *f.ParentID {
			v.Parent = &f.Family[i]
		} else {
			v.Children = append(v.Children, relative)
		}
	}
	if f.Invoices.Next != "" {
		v.MoreURL = "/customers/" + f.Account + "?after=" + f.Invoices.Next
	}
	return v
}

func (r reader) customerFacts(f reports.CustomerFile) []kit.KV {
	facts := []kit.KV{
		{Label: i18n.In("customer", "Account"), Value: f.Account},
		{Label: i18n.T("Kind"), Value: desk.Coded(string(f.Kind))},
		{Label: i18n.T("Billed by"), Value: f.Entity.Name},
		{Label: i18n.T("Currency"), Value: string(f.Currency)},
		{Label: i18n.T("Terms"), Value: i18n.F("{terms_days} days", "terms_days", kit.FormatCount(f.TermsDays, r.Lang))},
		{Label: i18n.T("Language"), Value: f.Language},
		{Label: i18n.T("Country"), Value: f.Country},
	}
	if f.TaxID != "" {
		facts = append(facts, kit.KV{Label: i18n.T("Tax id"), Value: f.TaxID})
	}
	if len(f.EmailDomains) > 0 {
		facts = append(facts, kit.KV{Label: i18n.T("Writes from"), Value: strings.Join(f.EmailDomains, ", ")})
	}
	if f.Position.PaidInvoices > 0 {
		facts = append(facts, kit.KV{Label: i18n.T("Pays after"), Value: i18n.F("{round} days on average", "round", f.Position.AveragePayDay.Round(0).String())})
	}
	return facts
}

func (r reader) invoice(f reports.InvoiceFile, show string) invoiceView {
	v := invoiceView{
		InvoiceFile: f, Reader: r, Show: show, Paper: r.invoicePaper(f), Story: r.story(f), Open: f.Invoice.Amount(f.Open.Open),
		Entries: r.entries(f.Entries, f.Entity.Code),
	}
	v.bar()
	for _, c := range f.Corrections {
		if c.Corrects() {
			v.Corrected++
		}
	}
	for _, m := range f.InvoiceDetail.Memos {
		v.MemoLinks = append(v.MemoLinks, kit.Link{Text: m.Number, Href: "/credit-memos/" + m.Number})
	}
	return v
}

// bar divides the total into paid, credited, written off, taken back, disputed and the rest that is open.
func (v *invoiceView) bar() {
	settled := map[billing.AllocationSource]decimal.Decimal{}
	for _, a := range v.Allocations {
		settled[a.SourceKind] = settled[a.SourceKind].Add(a.Amount)
	}
	held := v.InvoiceFile.Open.Disputed()
	if held.GreaterThan(v.InvoiceFile.Open.Open) {
		held = v.InvoiceFile.Open.Open
	}
	add := func(name, tone, class string, amount money.Amount) {
		if amount.IsPositive() {
			v.Bar = append(v.Bar, kit.BarPart{Percent: share(amount.Decimal(), v.Total), Tone: tone})
			v.Legend = append(v.Legend, legend{Class: class, Text: name + " " + v.Reader.number(amount)})
		}
	}
	add(i18n.T("Paid"), "ok", "c4", v.Invoice.Amount(settled[billing.FromPayment].Add(settled[billing.FromTransfer])))
	add(i18n.T("Credited"), "out", "iv-lo", v.Invoice.Amount(settled[billing.FromCreditMemo]))
	add(i18n.T("Written off"), "out", "iv-lo", v.Invoice.Amount(settled[billing.FromWriteOff]))
	add(i18n.In("posting", "Taken back"), "out", "iv-lo", v.Invoice.Amount(settled[billing.FromReversal]))
	add(i18n.T("Disputed"), "hold", "mg-hatch", v.Invoice.Amount(held))
	add(i18n.T("Open"), "", "", v.Invoice.Amount(v.InvoiceFile.Open.Collectible()))
}

func (r reader) memo(f reports.MemoFile) memoView {
	v := memoView{
		MemoFile: f, Reader: r, Paper: r.memoPaper(f), Chain: r.Chain(f.Request),
		Entries: r.entries(f.MemoDetail.Entries, f.Entity.Code), Kind: creditview.KindName(f.Kind),
	}
	if len(f.SHA256) > 0 {
		v.Hash = shortHash(f.SHA256)
	}
	v.Goes = []kit.SumRow{
		{Label: i18n.F("Lowered invoice {number}", "number", f.Invoice.Number), Value: r.number(f.Amount(f.ToInvoice))},
		{Label: i18n.T("Credit balance"), Value: r.number(f.Amount(f.ToBalance))},
		{Label: i18n.T("Refund"), Value: r.number(f.Amount(f.ToRefund))},
		{Label: i18n.T("Settled outside"), Value: r.number(f.Amount(f.SettledOutside))},
		{Label: i18n.T("Credit memo"), Value: r.money(f.Amount(f.Total)), Total: true, Tone: "out"},
	}
	if f.Invoice.Number == "" {
		v.Goes = v.Goes[1:]
	}
	return v
}
