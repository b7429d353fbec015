package casefile

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/creditview"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// ClaimForm asks what is contested of the lines that were ticked; of none, of the whole invoice.
func (s *Screen) ClaimForm(c echo.Context) error {
	if c.QueryParam("close") != "" {
		return c.NoContent(http.StatusOK)
	}
	f, err := s.files.CaseFile(c.Request().Context(), c.Param("number"), web.Actor(c))
	if err != nil {
		return err
	}
	v, err := s.claimView(c, f, c.QueryParams()["line"])
	if err != nil {
		return err
	}
	return s.desk.Show(c, desk.View{
		Title: i18n.F("Dispute lines of {invoice}", "invoice", v.Invoice), Active: "queue",
		Crumbs: []layout.Crumb{{Text: i18n.T("Queue"), Href: "/"}, {Text: f.Number, Href: "/cases/" + f.Number}, {Text: i18n.T("Dispute")}},
	}, claimPage(v), claim(v))
}

func (s *Screen) claimView(c echo.Context, f reports.CaseFile, chosen []string) (claimView, error) {
	r := s.reader(c)
	at := slices.IndexFunc(f.Invoices, func(i reports.FileInvoice) bool { return i.Number == c.FormValue("invoice") })
	if at < 0 {
		return claimView{}, billing.ErrNoInvoice
	}
	invoice := f.Invoices[at]
	base := "/cases/" + f.Number
	v := claimView{
		Action: base + "/dispute", Back: base, Empty: base + "/dispute?close=1", Version: f.Version,
		Invoice: invoice.Number, InvoiceID: id(invoice.ID), Currency: string(invoice.Currency), Reasons: r.moneyOf(f).Reasons,
	}
	if slices.ContainsFunc(v.Reasons, func(o kit.Option) bool { return o.Value == f.Topic }) {
		v.Reason = f.Topic
	}
	lines := fresh(f, invoice.Lines, chosen)
	for _, line := range lines {
		if left := line.Contestable(invoice.Currency.Digits()); left.IsPositive() {
			v.Rows = append(v.Rows, claimRow{
				ID: id(line.ID), Text: i18n.F("Line {line_no}: {description}", "line_no", strconv.Itoa(line.LineNo), "description", line.Description), Contested: kit.FormatDecimal(left, invoice.Currency.Digits(), r.Lang),
			})
		}
	}
	if len(v.Rows) == 0 {
		left := decimal.Max(decimal.Zero, invoice.Total.Sub(invoice.Credited).Sub(invoice.Held))
		v.Rows = []claimRow{{Text: i18n.F("The whole of {number}", "number", invoice.Number), Contested: kit.FormatDecimal(left, invoice.Currency.Digits(), r.Lang)}}
	}
	return v, nil
}

// fresh are the ticked lines that are not in dispute yet: those that are stay ticked on the page. When nothing else is
// ticked, more of them is what is meant.
func fresh(f reports.CaseFile, all []reports.FileLine, chosen []string) []reports.FileLine {
	var more, first []reports.FileLine
	for _, line := range all {
		switch {
		case !slices.Contains(chosen, id(line.ID)):
		case contested(f, line.ID).IsPositive():
			more = append(more, line)
		default:
			first = append(first, line)
		}
	}
	if len(first) == 0 {
		return more
	}
	return first
}

// AddDisputes contests the lines, one after the other; what was refused stays in the form with its reason.
func (s *Screen) AddDisputes(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	invoice, err := s.files.InvoiceNamed(c.Request().Context(), c.FormValue("invoice"), web.Actor(c))
	if err != nil {
		return s.refuse(c, err)
	}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	added := 0
	for _, line := range form["line"] {
		in := cases.AddDisputeInput{On: on, NewDispute: cases.NewDispute{InvoiceID: invoice.ID, ReasonCode: c.FormValue("reason"), Claim: c.FormValue("claim")}}
		if in.InvoiceLineID, err = lineID(line); err == nil {
			in.Contested, err = s.amount(c, form.Get("contested."+line), "contested")
		}
		if err == nil {
			_, err = s.cases.AddDispute(c.Request().Context(), in)
		}
		if err != nil && added > 0 {
			return s.done(c, toast{Text: i18n.F("{holds} The next one was refused: {sentences}", "holds", holds(added), "sentences", s.sentences(c, err)[0])}, claimed(invoice.ID))
		}
		if err != nil {
			return s.refuse(c, err)
		}
		on.Version++ // our own change is one we know of
		added++
	}
	return s.done(c, toast{Text: holds(added)}, claimed(invoice.ID))
}

func holds(n int) string {
	return i18n.N(n, "{n} amount is on hold.", "{n} amounts are on hold.", "n", n)
}

func claimed(invoice billing.InvoiceID) func(view) templ.Component {
	return func(view) templ.Component { return claimGone(id(invoice)) }
}

func lineID(text string) (*billing.InvoiceLineID, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // the whole invoice
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, billing.ErrNoInvoice
	}
	line := billing.InvoiceLineID(n)
	return &line, nil
}

// amount reads what somebody typed as an amount, as their language writes it.
func (s *Screen) amount(c echo.Context, text, field string) (decimal.Decimal, error) {
	value, ok := creditview.AmountOf(text, s.desk.Lang(c))
	if !ok {
		return decimal.Zero, errs.InvalidField(field, "money.not_an_amount", "text", text)
	}
	return value, nil
}

// Decide decides one dispute line without a credit.
func (s *Screen) Decide(c echo.Context) error {
	_, on, err := s.find(c)
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return cases.ErrNoDispute
	}
	in := cases.DecideDisputeInput{On: on, DisputeID: cases.DisputeID(n), Explanation: c.FormValue("explanation")}
	switch c.FormValue("verdict") {
	case "accept":
		in.Accepted, err = s.files.Contested(c.Request().Context(), in.DisputeID)
	case "partly":
		in.Accepted, err = s.amount(c, c.FormValue("accepted"), "accepted")
	case "withdraw":
		in.Withdrawn = true
	}
	if err != nil {
		return s.refuse(c, err)
	}
	if _, err := s.cases.DecideDispute(c.Request().Context(), in); err != nil {
		return s.refuse(c, err)
	}
	return s.done(c, toast{Text: i18n.T("Decided. The hold of this line has ended.")}, nil)
}
