package books

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/desk"
)

// event is one thing that happened to an invoice, with what was open after it.
type event struct {
	at                 time.Time
	place              int // among events of one moment
	Tone, Icon         string
	Title, Href        string
	Detail             string
	Amount, After      string
	amount             decimal.Decimal
	owed               decimal.Decimal // what it adds to what is open
	CaseHref, CaseText string
}

// story tells in order what made the open amount what it is.
func (r reader) story(f reports.InvoiceFile) []event {
	events := []event{{
		at: f.PostedAt, Icon: "file-invoice", Title: i18n.T("Issued"), Detail: i18n.F("{day} · due {day_2}", "day", r.day(f.IssuedOn), "day_2", r.day(f.DueOn)), amount: f.Total, owed: f.Total,
	}}
	for _, a := range f.Allocations {
		events = append(events, r.applied(a))
	}
	for _, c := range f.Corrections {
		if !applies(f.Allocations, c) {
			events = append(events, r.corrected(f.Invoice, c))
		}
	}
	events = append(events, r.holdEvents(f)...)
	events = append(events, r.reserved(f)...)
	slices.SortStableFunc(events, func(a, b event) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.place, b.place))
	})
	open := decimal.Zero
	for i := range events {
		open = open.Add(events[i].owed)
		events[i].Amount, events[i].After = r.number(f.Invoice.Amount(events[i].amount)), r.number(f.Invoice.Amount(open))
	}
	return events
}

// applied tells what settled a part of the invoice, or that it was taken back.
func (r reader) applied(a billing.AllocationDetail) event {
	e := event{
		at: a.PostedAt, place: 2, amount: a.Amount.Neg(), owed: a.Amount.Neg(), Detail: r.day(a.SourceOn), Tone: "out", Icon: "receipt-refund",
		Title: desk.Coded(string(a.SourceKind)) + " " + a.SourceNumber, Href: documentHref(string(a.SourceKind), a.SourceNumber),
	}
	switch a.SourceKind {
	case billing.FromPayment:
		e.Tone, e.Icon = "in", "building-bank"
	case billing.FromTransfer:
		e.Tone, e.Icon = "in", "arrows-exchange"
	case billing.FromWriteOff:
		e.Icon = "receipt-off"
	case billing.FromReversal:
		e.Icon = "arrow-back-up"
	case billing.FromCreditMemo:
	}
	if a.ReversesID != nil {
		e.Tone, e.Icon, e.Title, e.Detail = "", "arrow-back-up", i18n.F("{title} taken back", "title", e.Title), r.day(a.AllocatedOn)
		if a.Reason != "" {
			e.Detail += " · " + a.Reason
		}
	}
	return e
}

// holdEvents tells holds placed or released at one moment for one case as one.
func (r reader) holdEvents(f reports.InvoiceFile) []event {
	type group struct {
		at       time.Time
		number   string
		released bool
	}
	var order []group
	grouped := map[group][]reports.HoldRow{}
	add := func(g group, h reports.HoldRow) {
		if _, known := grouped[g]; !known {
			order = append(order, g)
		}
		grouped[g] = append(grouped[g], h)
	}
	for _, h := range f.AllHolds {
		add(group{h.PlacedAt, h.CaseNumber, false}, h)
		if h.ReleasedAt != nil {
			add(group{*h.ReleasedAt, h.CaseNumber, true}, h)
		}
	}
	var events []event
	for _, g := range order {
		e := event{
			at: g.at, place: 1, Tone: "hold", Icon: "hand-stop", Title: i18n.F("Hold on {hold_lines}", "hold_lines", holdLines(grouped[g])),
			CaseText: g.number, CaseHref: "/cases/" + g.number, Detail: r.when(g.at),
		}
		sum := decimal.Zero
		for _, h := range grouped[g] {
			sum = sum.Add(h.Amount)
		}
		if e.amount = sum; g.released {
			e.amount, e.place, e.Icon, e.Title = sum.Neg(), 3, "lock-open", i18n.F("Hold released, {hold_lines}", "hold_lines", holdLines(grouped[g]))
		}
		events = append(events, e)
	}
	return events
}

func holdLines(holds []reports.HoldRow) string {
	var numbers []string
	for _, h := range holds {
		if h.LineNo == nil {
			return i18n.T("the invoice")
		}
		numbers = append(numbers, fmt.Sprint(*h.LineNo))
	}
	if len(numbers) == 1 {
		return i18n.F("line {numbers}", "numbers", numbers[0])
	}
	return i18n.F("lines {numbers}", "numbers", strings.Join(numbers, ", "))
}
