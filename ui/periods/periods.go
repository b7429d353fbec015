// Package periods is the room of months: the state of each entity's books month by month, what stands between a month and
// its close, and the steps of closing and reopening.
package periods

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Screen is the room of months.
type Screen struct {
	desk    *desk.Desk
	billing *billing.Service
	closing *reports.Closing
}

// New makes the screen.
func New(d *desk.Desk, b *billing.Service, c *reports.Closing) *Screen {
	return &Screen{desk: d, billing: b, closing: c}
}

// monthsShown is how many months the grid goes back, this one included.
const monthsShown = 13

// Show is the page: GET /books/periods?entity=DE&month=2026-04. Without a month it shows the one to be closed next.
func (s *Screen) Show(c echo.Context) error { return s.show(c, http.StatusOK, refusal{}) }

// refusal is what a step was refused for, with what had been typed.
type refusal struct{ text, field, reason string }

func (s *Screen) show(c echo.Context, status int, no refusal) error {
	v, err := s.view(c)
	if err != nil {
		return err
	}
	if v.File != nil {
		v.File.Refusal, v.File.ReasonError, v.File.Reason = no.text, no.field, no.reason
	}
	return s.desk.Page(c, status, desk.View{
		Title: i18n.T("Periods"), Heading: i18n.T("Periods"), Active: "periods", BodyClass: "page-periods", Topics: []string{"periods"},
	}, page(v))
}

// Grid is the grid alone, for the live page: GET /books/periods/grid.
func (s *Screen) Grid(c echo.Context) error {
	v, err := s.view(c)
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, http.StatusOK, grid(v))
}

func (s *Screen) view(c echo.Context) (pageView, error) {
	ctx, by, now := c.Request().Context(), web.Actor(c), s.desk.Clock()
	until := now
	picked, err := pickedMonth(c)
	if err != nil {
		return pageView{}, err
	}
	rows, err := s.billing.Periods(ctx, billing.PeriodQuery{From: until.AddDate(0, 1-monthsShown, 1-until.Day()), Until: until, By: by})
	if err != nil || len(rows) == 0 {
		return pageView{}, err
	}
	entity := picked.entity
	if entity == "" {
		entity = rows[0].Entity.Code
	}
	at := slices.IndexFunc(rows, func(r billing.EntityPeriods) bool { return r.Entity.Code == entity })
	if at < 0 {
		return pageView{}, billing.ErrNoEntity
	}
	if picked.month.IsZero() {
		picked.month = nextToClose(rows[at], now)
	}
	list, err := s.closing.Checklist(ctx, rows[at].Entity.ID, picked.month, rowsShown(c), by)
	if err != nil {
		return pageView{}, err
	}
	steps, err := s.billing.PeriodHistory(ctx, rows[at].Entity.ID, picked.month, by)
	if err != nil {
		return pageView{}, err
	}
	r := reader{lang: s.desk.Lang(c), zone: s.desk.Zone(c), now: now, by: by}
	return pageView{Entities: r.entities(rows), Months: r.months(rows, entity, picked.month), File: r.file(list, steps), All: rowsShown(c) > 0}, nil
}

// rowsShown is how many rows each point shows: a few, or with all=1 as many as there may be.
func rowsShown(c echo.Context) int {
	if c.QueryParam("all") != "" {
		return 500
	}
	return 0
}

type pick struct {
	entity string
	month  time.Time
}

func pickedMonth(c echo.Context) (pick, error) {
	p := pick{entity: c.QueryParam("entity")}
	text := c.QueryParam("month")
	if c.Param("entity") != "" {
		p.entity, text = c.Param("entity"), c.Param("month")
	}
	if text == "" {
		return p, nil
	}
	var err error
	if p.month, err = time.Parse("2006-01", text); err != nil {
		return p, errs.InvalidField("month", "error.not_a_month", "text", text)
	}
	return p, nil
}

// nextToClose is the oldest month that is not closed after the last one that is, or the one before this.
func nextToClose(row billing.EntityPeriods, now time.Time) time.Time {
	next := row.Periods[max(0, len(row.Periods)-2)].Month
	for i, p := range slices.Backward(row.Periods) {
		if p.State == billing.PeriodClosed && i+1 < len(row.Periods) {
			return row.Periods[i+1].Month
		}
	}
	if next.After(now) {
		return now
	}
	return next
}

// SoftClose, Lift, Close, Reopen, Confirm and Withdraw are the steps: POST /books/periods/:entity/:month/…, with the field
// reason and the version that the person looked at.

// SoftClose lets only controllers book into the month.
func (s *Screen) SoftClose(c echo.Context) error { return s.move(c, s.billing.SoftClose) }

// Lift opens a soft-closed month again.
func (s *Screen) Lift(c echo.Context) error { return s.move(c, s.billing.LiftSoftClose) }

// Close shuts a soft-closed month.
func (s *Screen) Close(c echo.Context) error { return s.move(c, s.billing.Close) }

// Reopen asks for a closed month to be opened again.
func (s *Screen) Reopen(c echo.Context) error { return s.move(c, s.billing.RequestReopen) }

// Confirm opens it as the second person.
func (s *Screen) Confirm(c echo.Context) error { return s.move(c, s.billing.ConfirmReopen) }

// Withdraw takes the request back, or turns it down.
func (s *Screen) Withdraw(c echo.Context) error { return s.move(c, s.billing.WithdrawReopen) }

func (s *Screen) move(c echo.Context, do command) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	picked, err := pickedMonth(c)
	if err != nil {
		return err
	}
	entities, err := s.billing.Entities(ctx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(entities, func(e billing.Entity) bool { return e.Code == picked.entity })
	if at < 0 {
		return billing.ErrNoEntity
	}
	in := billing.PeriodMove{EntityID: entities[at].ID, Month: picked.month, Reason: c.FormValue("reason"), By: by}
	if in.Version, err = version(c); err != nil {
		return err
	}
	_, err = do(ctx, in)
	if kind := errs.KindOf(err); kind == errs.Invalid || kind == errs.Conflict {
		no := refusal{reason: in.Reason, field: s.desk.FieldErrors(c, err)["reason"]}
		if no.field == "" {
			no.text = s.desk.Sentence(c, err)
		}
		return s.show(c, web.Status(err), no)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, address(picked.entity, picked.month))
}

func address(entity string, month time.Time) string {
	return "/books/periods?" + url.Values{"entity": {entity}, "month": {month.Format("2006-01")}}.Encode()
}

// reader is who looks, and how it is written for them.
type reader struct {
	lang string
	zone *time.Location
	now  time.Time
	by   access.Actor
}

func (r reader) when(t time.Time) string { return kit.FormatDateTime(t, r.zone, r.lang) }
