// Package board is the supervisor's live board: what is late or about to be, who has how much, what waits for whom, and
// whether mail flows. Each part fetches itself again when something it shows has changed.
package board

import (
	"context"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// Screen is the board.
type Screen struct {
	desk    *desk.Desk
	reports *reports.Service
	cases   *cases.Service
	inbox   *inbox.Service
}

// New makes the screen.
func New(d *desk.Desk, r *reports.Service, c *cases.Service, i *inbox.Service) *Screen {
	return &Screen{desk: d, reports: r, cases: c, inbox: i}
}

// reader is who looks at the board, and when.
type reader struct {
	by   access.Actor
	lang string
	zone *time.Location
	now  time.Time
	say  func(key string, params map[string]string) string
	may  bool // may give cases to others
	work func() (reports.OpenWork, error)
}

func (s *Screen) reader(c echo.Context) reader {
	language := s.desk.Lang(c)
	r := reader{
		by: web.Actor(c), lang: language, zone: s.desk.Zone(c), now: s.desk.Clock(), may: access.May(web.Actor(c), access.AssignOthers),
		say: func(key string, params map[string]string) string {
			return s.desk.Catalogue.Fill(language, key, kit.FormatParams(params, language))
		},
	}
	r.work = sync.OnceValues(func() (reports.OpenWork, error) { // several parts of the board are made of it
		return s.reports.OpenWork(c.Request().Context(), r.by, r.dayEnds(), r.tomorrowEnds())
	})
	return r
}

func (r reader) number(a money.Amount) string { return kit.FormatNumber(a, r.lang) }
func (r reader) count(n int) string           { return kit.FormatCount(n, r.lang) }

// dayBegins and dayEnds are the bounds of the reader's day, tomorrowEnds that of the next: it may have 23 or 25 hours.
func (r reader) dayBegins() time.Time {
	local := r.now.In(r.zone)
	return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, r.zone).UTC()
}

func (r reader) dayEnds() time.Time {
	local := r.now.In(r.zone)
	return time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, r.zone).UTC()
}

func (r reader) tomorrowEnds() time.Time {
	local := r.now.In(r.zone)
	return time.Date(local.Year(), local.Month(), local.Day()+2, 0, 0, 0, 0, r.zone).UTC()
}

// part is a region of the board that can be fetched alone.
type part func(s *Screen, ctx context.Context, r reader, v *view) error

// fill reads the parts of the board.
func (s *Screen) fill(ctx context.Context, r reader, parts ...part) (*view, error) {
	v := &view{}
	for _, read := range parts {
		if err := read(s, ctx, r, v); err != nil {
			return nil, err
		}
	}
	return v, nil
}
