package propose

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/errs"
	"makegood/internal/reports"
	"makegood/internal/web"
)

// changing is the request a form changes.
func (s *Screen) changing(c echo.Context) (reports.ChangeBasis, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return reports.ChangeBasis{}, credits.ErrNoRequest
	}
	b, err := s.files.ForChange(c.Request().Context(), credits.ID(id), web.Actor(c))
	if err == nil && b.Request.RequesterID != web.Actor(c).UserID {
		return b, credits.ErrNotYours
	}
	return b, err
}

// ShowChange is the form with what a request of one's own asks for: GET /approvals/:id/change. Somebody else's, or one that cannot
// be changed, is shown instead.
func (s *Screen) ShowChange(c echo.Context) error {
	b, err := s.changing(c)
	if errors.Is(err, credits.ErrNotYours) || errors.Is(err, credits.ErrNotChangeable) || errors.Is(err, credits.ErrShownInPart) {
		return c.Redirect(http.StatusSeeOther, "/approvals/"+c.Param("id"))
	}
	if err != nil {
		return err
	}
	r := s.reader(c)
	f := r.asked(b)
	f.change = &b.Request
	return s.answer(c, r, b.ProposeBasis, f, http.StatusOK, nil)
}

// PreviewChange works out what is typed so far: POST /approvals/:id/change/preview.
func (s *Screen) PreviewChange(c echo.Context) error {
	b, err := s.changing(c)
	if err != nil {
		return err
	}
	r := s.reader(c)
	f, err := r.posted(c, b.ProposeBasis)
	if err != nil {
		return err
	}
	f.change = &b.Request
	return s.desk.Fragment(c, http.StatusOK, previewed(s.view(c, r, b.ProposeBasis, f, nil)))
}

// Change puts what is typed in the place of the request, whose chain starts again: POST /approvals/:id/change.
func (s *Screen) Change(c echo.Context) error {
	b, err := s.changing(c)
	if err != nil {
		return err
	}
	r := s.reader(c)
	f, err := r.posted(c, b.ProposeBasis)
	if err != nil {
		return err
	}
	f.change, f.version = &b.Request, c.FormValue("version") // kept when refused: a second click says no more than the first
	in, err := r.input(b.ProposeBasis, f)
	if err == nil {
		version, _ := strconv.Atoi(f.version) // none is refused as another version only where one is there
		var req credits.Request
		change := credits.ChangeInput{ID: b.Request.ID, Proposal: in, ContentVersion: version, Comment: c.FormValue("answer")}
		if req, err = s.credits.Change(c.Request().Context(), change); err == nil {
			return c.Redirect(http.StatusSeeOther, "/approvals/"+formatID(int64(req.ID)))
		}
	}
	if kind := errs.KindOf(err); kind != errs.Invalid && kind != errs.Conflict {
		return err
	}
	return s.answer(c, r, b.ProposeBasis, f, http.StatusUnprocessableEntity, err)
}

// asked is the form as a request fills it in.
func (r reader) asked(b reports.ChangeBasis) form {
	in, a := b.Request.Proposal, b.Request.Content
	f := form{
		Kind: string(in.Kind), Reason: in.ReasonCode, Explanation: in.Explanation, Note: in.CustomerNote,
		Lines: map[billing.InvoiceLineID]formLine{}, kindForm: r.startKind(b.ProposeBasis),
	}
	if in.RootCauseID != nil {
		f.RootCause = formatID(*in.RootCauseID)
	}
	if in.ErrorBy != nil {
		f.ErrorBy = formatID(*in.ErrorBy)
	}
	digits := a.Currency.Digits()
	for _, l := range a.Lines {
		if l.InvoiceLineID == 0 {
			row := billRow{Description: l.Description, Price: l.Amount.StringFixed(digits), Tax: l.TaxCategory + " " + l.TaxRate.String()}
			f.Bill = append(f.Bill, row)
			continue
		}
		line := formLine{Ticked: true, Net: l.Amount.StringFixed(digits)}
		if l.ByQuantity && l.Quantity != nil {
			line.Quantity = l.Quantity.String()
		}
		f.Lines[l.InvoiceLineID] = line
	}
	f.Whole = in.Whole
	if in.Refund.IsPositive() {
		f.Refund = in.Refund.StringFixed(digits)
	}
	if in.SettledOutside.IsPositive() {
		f.Outside = in.SettledOutside.StringFixed(digits)
	}
	r.askedMore(b, &f)
	return f
}

// askedMore fills in what only some kinds have.
func (r reader) askedMore(b reports.ChangeBasis, f *form) {
	in, a := b.Request.Proposal, b.Request.Content
	digits := a.Currency.Digits()
	for _, part := range a.Items {
		if in.Kind == billing.WriteOff {
			f.GiveUp = part.Amount.StringFixed(digits)
			continue
		}
		f.Items[string(part.Kind)+"-"+formatID(part.ID)] = formLine{Ticked: true, Net: part.Amount.StringFixed(digits)}
	}
	f.Destination = in.Destination
	for _, c := range b.Family {
		if c.ID == in.ToCustomerID {
			f.To = c.Account
		}
	}
	if in.For != nil {
		f.Incident = formatID(int64(in.For.IncidentID)) + "-" + formatID(int64(in.For.ServiceID))
	}
	if in.Bill == nil {
		return
	}
	for _, l := range in.Bill.Lines {
		f.Bill = append(f.Bill, billRow{l.Description, l.Quantity.String(), l.UnitPrice.String(), l.TaxCategory + " " + l.TaxRate.String()})
	}
}
