package reports

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/people"
	"makegood/internal/reportmail"
	"makegood/internal/reports"
	"makegood/internal/web"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

const mailPath = "/reports/mail"

// MailScreen is the reports that come by mail.
type MailScreen struct {
	*WorkScreen

	mail *reportmail.Service
}

// NewMail makes the screen.
func NewMail(w *WorkScreen, m *reportmail.Service) *MailScreen {
	return &MailScreen{WorkScreen: w, mail: m}
}

// mailListView is the list of what comes by mail.
type mailListView struct {
	workFrame
	Rows  []mailRow
	Saved bool
}

type mailRow struct{ Href, Title, Report, Reader, Comes, Next, Why string }

// List shows what comes to the reader by mail and what they set up: GET /reports/mail.
func (s *MailScreen) List(c echo.Context) error {
	list, err := s.mail.Schedules(c.Request().Context(), web.Actor(c))
	if err != nil {
		return err
	}
	v := mailListView{Saved: c.QueryParam("saved") != ""}
	if v.workFrame, err = s.mailFrame(c); err != nil {
		return err
	}
	for _, sch := range list {
		v.Rows = append(v.Rows, mailRow{
			Href: schedulePath(sch.ID), Title: sch.Title, Report: s.mail.Name(sch.Report, v.Lang), Reader: sch.ReaderName, Comes: comes(sch), Next: s.moment(c, sch.LeavesAt()),
			Why: s.mail.Why(sch, v.Lang),
		})
	}
	return s.desk.Page(c, http.StatusOK, mailShell(i18n.T("Reports by mail")), mailList(v))
}

func (s *MailScreen) mailFrame(c echo.Context) (workFrame, error) {
	return s.workFrame(c, reports.WorkScope{By: web.Actor(c), On: s.work.Today(), Days: workDays})
}

func mailShell(title string) desk.View {
	return desk.View{Title: title, Heading: i18n.T("Reports"), Sub: i18n.T("By mail"), Active: "reports", BodyClass: "page-reports"}
}

func schedulePath(id int64) string { return mailPath + "/" + strconv.FormatInt(id, 10) }

// moment is a moment on the clock of who looks; "" where there is none.
func (s *MailScreen) moment(c echo.Context, at *time.Time) string {
	if at == nil {
		return ""
	}
	return kit.FormatDateTime(*at, s.desk.Zone(c), s.desk.Lang(c))
}

func weekdays() []string {
	return []string{i18n.T("Monday"), i18n.T("Tuesday"), i18n.T("Wednesday"), i18n.T("Thursday"), i18n.T("Friday"), i18n.T("Saturday"), i18n.T("Sunday")}
}

// comes says when a schedule's report comes, on its reader's clock.
func comes(sch reportmail.Schedule) string {
	at := clockText(sch.AtMinute) + " (" + sch.Zone + ")"
	if sch.Repeats == reportmail.Weekly {
		return i18n.F("{weekdays}s at {at}", "weekdays", weekdays()[sch.OnDay-1], "at", at)
	}
	return i18n.F("Day {on_day} of the month at {at}", "on_day", strconv.Itoa(sch.OnDay), "at", at)
}

func clockText(minute int) string {
	return time.Date(2000, 1, 1, 0, minute, 0, 0, time.UTC).Format("15:04")
}

// mailView is a schedule's form: as it stands, or as it was typed and refused.
type mailView struct {
	workFrame
	ID, Version                     string // "" for a new one
	Report, Name, Filters, Narrowed string
	Title, Reader, ReaderName       string
	Covers, Days, Form              string
	Repeats, Weekday, Monthday, At  string
	Next, Why, Maker, Open          string
	HasPeriod                       bool
	Readers                         []kit.Option
	Sendings                        []sendingRow
	Refused                         string
	Errors                          map[string]string
}

type sendingRow struct{ Due, Of, What, State, Note string }

func (v mailView) action() string {
	if v.ID == "" {
		return mailPath
	}
	return mailPath + "/" + v.ID
}

// New is the form for a report as its address asks for it; without one it leads to the list: GET /reports/mail/new?report=work/clocks&entity=DE.
func (s *MailScreen) New(c echo.Context) error {
	if c.QueryParam("report") == "" {
		return c.Redirect(http.StatusSeeOther, mailPath)
	}
	filters := url.Values{}
	for name, values := range c.QueryParams() {
		if name != "report" && name != "as_of" && name != "days" && values[0] != "" {
			filters.Set(name, values[0])
		}
	}
	v := mailView{
		Report: c.QueryParam("report"), Filters: filters.Encode(), Days: c.QueryParam("days"), Reader: strconv.FormatInt(web.Actor(c).UserID, 10),
		Covers: string(reportmail.DaysBefore), Form: string(reportmail.XLSX), Repeats: string(reportmail.Weekly), Weekday: "1", Monthday: "1", At: "07:00",
	}
	if _, err := (reports.Question{Report: v.Report}).TitleKey(); err != nil {
		return err
	}
	v.Title = s.mail.Name(v.Report, s.desk.Lang(c))
	return s.form(c, http.StatusOK, v)
}

