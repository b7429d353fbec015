package reportmail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"makegood/billing"
	"makegood/cases"
	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/jobs"
	"makegood/internal/people"
	"makegood/internal/reports"
)

// What this package refuses.
var (
	ErrNoSchedule = errs.New(errs.NotFound, "reportmail.no_schedule")
	ErrStale      = errs.New(errs.Conflict, "reportmail.stale")
	ErrStopped    = errs.New(errs.Conflict, "reportmail.stopped_already")
	ErrRuns       = errs.New(errs.Conflict, "reportmail.runs_already")
)

// lookEvery is how often it is looked what is due; nothing comes later than by that.
const lookEvery = 30 * time.Second

// listAtMost is how many schedules and sendings are listed.
const listAtMost = 500

// Services are the doors behind reports by mail.
type Services struct {
	DB      *db.DB
	People  *people.Service
	Billing *billing.Service
	Cases   *cases.Service
	Inbox   *inbox.Service
	Reports *reports.Service
}

// Service is the one writer of schedules of reports. It is safe for concurrent use.
type Service struct {
	Services

	words     *i18n.Catalogue
	publicURL string
	logger    *slog.Logger
}

// New makes the service. Links in mails begin with publicURL. What somebody gets by mail stops the moment they are shut out.
func New(s Services, words *i18n.Catalogue, publicURL string, logger *slog.Logger) *Service {
	made := &Service{Services: s, words: words, publicURL: publicURL, logger: logger}
	s.People.OnMove(made.stopLeftTx)
	return made
}

// Register has reports sent.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, s.look)
	jobs.Handle(r, s.send)
	jobs.Repeat(r, lookEvery, Look{})
}

// Schedule is a report that comes by mail. It runs while NextAt is set.
type Schedule struct {
	ID       int64
	ReaderID int64
	MadeBy   int64
	MadeAt   time.Time
	Scopes   []string
	Title    string
	Report   string // as reports.Question names it
	Filters  map[string]string
	Covers   Covers
	Form     Form
	Rhythm

	Zone          string
	NextAt        *time.Time
	StoppedAt     *time.Time
	StoppedWhy    string // a message key
	StoppedParams map[string]string
	Version       int

	ReaderName string
	MakerName  string
}

// Sending is one mail that was sent.
type Sending struct {
	DueAt      time.Time
	SentAt     time.Time
	CoversFrom time.Time
	CoversTo   time.Time
	Form       Form
	FileSHA256 []byte `db:"file_sha256"`
	FileSize   int
	PassedOver int
	State      inbox.OutgoingState
	Error      string
}

// Input is what somebody says of a schedule. ReaderID 0 is who asks; it stays as it was made.
type Input struct {
	By       access.Actor
	ID       int64 // of the schedule that is changed
	Version  int   // as it was read
	ReaderID int64
	Title    string
	Report   string
	Filters  map[string]string
	Covers   Covers
	Form     Form
	Rhythm
}

const (
	scheduleColumns = `s.id, s.reader_id, s.made_by, s.made_at, s.scopes, s.title, s.report, s.filters, s.covers, s.form, s.repeats, s.on_day, s.at_minute, s.zone, s.next_at,
		s.stopped_at, s.stopped_why, s.stopped_params, s.version, r.name as reader_name, m.name as maker_name`
	scheduleTables = ` from report_schedules s join users r on r.id = s.reader_id join users m on m.id = s.made_by `
)

