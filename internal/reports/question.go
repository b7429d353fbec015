package reports

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"makegood/billing/figures"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// Question is a report as an address asks for it: which one, as its path below /reports ("aging", "work/clocks/rows"), for whom, and what
// stands behind the question mark. A page, its file and the mail that brings it read the same question.
type Question struct {
	By     access.Actor
	Report string
	Filter url.Values
}

// ErrNoReport is returned for a report there is not, ErrNoFilter for a filter that a report does not have.
var (
	ErrNoReport = errs.New(errs.NotFound, "reports.no_report")
	ErrNoFilter = errs.New(errs.Invalid, "reports.no_filter")
)

const (
	// MoneyDays is how long the period of a figure of receivables is when nothing else is asked for.
	MoneyDays = 90
	// WorkDays is how long that of a report of cases is.
	WorkDays = usualDays
	// NothingNamed stands in an address for a group of what nothing is named of.
	NothingNamed = "-"
)

// The reports that are one page; the others stand below one of them.
const (
	agingReport  = "aging"
	itemsReport  = "aging/items"
	dsoReport    = "dso"
	kpisReport   = "kpis"
	workReport   = "work"
	causesReport = "root-causes"
)

// parts are the report's family, the fact or figure it is of, and whether it is the rows of it.
func (q Question) parts() (family, of string, rows bool) {
	family, of, _ = strings.Cut(q.Report, "/")
	of, rest, rows := strings.Cut(of, "/")
	if rows && rest != "rows" {
		return "", "", false
	}
	return family, of, rows
}

// TitleKey is the message that names the report; ErrNoReport where there is none of that name.
func (q Question) TitleKey() (string, error) {
	switch q.Report {
	case agingReport, dsoReport, kpisReport, workReport, causesReport, itemsReport:
		return "reports.name." + strings.NewReplacer("/", "_", "-", "_").Replace(q.Report), nil
	}
	family, of, rows := q.parts()
	if family == workReport && slices.Contains(Facts(), Fact(of)) {
		return Fact(of).TitleKey(), nil
	}
	if d, known := figures.DefinitionOf(figures.Name(of)); known && family == kpisReport && !rows {
		return d.TitleKey(), nil
	}
	return "", errs.New(ErrNoReport.Kind, ErrNoReport.Key, "report", q.Report)
}

// Filters are the names of the filters that the report has, beside the day it ends with and the length of its period.
func (q Question) Filters() []string {
	family, of, rows := q.parts()
	if family == workReport || family == causesReport {
		list := []string{"entity", "team", "agent", "tier", "topic", "type", "priority", "policy", "reason", "cause", "customer", "part"}
		if of != "" {
			list = append(list, "by")
		}
		if rows {
			list = append(list, "key")
		}
		return list
	}
	list := []string{"basis", "entity", "money"}
	switch {
	case q.Report == itemsReport:
		return append(list, "section", "side", "range", "customer", "disputed")
	case family == kpisReport && of != "":
		return append(list, "section", "set", "by", "tag")
	}
	return list
}

// HasPeriod tells whether the report is of a period, not of a day.
func (q Question) HasPeriod() bool { return q.Report != agingReport && q.Report != itemsReport }