// Show is a schedule with what was sent: GET /reports/mail/:id.
func (s *MailScreen) Show(c echo.Context) error { return s.one(c, http.StatusOK, nil, nil) }

// one is a schedule's page. Typed, when something was, is shown instead of what stands.
func (s *MailScreen) one(c echo.Context, status int, typed *mailView, refused error) error {
	ctx, by := c.Request().Context(), web.Actor(c)
	sch, err := s.mail.Schedule(ctx, by, idOf(c))
	if err != nil {
		return err
	}
	sendings, err := s.mail.Sendings(ctx, by, sch.ID)
	if err != nil {
		return err
	}
	v := viewOf(sch)
	if typed != nil {
		v = *typed
	}
	v.ID, v.Reader, v.ReaderName, v.Maker = strconv.FormatInt(sch.ID, 10), strconv.FormatInt(sch.ReaderID, 10), sch.ReaderName, sch.MakerName
	v.Next, v.Why = s.moment(c, sch.LeavesAt()), s.mail.Why(sch, s.desk.Lang(c))
	q, _, _ := sch.Question(by, s.work.Today())
	v.Open = sch.Address(q.Filter)
	for _, n := range sendings {
		v.Sendings = append(v.Sendings, s.sending(c, n))
	}
	s.refuse(c, &v, refused)
	return s.form(c, status, v)
}

// refuse puts the reason of a refusal beside its field, or above the form.
func (s *MailScreen) refuse(c echo.Context, v *mailView, refused error) {
	if refused == nil {
		return
	}
	v.Errors = s.desk.FieldErrors(c, refused)
	shown := map[string]bool{"title": true, "reader": true, "covers": true, "form": true, "repeats": true, "on_day": true, "at_minute": true, "days": true}
	for name, text := range v.Errors {
		if !shown[name] {
			v.Refused += name + ": " + text + " "
		}
	}
	if len(v.Errors) == 0 {
		v.Refused = s.desk.Sentence(c, refused)
	}
}

func viewOf(sch reportmail.Schedule) mailView {
	v := mailView{
		Version: strconv.Itoa(sch.Version), Report: sch.Report, Title: sch.Title, Covers: string(sch.Covers), Days: sch.Filters["days"], Form: string(sch.Form),
		Repeats: string(sch.Repeats), Weekday: "1", Monthday: "1", At: clockText(sch.AtMinute),
	}
	filters := url.Values{}
	for name, value := range sch.Filters {
		if name != "days" {
			filters.Set(name, value)
		}
	}
	v.Filters = filters.Encode()
	if sch.Repeats == reportmail.Weekly {
		v.Weekday = strconv.Itoa(sch.OnDay)
	} else {
		v.Monthday = strconv.Itoa(sch.OnDay)
	}
	return v
}

func (s *MailScreen) sending(c echo.Context, n reportmail.Sending) sendingRow {
	lang := s.desk.Lang(c)
	row := sendingRow{
		Due: s.moment(c, &n.DueAt), Of: kit.FormatDate(n.CoversTo, time.UTC, lang), What: strings.ToUpper(string(n.Form)),
		State: desk.Coded(string(n.State)), Note: n.Error,
	}
	if n.CoversFrom.Before(n.CoversTo) {
		row.Of = i18n.F("{covers_from} to {of}", "covers_from", kit.FormatDate(n.CoversFrom, time.UTC, lang), "of", row.Of)
	}
	if n.Form == reportmail.Link {
		row.What = i18n.T("Link")
	}
	if n.PassedOver > 0 {
		row.Note = strings.TrimSpace(i18n.F("{note} Was due {passed_over} times before, while nothing ran.", "note", row.Note, "passed_over", strconv.Itoa(n.PassedOver)))
	}
	return row
}

// form completes the view and shows it.
func (s *MailScreen) form(c echo.Context, status int, v mailView) error {
	var err error
	if v.workFrame, err = s.mailFrame(c); err != nil {
		return err
	}
	filters, err := url.ParseQuery(v.Filters)
	if err != nil {
		return errs.InvalidField("filters", reports.ErrNoFilter.Key, "filter", v.Filters)
	}
	v.Name, v.Narrowed = s.mail.Name(v.Report, v.Lang), reportmail.Schedule{Filters: flat(filters)}.Narrowed()
	v.HasPeriod = reports.Question{Report: v.Report}.HasPeriod()
	if v.ID == "" {
		readers, err := s.mail.Readers(c.Request().Context(), web.Actor(c))
		if err != nil {
			return err
		}
		v.Readers = readerOptions(readers)
	}
	return s.desk.Page(c, status, mailShell(v.Title), mailForm(v))
}

