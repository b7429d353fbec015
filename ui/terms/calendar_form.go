package terms

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/cases"
	"makegood/cases/clock"
	"makegood/cases/holidays"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/web"
	"makegood/ui/kit"
)

type calendarForm struct {
	typed
	ID, Name, Zone, BasedOn string
	Hours                   []kit.FieldView
	Days, Comment           string
	Place, From, To         string
	Action                  string
	Adding                  bool // days of a country or a file
}

// NewCalendar is the form of one: GET /settings/calendars/new.
func (s *Screen) NewCalendar(c echo.Context) error {
	week := map[time.Weekday][]clock.Span{}
	for day := time.Monday; day <= time.Friday; day++ {
		week[day] = []clock.Span{{From: 9 * 60, To: 17 * 60}}
	}
	f := s.form(cases.CalendarVersion{Definition: clock.Calendar{Zone: s.desk.Zone(c).String(), Weekly: week}})
	return s.formPage(c, http.StatusOK, f)
}

// EditCalendar is the form of the next version: GET /settings/calendars/:id/edit.
func (s *Screen) EditCalendar(c echo.Context) error {
	id, err := number(c)
	if err != nil {
		return err
	}
	_, versions, err := s.cases.Calendar(c.Request().Context(), web.Actor(c), id)
	if err != nil {
		return err
	}
	return s.formPage(c, http.StatusOK, s.form(versions[0]))
}

func (s *Screen) formPage(c echo.Context, status int, f calendarForm) error {
	title := f.Name
	if f.ID == "" {
		title = i18n.T("A new calendar")
	}
	return s.desk.Page(c, status, calendarFrame(title), calendarFormPage(f))
}

// form is that of a version as it stands.
func (s *Screen) form(v cases.CalendarVersion) calendarForm {
	year := s.desk.Clock().Year()
	f := calendarForm{
		Name: v.Name, Zone: v.Definition.Zone, BasedOn: strconv.Itoa(v.Version), Days: holidays.Lines(v.Definition.Holidays),
		From: strconv.Itoa(year), To: strconv.Itoa(year + 2), Action: calendarsPath,
	}
	if v.ID != 0 {
		f.ID, f.Action = strconv.FormatInt(v.ID, 10), calendarHref(v.ID)
	}
	f.week(func(day time.Weekday) string { return holidays.Hours(v.Definition.Weekly[day]) })
	return f
}

func (f *calendarForm) week(text func(day time.Weekday) string) {
	f.Hours = nil
	for n := range 7 {
		day := time.Weekday((n + 1) % 7)
		f.Hours = append(f.Hours, kit.FieldView{Name: dayField(day), Label: weekdayName(day), Value: text(day), Autocomplete: "off"})
	}
}

// weekdayName says a day of the week.
func weekdayName(day time.Weekday) string {
	return [...]string{
		i18n.T("Sunday"), i18n.T("Monday"), i18n.T("Tuesday"), i18n.T("Wednesday"), i18n.T("Thursday"), i18n.T("Friday"), i18n.T("Saturday"),
	}[day]
}

func dayField(day time.Weekday) string { return strings.ToLower(day.String()[:3]) }

// read takes what was typed, and the calendar it stands for.
func (f *calendarForm) read(c echo.Context) (clock.Calendar, error) {
	f.Zone, f.Days, f.Comment = strings.TrimSpace(c.FormValue("zone")), c.FormValue("holidays"), c.FormValue("comment")
	f.Place, f.From, f.To = c.FormValue("place"), c.FormValue("from"), c.FormValue("to")
	f.Adding = c.FormValue("do") == "public" || c.FormValue("do") == "ical"
	f.week(func(day time.Weekday) string { return c.FormValue(dayField(day)) })
	definition := clock.Calendar{Name: f.Name, Zone: f.Zone, Weekly: map[time.Weekday][]clock.Span{}}
	var wrong []errs.Field
	for n := range 7 {
		day := time.Weekday((n + 1) % 7)
		spans, err := holidays.ParseHours(c.FormValue(dayField(day)))
		if err != nil {
			wrong = append(wrong, errs.Field{Name: "weekly." + dayField(day), Key: "clock.bad_span", Params: errs.Params{"text": c.FormValue(dayField(day))}})
		}
		if len(spans) > 0 {
			definition.Weekly[day] = spans
		}
	}
	days, err := holidays.ParseLines(f.Days)
	if len(wrong) > 0 {
		return definition, errs.InvalidFields(wrong...)
	}
	definition.Holidays = days
	return definition, err
}

