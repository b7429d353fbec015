package books

import (
	"slices"
	"strconv"

	"makegood/billing"
	"makegood/internal/reports"
)

// applies tells whether a correction is told by what it settled on the invoice.
func applies(list []billing.AllocationDetail, c billing.Correction) bool {
	return slices.ContainsFunc(list, func(a billing.AllocationDetail) bool {
		return string(a.SourceKind) == c.Kind && a.SourceNumber == c.Number
	})
}

// corrected tells of a document that corrects the invoice, or that it corrects, and leaves what is open on it as it is.
func (r reader) corrected(i billing.Invoice, c billing.Correction) event {
	e := event{at: c.PostedAt, place: 2, amount: c.Amount, Title: documentName(c.Kind) + " " + c.Number, Href: documentHref(c.Kind, c.Number), Detail: r.day(c.On)}
	switch c.Link {
	case billing.Replaces:
		e.place, e.Icon, e.Title = 1, "repeat", "In place of invoice "+c.Number
	case billing.ChargesMoreOn:
		e.place, e.Icon, e.Title = 1, "file-invoice", "Charges more on "+c.Number
	case billing.ReplacedBy:
		e.place, e.Icon, e.Title = 3, "repeat", "Billed anew as "+c.Number
	case billing.ChargedBy:
		e.Icon, e.Detail = "file-plus", e.Detail+" · charges more, owed by itself"
	case billing.CreditedBy:
		e.Tone, e.Icon, e.amount, e.Detail = "out", "receipt-refund", c.Amount.Neg(), e.Detail+" · nothing of it on this invoice"
	case billing.WrittenOffBy:
		e.Tone, e.Icon, e.amount = "out", "receipt-off", c.Amount.Neg()
	case billing.RefundedBy, billing.MovedBy:
		e.place, e.Icon, e.Detail = 3, "cash", e.Detail+" · out of "+c.About
	case billing.TakenBackBy:
		e.place, e.Icon, e.Detail = 3, "arrow-back-up", e.Detail+" · takes back "+orItself(c.About, i.Number)
	}
	return e
}

func orItself(number, own string) string {
	if number == "" {
		return own
	}
	return number
}

// reserved tells what pending credit requests keep of the invoice, each as one.
func (r reader) reserved(f reports.InvoiceFile) []event {
	var events []event
	var last int64
	for _, x := range f.Reservations { // in the order of their requests
		if len(events) == 0 || x.CreditRequestID != last {
			last = x.CreditRequestID
			events = append(events, event{
				at: x.ReservedAt, place: 2, Icon: "hourglass", Title: "Kept by " + x.RequestNumber(), Href: requestHref(x.CreditRequestID), Detail: r.when(x.ReservedAt) + " · not decided or not posted yet",
			})
		}
		e := &events[len(events)-1]
		e.amount = e.amount.Sub(x.Amount)
	}
	return events
}

func requestHref(id int64) string { return "/approvals/" + strconv.FormatInt(id, 10) }
