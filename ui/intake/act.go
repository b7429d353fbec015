package intake

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	mailroom "makegood/cases/intake"
	"makegood/inbox"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/kit"
)

// Release adds a message to a case and, unless apart is set, lets its sender take part: POST /intake/:id/release. Fields: case, a
// number; apart.
func (s *Screen) Release(c echo.Context) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	number := strings.ToUpper(strings.TrimSpace(c.FormValue("case")))
	target, err := s.Cases.CaseByNumber(ctx, s.Reports.Reader(), number, by)
	if errors.Is(err, cases.ErrNoCase) {
		return s.again(c, formView{Case: number, CaseError: i18n.T("There is no case with this number, or it is not yours to see.")})
	}
	if err != nil {
		return err
	}
	in := mailroom.ReleaseInput{By: by, ID: inbox.InboundID(selected(c).id), CaseID: target.ID, Apart: c.FormValue("apart") != ""}
	if err := s.Intake.ReleaseToCase(ctx, in); err != nil {
		return err
	}
	m, err := s.Inbox.Message(ctx, s.Reports.Reader(), in.ID)
	if err != nil {
		return err
	}
	if number := m.FateParams["number"]; m.Fate == inbox.NewCase && number != "" {
		return s.done(c, kit.ToastView{Text: i18n.F("{number} is closed: opened as {number_2}, which follows it.", "number", target.Number, "number_2", number), LinkText: i18n.F("Open {number}", "number", number), Href: "/cases/" + number})
	}
	return s.done(c, kit.ToastView{Text: i18n.F("Added to {number}.", "number", target.Number), LinkText: i18n.F("Open {number}", "number", target.Number), Href: "/cases/" + target.Number})
}

// Open opens a case with a message: POST /intake/:id/open.
func (s *Screen) Open(c echo.Context) error {
	opened, err := s.Intake.ReleaseAsNewCase(c.Request().Context(), mailroom.ReleaseInput{By: web.Actor(c), ID: inbox.InboundID(selected(c).id)})
	if err != nil {
		return err
	}
	return s.done(c, kit.ToastView{Text: i18n.F("Opened as {number}.", "number", opened.Number), LinkText: i18n.F("Open {number}", "number", opened.Number), Href: "/cases/" + opened.Number})
}

// Retry handles a message again as if it had just come: POST /intake/:id/retry.
func (s *Screen) Retry(c echo.Context) error {
	m, err := s.Intake.Retry(c.Request().Context(), inbox.InboundID(selected(c).id), web.Actor(c))
	if err != nil {
		return err
	}
	return s.done(c, kit.ToastView{Text: fateName(m.Fate) + ": " + s.reader(c).reason(m)})
}

// Discard sets a message aside for a reason: POST /intake/:id/discard. Field: reason.
func (s *Screen) Discard(c echo.Context) error {
	reason := c.FormValue("reason")
	err := s.Intake.Discard(c.Request().Context(), mailroom.DiscardInput{By: web.Actor(c), ID: inbox.InboundID(selected(c).id), Reason: reason})
	if errs.KindOf(err) == errs.Invalid {
		return s.again(c, formView{Reason: reason, ReasonError: s.desk.FieldErrors(c, err)["reason"]})
	}
	if err != nil {
		return err
	}
	return s.done(c, kit.ToastView{Text: i18n.T("Discarded. The mail and the reason stay stored.")})
}

// done goes on to the next message of the list.
func (s *Screen) done(c echo.Context, toast kit.ToastView) error {
	q := selected(c)
	if !web.IsFragment(c) {
		return c.Redirect(http.StatusSeeOther, q.at("/intake"))
	}
	ctx, r, acted := c.Request().Context(), s.reader(c), q.id
	q.id = 0
	list, err := s.list(ctx, r, q)
	if err != nil {
		return err
	}
	q.id = list.next(acted)
	v, err := s.read(ctx, r, q, q.id != 0)
	if err != nil {
		return err
	}
	address := q.at("/intake")
	if q.id != 0 {
		address = q.at("/intake/" + text(q.id))
	}
	c.Response().Header().Set("HX-Push-Url", address)
	return s.desk.Fragment(c, http.StatusOK, acting(v, toast))
}

// next is the row below one that has gone, or the first.
func (l listed) next(gone int64) int64 {
	for _, row := range l.view.Rows {
		if row.ID == text(gone) {
			return gone // the list shows it still
		}
		if number(row.ID) < gone {
			return number(row.ID)
		}
	}
	return l.first
}

// again shows the forms with what was wrong.
func (s *Screen) again(c echo.Context, form formView) error {
	ctx, r, q := c.Request().Context(), s.reader(c), selected(c)
	if web.IsFragment(c) {
		m, err := s.message(ctx, r, q)
		if err != nil {
			return err
		}
		m.Form = form
		c.Response().Header().Set("HX-Retarget", "#ik-actions")
		c.Response().Header().Set("HX-Reswap", "outerHTML")
		return s.desk.Fragment(c, http.StatusUnprocessableEntity, actions(m))
	}
	v, err := s.read(ctx, r, q, true)
	if err != nil {
		return err
	}
	v.Message.Form = form
	return s.desk.Page(c, http.StatusUnprocessableEntity, s.frame(v), room(v))
}
