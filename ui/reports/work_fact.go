package reports

import (
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/figures"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// factView is a fact by one way.
type factView struct {
	workFrame
	Fact                    reports.Fact
	Title, Definition, Head string
	Ways                    []kit.Segment
	All                     factRow
	Rows                    []factRow
	Chart                   *chart
	Before                  string
	Timed, Judged, Money    bool
	Scored                  bool
}

// chartAtMost is how many groups are drawn.
const chartAtMost = 24

// Fact shows what one fact comes to, by one way: GET /reports/work/:fact.
func (s *WorkScreen) Fact(c echo.Context) error {
	if done, err := s.download(c); done {
		return err
	}
	w, err := s.workAsked(c)
	if err != nil {
		return err
	}
	fact, way := reports.Fact(c.Param("fact")), question(c).Way()
	report, err := s.work.Report(c.Request().Context(), w, fact, way)
	if err != nil {
		return err
	}
	f, err := s.workFrame(c, w, "by")
	if err != nil {
		return err
	}
	f.By = way
	v := factView{
		workFrame: f, Fact: fact, Title: f.say(fact.TitleKey()), Definition: f.say(fact.DefinitionKey()), Head: f.say("work.way." + string(way)),
		Before: i18n.F("{day} to {day_2}", "day", f.day(report.BeforeFrom), "day_2", f.day(report.BeforeOn)), Timed: report.All.Now.Timed+report.All.Before.Timed > 0,
		Judged: report.All.Now.GoodOf+report.All.Before.GoodOf > 0, Money: !report.All.Now.Amount.IsZero() || !report.All.Before.Amount.IsZero(),
		Scored: report.All.Now.Scored+report.All.Before.Scored > 0,
	}
	v.fill(report)
	return s.show(c, v.Title, f, workFact(v))
}

func (v *factView) fill(report reports.FactReport) {
	rows := factPath(v.Fact) + "/rows"
	for _, way := range v.Fact.Ways() {
		v.Ways = append(v.Ways, kit.Segment{Text: v.say("work.way." + string(way)), Href: v.to(v.path, "by", string(way)), Current: way == v.By})
	}
	v.All = v.groupRow(v.Fact, report.All)
	v.All.RowsHref = v.to(rows)
	most := 0
	for _, g := range report.Groups {
		most = max(most, g.Now.Count)
	}
	for _, g := range report.Groups {
		row := v.groupRow(v.Fact, g)
		row.Title, row.RowsHref = v.groupName(g.Now), v.to(rows, "by", string(v.By), "key", orDash(g.Now.Key))
		row.Percent = percent(whole(g.Now.Count), whole(most))
		if narrowed := v.narrow(g.Now.Key); narrowed != "" {
			row.Href = narrowed
		}
		v.Rows = append(v.Rows, row)
	}
	v.draw(report)
}

// narrow is this report for one group alone, told apart by persons; empty where no filter says so.
func (v *factView) narrow(key string) string {
	names := map[reports.Way]string{
		reports.ByAgent: "agent", reports.ByTeam: "team", reports.ByPolicy: "policy", reports.ByTier: "tier", reports.ByTopic: "topic", reports.ByType: "type", reports.ByPriority: "priority",
		reports.ByEntity: "entity", reports.ByCustomer: "customer", reports.ByClaim: "reason", reports.ByCause: "cause", reports.ByPart: "part",
	}
	name := names[v.By]
	if name == "" || key == "" || key == "0" {
		return ""
	}
	then := reports.ByAgent
	if v.By == reports.ByAgent {
		then = reports.ByTopic
	}
	return v.to(v.path, name, key, "by", string(then))
}

// groupName is a group for the reader.
func (v *factView) groupName(g reports.Group) string {
	if v.By == reports.ByDay || v.By == reports.ByWeek || v.By == reports.ByMonth {
		day, err := time.Parse(time.DateOnly, g.Key)
		if err != nil {
			return g.Key
		}
		if v.By == reports.ByMonth {
			return day.Format("2006-01")
		}
		return v.day(day)
	}
	if g.Name == "" {
		return i18n.T("None named")
	}
	if v.By == reports.ByPart || v.By == reports.ByType || v.By == reports.ByTier || v.By == reports.ByTopic {
		return desk.Coded(g.Name)
	}
	return g.Name
}

// draw draws the groups as bars; what can be kept or broken in two colours.
func (v *factView) draw(report reports.FactReport) {
	if len(report.Groups) == 0 {
		return
	}
	var names, said []string
	var good, rest, all []decimal.Decimal
	for i, g := range report.Groups {
		if i == chartAtMost {
			break
		}
		name := v.groupName(g.Now)
		names, said = append(names, name), append(said, name+" "+v.count(g.Now.Count))
		good, rest, all = append(good, whole(g.Now.Good)), append(rest, whole(g.Now.GoodOf-g.Now.Good)), append(all, whole(g.Now.Count))
	}
	list := []series{bars(v.Title, "", all)}
	if v.Judged {
		list = []series{bars(v.say(v.Fact.TitleKey()+".good"), "all", good), bars(v.say(v.Fact.TitleKey()+".bad"), "all", rest)}
	}
	c := newChart(v.Title, v.Head, v.Title+": "+strings.Join(said, "; "), names, list...)
	v.Chart = &c
}

// groupRow writes a pair of groups.
func (f workFrame) groupRow(fact reports.Fact, p reports.GroupPair) factRow {
	hours := func(seconds *int64) string { return f.both(figures.InHours, hoursOf(seconds)) }
	row := factRow{
		Count: f.count(p.Now.Count), CountBefore: f.count(p.Before.Count), Median: hours(p.Now.Median), MedianBefore: hours(p.Before.Median), P90: hours(p.Now.P90),
		P90Before: hours(p.Before.P90), Share: f.both(figures.Share, p.Now.Share()), ShareBefore: f.both(figures.Share, p.Before.Share()), Amount: noFigure,
		Mean: mean(f, p.Now), MeanBefore: mean(f, p.Before),
	}
	if !p.Now.Amount.IsZero() {
		row.Amount = kit.FormatMoney(money.Of(p.Now.Amount, billing.AuthorityCurrency), f.Lang)
	}
	better := figures.Neither
	if fact == reports.Reopenings || fact == reports.Backlog || fact == reports.JustBelow || fact == reports.Repeated || fact == reports.Overrides {
		better = figures.Lower
	}
	row.Change, row.Tone = f.change(figures.Definition{Unit: figures.Count, Better: better}, fig(whole(p.Now.Count)), fig(whole(p.Before.Count)))
	return row
}

// mean writes a mean score.
func mean(f workFrame, g reports.Group) string {
	if !g.Mean.Valid {
		return noFigure
	}
	return kit.FormatDecimal(g.Mean.Decimal, meanPlaces, f.Lang)
}

const meanPlaces = 2

func whole(n int) decimal.Decimal { return decimal.NewFromInt(int64(n)) }

// hoursOf are seconds as the figure that is written in hours.
func hoursOf(seconds *int64) figures.Figure {
	if seconds == nil {
		return figures.Figure{}
	}
	return fig(decimal.NewFromInt(*seconds).DivRound(decimal.NewFromInt(3600), 6))
}

// steps are the days, or first days of weeks, of the period.
func (f workFrame) steps(way reports.Way) []time.Time {
	from, step := f.Work.On.AddDate(0, 0, 1-f.Work.Days), 1
	if way == reports.ByWeek {
		from, step = from.AddDate(0, 0, -(int(from.Weekday())+6)%7), 7
	}
	var days []time.Time
	for day := from; !day.After(f.Work.On); day = day.AddDate(0, 0, step) {
		days = append(days, day)
	}
	return days
}

func byKey(r reports.FactReport) map[string]reports.Group {
	of := map[string]reports.Group{}
	for _, g := range r.Groups {
		of[g.Now.Key] = g.Now
	}
	return of
}

func counts(days []time.Time, r reports.FactReport) []decimal.Decimal {
	of, list := byKey(r), make([]decimal.Decimal, len(days))
	for i, day := range days {
		list[i] = whole(of[day.Format(time.DateOnly)].Count)
	}
	return list
}

func shares(days []time.Time, r reports.FactReport) []figures.Figure {
	of, list := byKey(r), make([]figures.Figure, len(days))
	for i, day := range days {
		if list[i] = of[day.Format(time.DateOnly)].Share(); list[i].Valid {
			list[i].Decimal = list[i].Decimal.Shift(2)
		}
	}
	return list
}

// workRowsView is a page of what a report counts.
type workRowsView struct {
	workFrame
	Title, Definition, Group string
	Rows                     []workRow
	NextURL, Back            string
	Timed, Judged, Money     bool
	Part, Scored             bool
}

type workRow struct {
	reports.WorkRow
	Href, When, Took, Judged, Sum, Given string
}

// WorkRows lists what a report counts: GET /reports/work/:fact/rows.
func (s *WorkScreen) WorkRows(c echo.Context) error {
	if done, err := s.download(c); done {
		return err
	}
	w, err := s.workAsked(c)
	if err != nil {
		return err
	}
	wanted := question(c).WorkRows()
	page, err := s.work.Rows(c.Request().Context(), w, wanted)
	if err != nil {
		return err
	}
	f, err := s.workFrame(c, w, "by", "key")
	if err != nil {
		return err
	}
	v := workRowsView{workFrame: f, Title: f.say(wanted.Fact.TitleKey()), Definition: f.say(wanted.Fact.DefinitionKey()), Back: f.to(factPath(wanted.Fact), "by", string(wanted.Way))}
	if wanted.Key != nil {
		v.Group = f.say("work.way."+string(wanted.Way)) + ": " + c.QueryParam("key")
		if *wanted.Key == "" {
			v.Group = i18n.F("{say}: none named", "say", f.say("work.way."+string(wanted.Way)))
		}
	}
	for _, r := range page.Rows {
		v.add(wanted.Fact, r, s.desk.Zone(c))
	}
	if page.Next != "" {
		v.NextURL = f.here("after", page.Next)
	}
	return s.show(c, v.Title, f, workRowsPage(v))
}

func (v *workRowsView) add(fact reports.Fact, r reports.WorkRow, zone *time.Location) {
	row := workRow{WorkRow: r, When: kit.FormatDateTime(r.At, zone, v.Lang), Took: v.both(figures.InHours, hoursOf(r.Seconds)), Href: "/cases/" + url.PathEscape(r.Number)}
	if id, request := strings.CutPrefix(r.Number, "CR-"); request {
		row.Href = "/approvals/" + strings.TrimLeft(id, "0")
	}
	if r.Good != nil {
		row.Judged = v.say(fact.TitleKey() + map[bool]string{true: ".good", false: ".bad"}[*r.Good])
	}
	if !r.Amount.IsZero() {
		row.Sum = kit.FormatMoney(money.Of(r.Amount, billing.AuthorityCurrency), v.Lang)
	}
	if r.Score.Valid {
		row.Given, v.Scored = r.Score.Decimal.String(), true
	}
	row.Part = desk.Coded(r.Part)
	v.Timed, v.Judged, v.Money, v.Part = v.Timed || r.Seconds != nil, v.Judged || r.Good != nil, v.Money || row.Sum != "", v.Part || r.Part != ""
	v.Rows = append(v.Rows, row)
}