// Schedules lists what comes to the actor and what they set up; everything for who administers. What runs stands first.
func (s *Service) Schedules(ctx context.Context, by access.Actor) ([]Schedule, error) {
	if err := access.Can(by, access.ReadReports, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[Schedule](ctx, s.DB, `select `+scheduleColumns+scheduleTables+`where $1 or s.reader_id = $2 or s.made_by = $2
		order by s.next_at is null, r.name, s.title, s.id limit $3`, access.May(by, access.Administer), by.UserID, listAtMost)
	if err != nil {
		return nil, fmt.Errorf("list schedules of reports: %w", err)
	}
	return list, nil
}

// Schedule reads one; ErrNoSchedule for what is neither the actor's nor theirs to administer.
func (s *Service) Schedule(ctx context.Context, by access.Actor, id int64) (Schedule, error) {
	if err := access.Can(by, access.ReadReports, access.Object{}); err != nil {
		return Schedule{}, err
	}
	return s.scheduleOf(ctx, s.DB, by, id)
}

func (s *Service) scheduleOf(ctx context.Context, r db.Reader, by access.Actor, id int64) (Schedule, error) {
	one, err := scheduleByID(ctx, r, id)
	if err == nil && one.ReaderID != by.UserID && one.MadeBy != by.UserID && !access.May(by, access.Administer) {
		err = ErrNoSchedule
	}
	return one, err
}

func scheduleByID(ctx context.Context, r db.Reader, id int64) (Schedule, error) {
	one, err := db.One[Schedule](ctx, r, `select `+scheduleColumns+scheduleTables+`where s.id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return Schedule{}, ErrNoSchedule
	}
	return one, err
}

// Sendings lists what was sent, the latest first, with what became of each mail.
func (s *Service) Sendings(ctx context.Context, by access.Actor, id int64) ([]Sending, error) {
	if _, err := s.Schedule(ctx, by, id); err != nil {
		return nil, err
	}
	list, err := db.List[Sending](ctx, s.DB, `select n.due_at, n.sent_at, n.covers_from, n.covers_to, n.form, n.file_sha256, n.file_size, n.passed_over, o.state, o.error
		from report_sendings n join outgoing_messages o on o.id = n.outgoing_message_id where n.schedule_id = $1 order by n.due_at desc limit $2`, id, listAtMost)
	if err != nil {
		return nil, fmt.Errorf("list reports sent: %w", err)
	}
	return list, nil
}

// Readers are those of the desk whom a report can be sent to, by name.
func (s *Service) Readers(ctx context.Context, by access.Actor) ([]people.User, error) {
	if err := access.Can(by, access.ReadReports, access.Object{}); err != nil {
		return nil, err
	}
	list, err := s.People.Users(ctx)
	return slices.DeleteFunc(list, func(u people.User) bool { return !access.May(u.Actor(), access.ReadReports) }), err
}

// Why says why a schedule stands, in a language.
func (s *Service) Why(sch Schedule, language string) string {
	if sch.StoppedWhy == "" {
		return ""
	}
	return s.words.Fill(language, sch.StoppedWhy, sch.StoppedParams)
}

// Name is what a report is called, in a language; its name in addresses where there is none any more.
func (s *Service) Name(report, language string) string {
	key, err := reports.Question{Report: report}.TitleKey()
	if err != nil {
		return report
	}
	return s.words.Say(language, key)
}

const titleAtMost = 200

// tidy is the input without what is not part of it, with the report's own name where it has no title.
func (s *Service) tidy(in Input) Input {
	in.Title, in.Report = strings.TrimSpace(in.Title), strings.Trim(in.Report, "/")
	if in.ReaderID == 0 {
		in.ReaderID = in.By.UserID
	}
	if in.Covers == "" {
		in.Covers = DaysBefore
	}
	in.Filters = maps.Clone(in.Filters)
	maps.DeleteFunc(in.Filters, func(_, value string) bool { return value == "" })
	if in.Filters == nil {
		in.Filters = map[string]string{}
	}
	if key, err := in.question(access.Actor{}).TitleKey(); in.Title == "" && err == nil {
		in.Title = s.words.Say(i18n.Fallback, key)
	}
	return in
}

func (in Input) question(by access.Actor) reports.Question {
	return reports.Question{By: by, Report: in.Report, Filter: values(in.Filters)}
}

func values(filters map[string]string) url.Values {
	v := url.Values{}
	for name, value := range filters {
		v.Set(name, value)
	}
	return v
}

// check refuses what no report is, and what the schedule itself says: the day, and with whole weeks and months the length too.
func (in Input) check() error {
	wrong := in.Rhythm.check()
	refuse := func(name, key string) { wrong = append(wrong, errs.Field{Name: name, Key: key}) }
	if in.Title == "" || utf8.RuneCountInString(in.Title) > titleAtMost {
		refuse("title", "reportmail.title")
	}
	if !slices.Contains([]Covers{DaysBefore, WeekBefore, MonthBefore}, in.Covers) {
		refuse("covers", "reportmail.no_period")
	}
	if !slices.Contains([]Form{CSV, XLSX, Link}, in.Form) {
		refuse("form", "reportmail.no_form")
	}
	if in.Filters["as_of"] != "" {
		refuse("as_of", "reportmail.day_follows")
	}
	if in.Filters["days"] != "" && in.Covers != DaysBefore {
		refuse("days", "reportmail.days_follow")
	}
	if err := in.question(in.By).Check(); err != nil {
		if e := (*errs.Error)(nil); errors.As(err, &e) {
			wrong = append(wrong, e.Fields...)
		}
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// actor is who a report is read as: its reader as they are, within what the token was for that they asked for it with.
func (sch Schedule) actor(reader people.User) access.Actor {
	by := reader.Actor()
	if sch.ReaderID == sch.MadeBy {
		by.Scopes = sch.Scopes
	}
	return by
}

// Question is the report as of a due moment on the reader's wall clock, and the days it is of.
func (sch Schedule) Question(by access.Actor, due time.Time) (q reports.Question, from, to time.Time) {
	q = reports.Question{By: by, Report: sch.Report, Filter: values(sch.Filters)}
	to, days := sch.Covers.period(due)
	q.Filter.Set("as_of", to.Format(time.DateOnly))
	if !q.HasPeriod() {
		return q, to, to
	}
	if days > 0 {
		q.Filter.Set("days", fmt.Sprint(days))
	}
	from = to
	if strings.HasPrefix(sch.Report, "kpis") || sch.Report == "dso" {
		if _, n, err := q.MoneyScope(func(string) (time.Time, error) { return to, nil }); err == nil {
			from = to.AddDate(0, 0, 1-n)
		}
	} else if w, err := q.WorkScope(to); err == nil {
		from = to.AddDate(0, 0, 1-w.Days)
	}
	return q, from, to
}
