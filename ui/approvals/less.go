package approvals

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/creditview"
	"makegood/ui/kit"
)

// ApproveLess lowers a request and starts its chain again: POST /approvals/:id/less. Fields: as for a decision, and what
// remains of each line or open item; an empty one is not given at all.
func (s *Screen) ApproveLess(c echo.Context) error {
	in, err := decision(c)
	if err != nil {
		return err
	}
	file, err := s.files.Request(c.Request().Context(), in.ID, web.Actor(c))
	if err != nil {
		return err
	}
	less, err := s.reader(c).lessInput(c, in, file)
	if err != nil {
		return s.refused(c, in, err)
	}
	req, err := s.credits.ApproveLess(c.Request().Context(), less)
	if err != nil {
		return s.refused(c, in, err)
	}
	return s.done(c, req.ID, i18n.F("{number} is lowered to {amount}; its chain starts again, and you do not sign it.", "number", req.Number, "amount", kit.FormatMoney(req.Amount(req.Total), s.desk.Lang(c))))
}

func (r reader) lessInput(c echo.Context, in credits.DecideInput, f reports.RequestFile) (credits.LessInput, error) {
	less := credits.LessInput{DecideInput: in}
	if f.Content == nil {
		return less, nil
	}
	read := func(name string) (decimal.Decimal, error) {
		text := strings.TrimSpace(c.FormValue(name))
		if text == "" {
			return decimal.Zero, nil
		}
		value, ok := creditview.AmountOf(text, r.Lang)
		if !ok {
			return value, errs.InvalidField(name, "propose.no_amount", "text", text)
		}
		return value, nil
	}
	for _, l := range f.Content.Lines {
		amount, err := read(lessLine(l.InvoiceLineID))
		if err != nil {
			return less, err
		}
		if !amount.IsZero() {
			less.Lines = append(less.Lines, credits.ProposeLine{InvoiceLineID: l.InvoiceLineID, Net: amount})
		}
	}
	for _, item := range f.Content.Items {
		amount, err := read(lessItem(item))
		if err != nil {
			return less, err
		}
		if !amount.IsZero() {
			less.Items = append(less.Items, billing.ItemPart{Kind: item.Kind, ID: item.ID, Amount: amount})
		}
	}
	return less, nil
}

func lessLine(id billing.InvoiceLineID) string {
	return "less.line." + strconv.FormatInt(int64(id), 10)
}

func lessItem(i billing.ItemPart) string {
	return "less." + string(i.Kind) + "." + strconv.FormatInt(i.ID, 10)
}

// less are the lines or open items of which an approver may give less; none for what is all or nothing, as a credit is of which
// something is paid out or was settled outside.
func (r reader) less(f reports.RequestFile) []lessView {
	if f.Content == nil || f.Kind.Credits() && f.Content.ToRefund.Add(f.Content.SettledOutside).IsPositive() {
		return nil
	}
	number := func(d decimal.Decimal) string { return kit.FormatNumber(f.Detail.Amount(d), r.Lang) }
	var list []lessView
	switch f.Kind {
	case billing.BillingError, billing.Concession, billing.SLACredit:
		for _, l := range f.Content.Lines {
			if l.InvoiceLineID != 0 {
				list = append(list, lessView{Name: lessLine(l.InvoiceLineID), Text: l.Description, Asked: number(l.Amount), Value: number(l.Amount)})
			}
		}
	case billing.RefundOut, billing.TransferOver, billing.WriteOff:
		for _, i := range f.Content.Items {
			list = append(list, lessView{Name: lessItem(i), Text: i.Number, Asked: number(i.Amount), Value: number(i.Amount)})
		}
	case billing.Rebill, billing.Debit, billing.Reverse:
	}
	return list
}

// came says how the request came to be as it is: what was asked about it, and how it differs from the version before.
func (r reader) came(f reports.RequestFile, v *requestView) {
	for _, q := range f.Questions {
		asked := askedView{
			Who: r.name(q.AskedBy, q.AskedByName), When: kit.FormatShort(q.AskedAt, r.Now, r.zone, r.Lang), Question: q.Question, Answer: q.Answer,
			Open: q.AnsweredAt == nil && f.State == credits.Returned, // nobody answers what was withdrawn or expired
		}
		if q.AnsweredBy != nil && asked.Answer == "" {
			asked.Answer = i18n.T("changed the request")
		}
		v.AskedBack = append(v.AskedBack, asked)
	}
	if f.State == credits.Returned && f.ReturnedUntil != nil {
		v.Notices = append(v.Notices, kit.NoticeView{
			Tone: "stop", Icon: "clock", Title: i18n.T("It waits for an answer."),
			Text: i18n.F("Without one it expires {returned_until} and gives back what it reserved.", "returned_until", kit.FormatShort(*f.ReturnedUntil, r.Now, r.zone, r.Lang)),
		})
	}
	if len(f.Earlier) == 0 {
		return
	}
	was := f.Earlier[len(f.Earlier)-1]
	number := func(d decimal.Decimal) string { return kit.FormatNumber(f.Detail.Amount(d), r.Lang) }
	who := i18n.F("Changed by {name}", "name", r.name(was.ReplacedBy, was.ReplacedByName))
	if was.Why == "less" {
		who = i18n.F("Lowered by {name}, who does not sign it", "name", r.name(was.ReplacedBy, was.ReplacedByName))
	}
	changed := changedView{
		Title: i18n.F("Changed since version {content_version}", "content_version", was.ContentVersion), Why: i18n.F("{who}, {replaced_at}; decisions start anew", "who", who, "replaced_at", kit.FormatShort(was.ReplacedAt, r.Now, r.zone, r.Lang)),
		Before: fmt.Sprintf("v%d", was.ContentVersion), After: fmt.Sprintf("v%d", f.ContentVersion), WasTotal: number(was.Total), Total: number(f.Total),
	}
	if was.Comment != "" {
		changed.Why += ". “" + was.Comment + "”"
	}
	for _, d := range f.Differences() {
		line := changedLine{Text: d.Description, Was: number(d.Before), Now: number(d.After), Added: d.Before.IsZero(), Changed: d.Changed()}
		if d.Before.IsZero() {
			line.Was = "–"
		}
		if d.After.IsZero() {
			line.Now = "–"
		}
		changed.Lines = append(changed.Lines, line)
	}
	changed.beside(was, f)
	v.Changed = &changed
}

// beside adds what is different beside the amounts.
func (v *changedView) beside(was credits.Earlier, f reports.RequestFile) {
	to := billing.Adjustment{}
	if f.Content != nil {
		to = *f.Content
	}
	for _, line := range []changedWords{
		{Text: i18n.T("Reason"), Was: was.ReasonCode, Now: f.ReasonCode},
		{Text: i18n.T("Root cause"), Was: was.RootCause, Now: f.RootCause},
		{Text: i18n.T("Whose error it was"), Was: was.ErrorBy, Now: f.ErrorBy},
		{Text: i18n.T("Goes to"), Was: was.Content.Destination, Now: to.Destination},
		{Text: i18n.T("Paid by"), Was: strings.ReplaceAll(was.Content.Method, "_", " "), Now: strings.ReplaceAll(to.Method, "_", " ")},
		{Text: i18n.T("Note to the customer"), Was: was.CustomerNote, Now: f.CustomerNote},
		{Text: i18n.T("Explanation"), Was: was.Explanation, Now: f.Explanation},
	} {
		if line.Was != line.Now {
			line.Was, line.Now = cmp.Or(line.Was, "–"), cmp.Or(line.Now, "–")
			v.Words = append(v.Words, line)
		}
	}
}
