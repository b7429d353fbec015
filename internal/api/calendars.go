package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/cases/holidays"
	"makegood/internal/access"
)

// CalendarDay is a date that differs from its weekday.
type CalendarDay struct {
	Date  string   `json:"date"            doc:"2027-12-24"`
	Name  string   `json:"name,omitempty"`
	Hours []string `json:"hours,omitempty" doc:"that are worked; none: nobody works"`
}

// CalendarHours are the hours people work.
type CalendarHours struct {
	Name     string              `json:"name"               maxLength:"100"`
	Zone     string              `json:"zone"               doc:"such as Europe/Berlin"`
	Weekly   map[string][]string `json:"weekly"             doc:"per weekday (mon to sun): 09:00-12:00; over midnight 22:00-06:00, which belongs to the day it begins on"`
	Holidays []CalendarDay       `json:"holidays,omitempty" maxItems:"2000"`
}

// Calendar is a version of a calendar.
type Calendar struct {
	CalendarHours
	ID        int64     `json:"id"`
	Version   int       `json:"version"`
	CreatedAt time.Time `json:"created_at"`
	Policies  []string  `json:"policies,omitempty" doc:"in force, that count by it; only in the list"`
}

// CalendarFile is a version with the others of the same calendar.
type CalendarFile struct {
	Calendar
	Versions []int64 `json:"versions" doc:"ids, the newest first"`
}

// CalendarDraft is a calendar as it shall be.
type CalendarDraft struct {
	CalendarHours
	BasedOn int `json:"based_on" doc:"version that was read; 0 for a new calendar; a stale one is refused with 409"`
}

// ClockChange is a change of what clocks are measured by, and how far the open cases have been put under it.
type ClockChange struct {
	ID         int64      `json:"id"`
	What       string     `json:"what"    enum:"calendar,policy,ladder"`
	Name       string     `json:"name"`
	Version    int        `json:"version"`
	Comment    string     `json:"comment"`
	MadeBy     string     `json:"made_by"`
	MadeAt     time.Time  `json:"made_at"`
	Total      int        `json:"total"   doc:"open cases to look at"`
	Done       int        `json:"done"`
	Moved      int        `json:"moved"   doc:"cases that got other terms"`
	FinishedAt *time.Time `json:"finished_at,omitempty"`
}

// ClockMove is a running clock whose deadline would be another.
type ClockMove struct {
	Case   string     `json:"case"`
	Clock  string     `json:"clock"`
	Before *time.Time `json:"before,omitempty"`
	After  *time.Time `json:"after,omitempty"`
}

// ClockMoves is what a change would do to the clocks that run.
type ClockMoves struct {
	Cases   int         `json:"cases"   doc:"open cases that would get other terms, of those the caller sees"`
	Clocks  int         `json:"clocks"  doc:"deadlines that would move"`
	Earlier int         `json:"earlier"`
	Later   int         `json:"later"`
	Late    int         `json:"late"    doc:"clocks that would be late at once"`
	Stuck   int         `json:"stuck"   doc:"cases that could not be counted so"`
	More    bool        `json:"more"    doc:"there are more open cases than the newest 2,000 that were looked at"`
	First   []ClockMove `json:"first"   doc:"the first 50"`
}

type calendarsIn struct{ Signed }

type calendarIn struct {
	Signed
	ID int64 `path:"id"`
}

type previewCalendarIn struct {
	Signed
	Body CalendarDraft
}

type saveCalendarIn struct {
	Signed
	Body struct {
		CalendarDraft
		Comment string `json:"comment" doc:"why it is changed" maxLength:"1000"`
	}
}

type publicHolidaysIn struct {
	Signed
	Country string `path:"country" doc:"ISO code, such as DE"`
	Year    int    `path:"year"`
	Region  string `query:"region" doc:"ISO code of a part of the country, such as HH"`
}

