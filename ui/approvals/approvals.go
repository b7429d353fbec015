// Package approvals is where credit requests are decided: what waits for me, each request with its evidence beside it,
// what I asked for, and what I decided.
package approvals

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/cases"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/creditview"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Screen is the room of decisions.
type Screen struct {
	desk    *desk.Desk
	credits *credits.Service
	files   *reports.CreditDesk
}

// New makes the screen.
func New(d *desk.Desk, c *credits.Service, files *reports.CreditDesk) *Screen {
	return &Screen{desk: d, credits: c, files: files}
}

// The tabs of the list.
const (
	waiting = ""
	mine    = "mine"
	decided = "decided"
	open    = "open"
)

// reader is who looks, and when.
type reader struct {
	creditview.Reader
	by   access.Actor
	zone *time.Location
}

func (s *Screen) reader(c echo.Context) reader {
	return reader{
		Reader: creditview.Reader{Catalogue: s.desk.Catalogue, Lang: s.desk.Lang(c), Now: s.desk.Clock(), UserID: web.Actor(c).UserID},
		by:     web.Actor(c), zone: s.desk.Zone(c),
	}
}

// List is the room with its first request open: GET /approvals.
func (s *Screen) List(c echo.Context) error { return s.show(c, 0) }

// Request opens one request: GET /approvals/:id. htmx gets the request alone.
func (s *Screen) Request(c echo.Context) error {
	id, err := requestID(c)
	if err != nil {
		return err
	}
	if web.IsFragment(c) {
		v, err := s.request(c, id)
		if err != nil {
			return err
		}
		return s.desk.Fragment(c, 200, request(v))
	}
	return s.show(c, id)
}

// Rows is the list alone, as it stands now: GET /approvals/rows.
func (s *Screen) Rows(c echo.Context) error {
	selected, _ := strconv.ParseInt(c.QueryParam("selected"), 10, 64)
	list, err := s.list(c, credits.ID(selected))
	if err != nil {
		return err
	}
	return s.desk.Fragment(c, 200, rows(list))
}

func requestID(c echo.Context) (credits.ID, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, credits.ErrNoRequest
	}
	return credits.ID(id), nil
}

// show draws the whole room; without an id the first of the list is open.
func (s *Screen) show(c echo.Context, id credits.ID) error {
	list, err := s.list(c, id)
	if err != nil {
		return err
	}
	v := pageView{List: list, Picked: id != 0}
	if id == 0 {
		id = list.first()
	}
	if id != 0 {
		if v.Request, err = s.request(c, id); err != nil {
			return err
		}
		v.List.Selected = id
	}
	return s.page(c, 200, v)
}

func (s *Screen) page(c echo.Context, status int, v pageView) error {
	view := desk.View{Title: i18n.T("Approvals"), Heading: i18n.T("Approvals"), Sub: v.List.Sub, Active: "approvals", BodyClass: "page-approvals-list"}
	if v.Picked {
		view.BodyClass, view.TopExtra = "page-approvals", back()
	}
	if v.Request != nil {
		view.Title = v.Request.Number
	}
	return s.desk.Page(c, status, view, page(v))
}

// request reads and draws one request.
func (s *Screen) request(c echo.Context, id credits.ID) (*requestView, error) {
	file, err := s.files.Request(c.Request().Context(), id, web.Actor(c))
	if err != nil {
		return nil, err
	}
	r := s.reader(c)
	due := map[credits.StepID]time.Time{}
	for _, step := range file.Steps {
		if step.State == credits.StepOpen && step.DueAt != nil {
			due[step.ID] = *step.DueAt
		}
	}
	if file.CaseID != nil {
		if err := s.timed(c.Request().Context(), &r, []cases.ID{*file.CaseID}, due); err != nil {
			return nil, err
		}
	}
	v := r.request(file)
	return &v, nil
}

// timed gives the reader how long steps have, in the time that their cases count.
func (s *Screen) timed(ctx context.Context, r *reader, in []cases.ID, due map[credits.StepID]time.Time) error {
	faces, err := s.files.StepClocks(ctx, in, slices.Collect(maps.Keys(due)))
	if err != nil {
		return err
	}
	r.Steps = make(map[credits.StepID]kit.ClockView, len(faces))
	for id, face := range faces {
		r.Steps[id] = kit.HaltedClock(face.Left, face.Total, due[id])
		if face.Runs {
			r.Steps[id] = kit.RunningClock(face.Left, face.Total, due[id])
		}
	}
	return nil
}

func (s *Screen) list(c echo.Context, selected credits.ID) (listView, error) {
	r := s.reader(c)
	ctx := c.Request().Context()
	v := listView{Tab: c.QueryParam("tab"), Selected: selected, Board: access.May(r.by, access.ReadBoard)}
	page, err := s.credits.Waiting(ctx, r.by, "", 100)
	if err != nil {
		return v, err
	}
	v.Sub = r.waitingSum(page.Rows)
	switch v.Tab {
	case mine:
		err = s.requested(ctx, r, credits.ListFilter{Requester: r.by.UserID, Limit: 50}, &v)
	case open:
		err = s.requested(ctx, r, credits.ListFilter{States: []credits.State{credits.Pending, credits.Returned, credits.Approved, credits.Failed}, Limit: 100}, &v)
	case decided:
		err = s.decided(ctx, r, &v)
	default:
		err = s.forMe(c, r, page.Rows, &v)
	}
	return v, err
}

// forMe lists what waits for the reader. Where several are small enough they can be ticked.
func (s *Screen) forMe(c echo.Context, r reader, rows []credits.WaitingItem, v *listView) error {
	v.Tab = waiting
	limit := decimal.Zero
	if len(rows) > 1 {
		var err error
		if limit, err = s.severalLimit(c, r); err != nil {
			return err
		}
	}
	small := func(item credits.WaitingItem) bool { return item.AuthorityAmount.LessThanOrEqual(limit) }
	if n := len(slices.DeleteFunc(slices.Clone(rows), func(item credits.WaitingItem) bool { return !small(item) })); n < 2 {
		small = func(credits.WaitingItem) bool { return false }
	} else {
		v.Several = severalText(limit, r.Lang)
	}
	var in []cases.ID
	due := map[credits.StepID]time.Time{}
	for _, item := range rows {
		if item.CaseID != nil && item.StepDueAt != nil {
			in, due[item.StepID] = append(in, *item.CaseID), *item.StepDueAt
		}
	}
	if err := s.timed(c.Request().Context(), &r, in, due); err != nil {
		return err
	}
	v.Groups = r.waiting(rows, small)
	return nil
}

func (s *Screen) requested(ctx context.Context, r reader, f credits.ListFilter, v *listView) error {
	page, err := s.credits.List(ctx, f, r.by)
	if err != nil {
		return err
	}
	group := groupView{Title: i18n.T("Asked by you")}
	if v.Tab == open {
		group.Title = i18n.T("Open at the desk")
	}
	for _, row := range page.Rows {
		group.Items = append(group.Items, r.row(row))
	}
	v.add(group)
	return nil
}

func (s *Screen) decided(ctx context.Context, r reader, v *listView) error {
	list, err := s.files.DecidedBy(ctx, r.by, 50)
	if err != nil {
		return err
	}
	group := groupView{Title: i18n.T("Decided by you")}
	for _, row := range list {
		group.Items = append(group.Items, r.decidedRow(row))
	}
	v.add(group)
	return nil
}
