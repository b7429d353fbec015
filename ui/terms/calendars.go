package terms

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/cases/holidays"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/desk"
)

const calendarsPath = "/settings/calendars"

func calendarFrame(sub string) desk.View {
	return desk.View{Title: i18n.T("Calendars"), Heading: i18n.T("Calendars"), Sub: sub, Active: "settings", BodyClass: "page-periods"}
}

type calendarsView struct {
	Rows    []calendarRow
	May     bool
	Changes changesView
}

type calendarRow struct{ Href, Name, Zone, Version, Hours, Next, Policies string }

// Calendars lists the calendars: GET /settings/calendars.
func (s *Screen) Calendars(c echo.Context) error {
	list, err := s.cases.Calendars(c.Request().Context(), web.Actor(c))
	if err != nil {
		return err
	}
	v := calendarsView{May: may(c)}
	if v.Changes, err = s.changes(c, cases.CalendarSetting); err != nil {
		return err
	}
	today := s.desk.Clock()
	for _, one := range list {
		row := calendarRow{
			Href: calendarHref(one.ID), Name: one.Name, Zone: one.Definition.Zone, Version: strconv.Itoa(one.Version),
			Hours: weekText(one.Definition), Next: i18n.T("none entered"), Policies: strings.Join(one.Policies, ", "),
		}
		if h := nextHoliday(one.Definition, today); h != nil {
			row.Next = h.Date.String() + " " + h.Name
		}
		if row.Policies == "" {
			row.Policies = i18n.T("no policy in force")
		}
		v.Rows = append(v.Rows, row)
	}
	return s.desk.Page(c, http.StatusOK, calendarFrame(""), calendarsPage(v))
}

func calendarHref(id int64) string { return calendarsPath + "/" + strconv.FormatInt(id, 10) }

// nextHoliday is the first day that differs, from today on.
func nextHoliday(c clock.Calendar, now time.Time) *clock.Holiday {
	today := now.Format(time.DateOnly)
	var next *clock.Holiday
	for n, h := range c.Holidays {
		if h.Date.String() >= today && (next == nil || h.Date < next.Date) {
			next = &c.Holidays[n]
		}
	}
	return next
}

// weekText sums up a week: how many hours are worked in it.
func weekText(c clock.Calendar) string {
	minutes := 0
	for _, spans := range c.Weekly {
		for _, span := range spans {
			minutes += span.To - span.From
		}
	}
	text := strconv.Itoa(minutes/60) + " h"
	if minutes%60 > 0 {
		text += " " + i18n.F("{minutes} min", "minutes", strconv.Itoa(minutes%60))
	}
	return i18n.F("{text} a week", "text", text)
}

type calendarView struct {
	Name, Version, Zone string
	ID                  string
	Newest              bool
	May                 bool
	Since               string
	Week                []dayView
	Year                int
	Days                []holidayRow
	Versions            []versionRow
}

type dayView struct {
	Name, Hours string
	Y           string
	Bars        []barView
}

// barView is a stretch of a day as drawn, in a picture 1440 wide. Night marks what began the evening before.
type barView struct {
	X, Width string
	Night    bool
}

type holidayRow struct{ Date, Weekday, Name, Hours string }

type versionRow struct {
	Href, Text string
	This       bool
}

// Calendar shows one version: GET /settings/calendars/:id. With year, the days of that year that differ.
func (s *Screen) Calendar(c echo.Context) error {
	id, err := number(c)
	if err != nil {
		return err
	}
	one, versions, err := s.cases.Calendar(c.Request().Context(), web.Actor(c), id)
	if err != nil {
		return err
	}
	v := calendarView{
		Name: one.Name, Version: strconv.Itoa(one.Version), Zone: one.Definition.Zone, ID: strconv.FormatInt(id, 10), Newest: versions[0].ID == id, May: may(c),
		Since: s.moment(c, &one.CreatedAt), Week: weekView(one.Definition), Year: s.desk.Clock().Year(),
	}
	if year, err := strconv.Atoi(c.QueryParam("year")); err == nil && year >= 1970 && year <= 2200 {
		v.Year = year
	}
	v.Days = holidayRows(one.Definition, v.Year)
	for _, other := range versions {
		v.Versions = append(v.Versions, versionRow{calendarHref(other.ID), i18n.F("Version {version}, {moment}", "version", strconv.Itoa(other.Version), "moment", s.moment(c, &other.CreatedAt)), other.ID == id})
	}
	return s.desk.Page(c, http.StatusOK, calendarFrame(one.Name), calendarPage(v))
}

func holidayRows(c clock.Calendar, year int) []holidayRow {
	list := slices.Clone(c.Holidays)
	slices.SortFunc(list, func(a, b clock.Holiday) int { return int(a.Date) - int(b.Date) })
	var rows []holidayRow
	for _, h := range list {
		if !strings.HasPrefix(h.Date.String(), strconv.Itoa(year)+"-") {
			continue
		}
		hours := holidays.Hours(h.Hours)
		if hours == "" {
			hours = i18n.T("nobody works")
		}
		rows = append(rows, holidayRow{h.Date.String(), weekdayName(h.Date.Weekday()), h.Name, hours})
	}
	return rows
}

// weekView draws each weekday as the stretches that are worked on it: a shift over midnight stands on both days.
func weekView(c clock.Calendar) []dayView {
	const day = 24 * 60
	week := make([]dayView, 7)
	for n := range week {
		weekday := time.Weekday((n + 1) % 7)
		week[n] = dayView{Name: weekdayName(weekday), Hours: holidays.Hours(c.Weekly[weekday]), Y: strconv.Itoa(n*100 + 20)}
		for _, span := range c.Weekly[(weekday+6)%7] {
			if span.To > day {
				week[n].Bars = append(week[n].Bars, barView{"0", strconv.Itoa(span.To - day), true})
			}
		}
		for _, span := range c.Weekly[weekday] {
			week[n].Bars = append(week[n].Bars, barView{strconv.Itoa(span.From), strconv.Itoa(min(span.To, day) - span.From), false})
		}
		if week[n].Hours == "" {
			week[n].Hours = i18n.T("closed")
		}
	}
	return week
}