type icalIn struct {
	Signed
	Body struct {
		Zone   string              `json:"zone"`
		Weekly map[string][]string `json:"weekly,omitempty" doc:"events with times leave of these hours what they do not cover"`
		File   []byte              `json:"file"             doc:"an iCalendar file, in base64"`
		From   int                 `json:"from"             doc:"first year"`
		To     int                 `json:"to"               doc:"last year"`
	}
}

type calendarOut struct{ Body CalendarFile }

type clockMovesOut struct{ Body ClockMoves }

func (h *handlers) calendars(api huma.API) {
	add(h, api, operation[calendarsIn, listOut[Calendar]]{at(http.MethodGet, "/calendars", "list-calendars", "List the newest version of every calendar", "clocks"), h.listCalendars})
	add(h, api, operation[calendarIn, calendarOut]{at(http.MethodGet, "/calendars/{id}", "get-calendar", "Read a version of a calendar", "clocks"), h.getCalendar})
	add(h, api, operation[previewCalendarIn, clockMovesOut]{at(http.MethodPost, "/calendars/preview", "preview-calendar", "Tell what saving a calendar would do to the clocks that run", "clocks"), h.previewCalendar})
	add(h, api, operation[saveCalendarIn, calendarOut]{created("/calendars", "save-calendar", "Save a new version of a calendar; clocks that run go on by it", "clocks"), h.saveCalendar})
	add(h, api, operation[publicHolidaysIn, listOut[CalendarDay]]{at(http.MethodGet, "/public-holidays/{country}/{year}", "list-public-holidays", "List the public holidays of a country or region, for a calendar to take", "clocks"), h.publicHolidays})
	add(h, api, operation[icalIn, listOut[CalendarDay]]{at(http.MethodPost, "/calendars/read-ical", "read-ical", "Read an iCalendar file as days for a calendar to take", "clocks"), h.readICal})
	add(h, api, operation[calendarsIn, listOut[ClockChange]]{at(http.MethodGet, "/clock-changes", "list-clock-changes", "List the last 20 changes of what clocks are measured by", "clocks"), h.listClockChanges})
}

// definition reads the calendar as the program writes it, so that both are checked by the same rules.
func (b CalendarHours) definition() (clock.Calendar, error) {
	if b.Weekly == nil {
		b.Weekly = map[string][]string{}
	}
	text, err := json.Marshal(b)
	if err != nil {
		return clock.Calendar{}, fmt.Errorf("read calendar: %w", err)
	}
	return clock.ParseCalendar(text)
}

func calendarDays(list []clock.Holiday) []CalendarDay {
	days := make([]CalendarDay, len(list))
	for n, h := range list {
		days[n] = CalendarDay{Date: h.Date.String(), Name: h.Name}
		for _, span := range h.Hours {
			days[n].Hours = append(days[n].Hours, span.String())
		}
	}
	return days
}

func calendarBody(v cases.CalendarVersion) Calendar {
	c := Calendar{ID: v.ID, Version: v.Version, CreatedAt: v.CreatedAt}
	c.Name, c.Zone, c.Holidays, c.Weekly = v.Name, v.Definition.Zone, calendarDays(v.Definition.Holidays), map[string][]string{}
	for n, name := range []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} {
		for _, span := range v.Definition.Weekly[time.Weekday(n)] {
			c.Weekly[name] = append(c.Weekly[name], span.String())
		}
	}
	return c
}