func readerOptions(list []people.User) []kit.Option {
	var options []kit.Option
	for _, u := range list {
		options = append(options, kit.Option{Value: strconv.FormatInt(u.ID, 10), Text: u.Name + ", " + u.Email})
	}
	return options
}

func flat(values url.Values) map[string]string {
	flat := map[string]string{}
	for name := range values {
		flat[name] = values.Get(name)
	}
	return flat
}

// readMail is what was typed.
func readMail(c echo.Context) mailView {
	get := c.FormValue
	return mailView{
		Version: get("version"), Report: get("report"), Filters: get("filters"), Title: get("title"), Reader: get("reader"), Covers: get("covers"), Days: get("days"), Form: get("form"),
		Repeats: get("repeats"), Weekday: get("weekday"), Monthday: get("monthday"), At: get("at"),
	}
}

// input is what was typed, for the service. A number that is none is one that there is not.
func (v mailView) input(c echo.Context) (reportmail.Input, error) {
	filters, err := url.ParseQuery(v.Filters)
	if err != nil {
		return reportmail.Input{}, errs.InvalidField("filters", reports.ErrNoFilter.Key, "filter", v.Filters)
	}
	if v.Days != "" && v.Covers == string(reportmail.DaysBefore) {
		filters.Set("days", v.Days)
	}
	in := reportmail.Input{
		By: web.Actor(c), ID: idOf(c), Title: v.Title, Report: v.Report, Filters: flat(filters), Covers: reportmail.Covers(v.Covers), Form: reportmail.Form(v.Form),
		Rhythm: reportmail.Rhythm{Repeats: reportmail.Repeats(v.Repeats), AtMinute: -1},
	}
	in.Version, _ = strconv.Atoi(v.Version)
	in.ReaderID, _ = strconv.ParseInt(v.Reader, 10, 64)
	day := v.Weekday
	if in.Repeats == reportmail.Monthly {
		day = v.Monthday
	}
	in.OnDay, _ = strconv.Atoi(day)
	if at, err := time.Parse("15:04", v.At); err == nil {
		in.AtMinute = at.Hour()*60 + at.Minute()
	}
	return in, nil
}

func idOf(c echo.Context) int64 {
	id, _ := strconv.ParseInt(c.Param("id"), 10, 64)
	return id
}

// Make has a report come by mail: POST /reports/mail. Fields: report, filters (as in an address), title, reader, covers, days, form, repeats,
// weekday, monthday, at (15:04).
func (s *MailScreen) Make(c echo.Context) error {
	v := readMail(c)
	in, err := v.input(c)
	if err == nil {
		_, err = s.mail.Make(c.Request().Context(), in)
	}
	if err == nil {
		return c.Redirect(http.StatusSeeOther, mailPath+"?saved=1")
	}
	if kind := errs.KindOf(err); kind != errs.Invalid && kind != errs.NotFound {
		return err
	}
	s.refuse(c, &v, err)
	return s.form(c, http.StatusUnprocessableEntity, v)
}

// Save changes a schedule: POST /reports/mail/:id. Fields: version and those of Make, without reader.
func (s *MailScreen) Save(c echo.Context) error {
	v := readMail(c)
	in, err := v.input(c)
	if err == nil {
		_, err = s.mail.Change(c.Request().Context(), in)
	}
	return s.settled(c, &v, err)
}

// Stop ends a schedule: POST /reports/mail/:id/stop. Field: version.
func (s *MailScreen) Stop(c echo.Context) error {
	version, _ := strconv.Atoi(c.FormValue("version"))
	return s.settled(c, nil, s.mail.Stop(c.Request().Context(), web.Actor(c), idOf(c), version))
}

// Resume has it run again: POST /reports/mail/:id/resume. Field: version.
func (s *MailScreen) Resume(c echo.Context) error {
	version, _ := strconv.Atoi(c.FormValue("version"))
	return s.settled(c, nil, s.mail.Resume(c.Request().Context(), web.Actor(c), idOf(c), version))
}

// settled leads back to the list, or to the form with the reason why nothing came of it.
func (s *MailScreen) settled(c echo.Context, typed *mailView, err error) error {
	if err == nil {
		return c.Redirect(http.StatusSeeOther, mailPath+"?saved=1")
	}
	if kind := errs.KindOf(err); kind != errs.Invalid && kind != errs.Conflict {
		return err
	}
	return s.one(c, web.Status(err), typed, err)
}