// AddCalendar makes a calendar: POST /settings/calendars. Its fields are those of SaveCalendar, and name.
func (s *Screen) AddCalendar(c echo.Context) error {
	f := s.form(cases.CalendarVersion{Name: strings.TrimSpace(c.FormValue("name"))})
	return s.work(c, f)
}

// SaveCalendar works the form of a version: POST /settings/calendars/:id. Fields: based_on, zone, mon to sun, holidays, comment; do says
// what is wanted: public (with place, from, to) and ical (with file, from, to) add days to the list, preview tells what would change, save
// makes the version.
func (s *Screen) SaveCalendar(c echo.Context) error {
	id, err := number(c)
	if err != nil {
		return err
	}
	_, versions, err := s.cases.Calendar(c.Request().Context(), web.Actor(c), id)
	if err != nil {
		return err
	}
	return s.work(c, s.form(versions[0]))
}

func (s *Screen) work(c echo.Context, f calendarForm) error {
	f.BasedOn = c.FormValue("based_on")
	status, err := s.do(c, &f)
	if err == nil && status == http.StatusSeeOther {
		return nil
	}
	if err != nil {
		t, other := s.refusal(c, err)
		if other != nil {
			return other
		}
		f.typed, status = t, web.Status(err)
		for name, why := range t.errors {
			if strings.HasPrefix(name, "holidays[") {
				f.errors["holidays"] = why
			}
		}
		for n := range f.Hours {
			f.Hours[n].Error = t.errors["weekly."+f.Hours[n].Name]
		}
	}
	return s.formPage(c, status, f)
}

// do is what the button asks for. It answers 303 once it has sent the reader on.
func (s *Screen) do(c echo.Context, f *calendarForm) (int, error) {
	definition, err := f.read(c)
	if err != nil {
		return 0, err
	}
	basedOn, err := strconv.Atoi(f.BasedOn)
	if err != nil {
		return 0, errs.InvalidField("based_on", "error.not_a_number")
	}
	in := cases.CalendarInput{By: web.Actor(c), Definition: definition, BasedOn: basedOn, Comment: f.Comment}
	switch c.FormValue("do") {
	case "public", "ical":
		found, err := f.found(c, definition)
		if err != nil {
			return 0, err
		}
		all, isNew := holidays.Merge(definition.Holidays, found)
		f.Days = holidays.Lines(all)
		f.notice = i18n.N(isNew, "{n} day of {found} added to the list below. Nothing is saved yet.", "{n} days of {found} added to the list below. Nothing is saved yet.", "n", isNew, "found", len(found))
		return http.StatusOK, nil
	case "preview":
		moves, err := s.cases.PreviewCalendar(c.Request().Context(), in)
		if err == nil {
			f.moves = s.moves(c, moves)
		}
		return http.StatusOK, err
	}
	saved, _, err := s.cases.SaveCalendar(c.Request().Context(), in)
	if err != nil {
		return 0, err
	}
	return http.StatusSeeOther, c.Redirect(http.StatusSeeOther, calendarHref(saved.ID))
}

// found are the days that a country or a file names.
func (f *calendarForm) found(c echo.Context, into clock.Calendar) ([]clock.Holiday, error) {
	from, err := strconv.Atoi(f.From)
	if err != nil {
		return nil, errs.InvalidField("years", "error.not_a_number")
	}
	to, err := strconv.Atoi(f.To)
	if err != nil {
		return nil, errs.InvalidField("years", "error.not_a_number")
	}
	years := holidays.Years{From: from, To: to}
	if c.FormValue("do") == "public" {
		country, region, _ := strings.Cut(f.Place, "-")
		return holidays.Public(country, region, years)
	}
	header, err := c.FormFile("file")
	if err != nil {
		return nil, errs.InvalidField("file", "error.required")
	}
	file, err := header.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, holidays.MaxICal+1))
	if err != nil {
		return nil, err
	}
	return holidays.ReadICal(data, into, years)
}

// places are the countries and regions as one list.
func places(chosen string) []kit.Option {
	var list []kit.Option
	for _, country := range holidays.Places() {
		if !country.Regional {
			list = append(list, kit.Option{Value: country.Code, Text: country.Name, Selected: chosen == country.Code})
		}
		for _, region := range country.Regions {
			value := country.Code + "-" + region.Code
			list = append(list, kit.Option{Value: value, Text: country.Name + ", " + region.Name, Selected: chosen == value})
		}
	}
	return list
}
