// Package sorting is the room where a desk says how its mail is sorted: the ordered rules with their editor and the test on
// past mail, and what was learned from decided cases, with its examination.
package sorting

import (
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/cases/sorting"
	"makegood/internal/access"
	"makegood/internal/i18n"
	"makegood/internal/people"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
	"makegood/ui/layout"
)

// Screen is the room of sorting.
type Screen struct {
	desk   *desk.Desk
	sorts  *sorting.Service
	people *people.Service
}

// New makes the screen.
func New(d *desk.Desk, s *sorting.Service, p *people.Service) *Screen {
	return &Screen{desk: d, sorts: s, people: p}
}

// reader is who looks, and how it is written for them.
type reader struct {
	lang   string
	zone   *time.Location
	now    time.Time
	may    bool // may change rules, model and threshold
	topics []sorting.Topic
}

func (s *Screen) reader(c echo.Context) (reader, error) {
	topics, err := s.sorts.Topics(c.Request().Context())
	return reader{
		lang: s.desk.Lang(c), zone: s.desk.Zone(c), now: s.desk.Clock(), may: access.May(web.Actor(c), access.ManageSorting), topics: topics,
	}, err
}

func (r reader) when(t time.Time) string { return kit.FormatShort(t, r.now, r.zone, r.lang) }

func (r reader) count(n int) string { return kit.FormatCount(n, r.lang) }

func (r reader) topic(code string) string { return sorting.NameOf(r.topics, code) }

func frame(title string, crumbs ...layout.Crumb) desk.View {
	return desk.View{Title: title, Heading: i18n.T("Sorting"), Active: "intake", BodyClass: "page-books page-sorting", Crumbs: crumbs}
}

func segments(current string) []kit.Segment {
	return []kit.Segment{
		{Text: i18n.T("Mail"), Href: "/intake"},
		{Text: i18n.T("Rules"), Href: "/sorting", Current: current == "rules"},
		{Text: i18n.T("Learned"), Href: "/sorting/model", Current: current == "model"},
	}
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