// Check refuses a report there is not, and filters that it does not have, each by its name.
func (q Question) Check() error {
	if _, err := q.TitleKey(); err != nil {
		return errs.InvalidField("report", ErrNoReport.Key, "report", q.Report)
	}
	known := append(q.Filters(), "as_of", "days")
	var wrong []errs.Field
	for name := range q.Filter {
		if !slices.Contains(known, name) {
			wrong = append(wrong, errs.Field{Name: name, Key: ErrNoFilter.Key, Params: errs.Params{"filter": name}})
		}
	}
	if len(wrong) > 0 {
		slices.SortFunc(wrong, func(a, b errs.Field) int { return strings.Compare(a.Name, b.Name) })
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// day reads a day of the question; the zero time where it names none.
func (q Question) day() (time.Time, error) {
	text := q.Filter.Get("as_of")
	if text == "" {
		return time.Time{}, nil
	}
	on, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, errs.InvalidField("as_of", "error.not_a_date", "text", text)
	}
	return on, nil
}

func (q Question) days(otherwise int) (int, error) {
	text := q.Filter.Get("days")
	if text == "" {
		return otherwise, nil
	}
	days, err := strconv.Atoi(text)
	if err != nil {
		return 0, errs.InvalidField("days", ErrBadPeriod.Key)
	}
	return days, nil
}

// MoneyScope is the question to a report of receivables, with the length of its period; without a day it is asked of today.
func (q Question) MoneyScope(today func(entity string) (time.Time, error)) (Scope, int, error) {
	s := Scope{By: q.By, Basis: Basis(q.Filter.Get("basis")), Entity: q.Filter.Get("entity"), Base: q.Filter.Get("money") == "base"}
	var err error
	if s.On, err = q.day(); err != nil {
		return s, 0, err
	}
	if s.On.IsZero() {
		if s.On, err = today(s.Entity); err != nil {
			return s, 0, err
		}
	}
	days, err := q.days(MoneyDays)
	return s, days, err
}

// WorkScope is the question to a report of cases; without a day it is asked of today.
func (q Question) WorkScope(today time.Time) (WorkScope, error) {
	get := q.Filter.Get
	w := WorkScope{By: q.By, WorkFilter: WorkFilter{
		Entity: get("entity"), Tier: get("tier"), Topic: get("topic"), Type: get("type"), Priority: get("priority"), Policy: get("policy"), Reason: get("reason"), Cause: get("cause"),
		Account: get("customer"), Part: get("part"),
	}}
	var err error
	if w.On, err = q.day(); err != nil {
		return w, err
	}
	if w.On.IsZero() {
		w.On = today
	}
	for name, into := range map[string]*int64{"team": &w.Team, "agent": &w.Agent} {
		if text := get(name); text != "" {
			if *into, err = strconv.ParseInt(text, 10, 64); err != nil {
				return w, errs.InvalidField(name, "error.not_a_number", "text", text)
			}
		}
	}
	w.Days, err = q.days(WorkDays)
	return w, err
}

// ItemRows are the documents that the question narrows an aging to.
func (q Question) ItemRows() ItemRows {
	get := q.Filter.Get
	return ItemRows{
		Section: money.Currency(get("section")), Side: figures.ItemKind(get("side")), Bucket: get("range"), Account: get("customer"), Disputed: get("disputed") == "1", After: get("after"),
	}
}

// FigureRows are the rows of a figure that the question asks for; its first set where it names none.
func (q Question) FigureRows(days int) FigureRows {
	_, of, _ := q.parts()
	get := q.Filter.Get
	w := FigureRows{
		Figure: figures.Name(of), Set: RowSet(get("set")), Days: days, Section: money.Currency(get("section")), By: Tagged(get("by")), Tag: named(get("tag")), After: get("after"),
	}
	if sets := SetsOf(w.Figure); w.Set == "" && len(sets) > 0 {
		w.Set = sets[0]
	}
	return w
}

// WorkRows are the rows of a fact that the question asks for.
func (q Question) WorkRows() WorkRows {
	_, of, _ := q.parts()
	return WorkRows{Fact: Fact(of), Way: Way(q.Filter.Get("by")), Key: named(q.Filter.Get("key")), After: q.Filter.Get("after")}
}

// Way is what the question tells the rows of its fact apart by: the first way there is where it says nothing.
func (q Question) Way() Way {
	_, of, _ := q.parts()
	way := Way(q.Filter.Get("by"))
	if ways := Fact(of).Ways(); way == ByAll && len(ways) > 0 {
		return ways[0]
	}
	return way
}

// named reads a group of an address; nil where it names none.
func named(text string) *string {
	switch text {
	case "":
		return nil
	case NothingNamed:
		text = ""
	}
	return &text
}