func (h *handlers) listCalendars(ctx context.Context, in *calendarsIn) (*listOut[Calendar], error) {
	found, err := h.Cases.Calendars(ctx, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[Calendar]{Body: list[Calendar]{Items: []Calendar{}}}
	for _, one := range found {
		c := calendarBody(one.CalendarVersion)
		c.Policies = one.Policies
		out.Body.Items = append(out.Body.Items, c)
	}
	return out, nil
}

func (h *handlers) getCalendar(ctx context.Context, in *calendarIn) (*calendarOut, error) {
	one, versions, err := h.Cases.Calendar(ctx, in.by, in.ID)
	if err != nil {
		return nil, err
	}
	out := &calendarOut{Body: CalendarFile{Calendar: calendarBody(one)}}
	for _, v := range versions {
		out.Body.Versions = append(out.Body.Versions, v.ID)
	}
	return out, nil
}

func (h *handlers) previewCalendar(ctx context.Context, in *previewCalendarIn) (*clockMovesOut, error) {
	definition, err := in.Body.definition()
	if err != nil {
		return nil, err
	}
	moves, err := h.Cases.PreviewCalendar(ctx, cases.CalendarInput{By: in.by, Definition: definition, BasedOn: in.Body.BasedOn})
	if err != nil {
		return nil, err
	}
	return &clockMovesOut{Body: movesBody(moves)}, nil
}

func movesBody(m cases.ClockMoves) ClockMoves {
	out := ClockMoves{Cases: m.Cases, Clocks: m.Clocks, Earlier: m.Earlier, Later: m.Later, Late: m.Late, Stuck: m.Stuck, More: m.More, First: []ClockMove{}}
	for _, one := range m.First {
		out.First = append(out.First, ClockMove{Case: one.Number, Clock: string(one.Kind), Before: one.Before, After: one.After})
	}
	return out
}

func (h *handlers) saveCalendar(ctx context.Context, in *saveCalendarIn) (*calendarOut, error) {
	definition, err := in.Body.definition()
	if err != nil {
		return nil, err
	}
	saved, _, err := h.Cases.SaveCalendar(ctx, cases.CalendarInput{By: in.by, Definition: definition, BasedOn: in.Body.BasedOn, Comment: in.Body.Comment})
	if err != nil {
		return nil, err
	}
	return h.getCalendar(ctx, &calendarIn{Signed: in.Signed, ID: saved.ID})
}

func (h *handlers) publicHolidays(_ context.Context, in *publicHolidaysIn) (*listOut[CalendarDay], error) {
	if err := access.Can(in.by, access.ReadCases, access.Object{}); err != nil {
		return nil, err
	}
	found, err := holidays.Public(in.Country, in.Region, holidays.Years{From: in.Year, To: in.Year})
	if err != nil {
		return nil, err
	}
	return &listOut[CalendarDay]{Body: list[CalendarDay]{Items: calendarDays(found)}}, nil
}

func (h *handlers) readICal(_ context.Context, in *icalIn) (*listOut[CalendarDay], error) {
	if err := access.Can(in.by, access.ReadCases, access.Object{}); err != nil {
		return nil, err
	}
	into := clock.Calendar{Zone: in.Body.Zone}
	if len(in.Body.Weekly) > 0 {
		var err error
		if into, err = (CalendarHours{Name: "hours", Zone: in.Body.Zone, Weekly: in.Body.Weekly}).definition(); err != nil {
			return nil, err
		}
	}
	found, err := holidays.ReadICal(in.Body.File, into, holidays.Years{From: in.Body.From, To: in.Body.To})
	if err != nil {
		return nil, err
	}
	return &listOut[CalendarDay]{Body: list[CalendarDay]{Items: calendarDays(found)}}, nil
}

func (h *handlers) listClockChanges(ctx context.Context, in *calendarsIn) (*listOut[ClockChange], error) {
	found, err := h.Cases.ClockChanges(ctx, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[ClockChange]{Body: list[ClockChange]{Items: []ClockChange{}}}
	for _, g := range found {
		out.Body.Items = append(out.Body.Items, ClockChange{
			ID: int64(g.ID), What: string(g.What), Name: g.Name, Version: g.Version, Comment: g.Comment, MadeBy: g.MadeBy, MadeAt: g.MadeAt,
			Total: g.Total, Done: g.Done, Moved: g.Moved, FinishedAt: g.FinishedAt,
		})
	}
	return out, nil
}
