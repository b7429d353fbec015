package books

import (
	"slices"
	"strconv"

	"makegood/billing"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/desk"
)

// applies tells whether a correction is told by what it settled on the invoice.
func applies(list []billing.AllocationDetail, c billing.Correction) bool {
	return slices.ContainsFunc(list, func(a billing.AllocationDetail) bool {
		return string(a.SourceKind) == c.Kind && a.SourceNumber == c.Number
	})
}

// corrected tells of a document that corrects the invoice, or that it corrects, and leaves what is open on it as it is.
func (r reader) corrected(i billing.Invoice, c billing.Correction) event {
	e := event{at: c.PostedAt, place: 2, amount: c.Amount, Title: desk.Coded(c.Kind) + " " + c.Number, Href: documentHref(c.Kind, c.Number), Detail: r.day(c.On)}
	switch c.Link {
	case billing.Replaces:
		e.place, e.Icon, e.Title = 1, "repeat", i18n.F("In place of invoice {number}", "number", c.Number)
	case billing.ChargesMoreOn:
		e.place, e.Icon, e.Title = 1, "file-invoice", i18n.F("Charges more on {number}", "number", c.Number)
	case billing.ReplacedBy:
		e.place, e.Icon, e.Title = 3, "repeat", i18n.F("Billed anew as {number}", "number", c.Number)
	case billing.ChargedBy:
		e.Icon, e.Detail = "file-plus", i18n.F("{detail} · charges more, owed by itself", "detail", e.Detail)
	case billing.CreditedBy:
		e.Tone, e.Icon, e.amount, e.Detail = "out", "receipt-refund", c.Amount.Neg(), i18n.F("{detail} · nothing of it on this invoice", "detail", e.Detail)
	case billing.WrittenOffBy:
		e.Tone, e.Icon, e.amount = "out", "receipt-off", c.Amount.Neg()
	case billing.RefundedBy, billing.MovedBy:
		e.place, e.Icon, e.Detail = 3, "cash", i18n.F("{detail} · out of {about}", "detail", e.Detail, "about", c.About)
	case billing.TakenBackBy:
		e.place, e.Icon, e.Detail = 3, "arrow-back-up", i18n.F("{detail} · takes back {or_itself}", "detail", e.Detail, "or_itself", orItself(c.About, i.Number))
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
				at: x.ReservedAt, place: 2, Icon: "hourglass", Title: i18n.F("Kept by {request_number}", "request_number", x.RequestNumber()), Href: requestHref(x.CreditRequestID), Detail: i18n.F("{when} · not decided or not posted yet", "when", r.when(x.ReservedAt)),
			})
		}
		e := &events[len(events)-1]
		e.amount = e.amount.Sub(x.Amount)
	}
	return events
}

func requestHref(id int64) string { return "/approvals/" + strconv.FormatInt(id, 10) }
