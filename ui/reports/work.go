package reports

import (
	"net/url"

	"github.com/labstack/echo/v4"

	"makegood/billing/figures"
	"makegood/internal/i18n"
	"makegood/internal/reports"
)

// WorkScreen is the reports of cases: what was done, how long it took, whether it was in time.
type WorkScreen struct {
	*Screen

	work *reports.Work
}

// NewWork makes the screen.
func NewWork(s *Screen, w *reports.Work) *WorkScreen { return &WorkScreen{Screen: s, work: w} }

const workDays = reports.WorkDays

// workAsked reads the address.
func (s *WorkScreen) workAsked(c echo.Context) (reports.WorkScope, error) {
	return question(c).WorkScope(s.work.Today())
}

// workView is all facts of a period.
type workView struct {
	workFrame
	Tiles  []tile
	Charts []chart
	Rows   []factRow
}

// factRow is a fact of the overview, or a group of a fact.
type factRow struct {
	Title, Sub, Definition, Href, RowsHref     string
	Count, CountBefore, Median, MedianBefore   string
	P90, P90Before, Share, ShareBefore, Amount string
	Change, Tone                               string
	Mean, MeanBefore                           string
	Percent                                    int
}

// Overview shows every fact: GET /reports/work.
func (s *WorkScreen) Overview(c echo.Context) error {
	if done, err := s.download(c); done {
		return err
	}
	w, err := s.workAsked(c)
	if err != nil {
		return err
	}
	list, err := s.work.Overview(c.Request().Context(), w)
	if err != nil {
		return err
	}
	f, err := s.workFrame(c, w)
	if err != nil {
		return err
	}
	v := workView{workFrame: f, Tiles: f.heads(list)}
	for _, r := range list {
		row := f.groupRow(r.Fact, r.All)
		row.Title, row.Definition = f.say(r.Fact.TitleKey()), f.say(r.Fact.DefinitionKey())
		row.Href, row.RowsHref = f.to(factPath(r.Fact)), f.to(factPath(r.Fact)+"/rows")
		v.Rows = append(v.Rows, row)
	}
	if v.Charts, err = s.flow(c, f); err != nil {
		return err
	}
	return s.show(c, i18n.T("Cases"), f, workOverview(v))
}

func factPath(f reports.Fact) string { return "/reports/work/" + url.PathEscape(string(f)) }

// flow draws what came and what was settled, and how promises were kept, through the period.
func (s *WorkScreen) flow(c echo.Context, f workFrame) ([]chart, error) {
	way := reports.ByDay
	if f.Work.Days > 45 {
		way = reports.ByWeek
	}
	got := map[reports.Fact]reports.FactReport{}
	for _, fact := range []reports.Fact{reports.Opened, reports.Resolutions, reports.ClockResults} {
		r, err := s.work.Report(c.Request().Context(), f.Work, fact, way)
		if err != nil {
			return nil, err
		}
		got[fact] = r
	}
	days := f.steps(way)
	came, settled := bars(i18n.T("Opened"), "", counts(days, got[reports.Opened])), bars(i18n.T("Resolved"), "", counts(days, got[reports.Resolutions]))
	kept := line(i18n.T("Kept"), shares(days, got[reports.ClockResults]))
	labels := make([]string, len(days))
	for i, day := range days {
		labels[i] = f.day(day)
	}
	return []chart{
		newChart(i18n.T("Opened and resolved"), i18n.T("cases"), i18n.T("Cases opened and resolved through the period"), labels, came, settled),
		newChart(i18n.T("Promises kept"), i18n.T("percent"), i18n.T("Share of promises kept through the period"), labels, kept),
	}, nil
}

// heads are the figures at the head of the overview.
func (f workFrame) heads(list []reports.FactReport) []tile {
	of := map[reports.Fact]reports.GroupPair{}
	for _, r := range list {
		of[r.Fact] = r.All
	}
	count := func(fact reports.Fact, way figures.Direction) tile {
		p := of[fact]
		return f.head(fact, "", figures.Definition{Unit: figures.Count, Better: way}, fig(whole(p.Now.Count)), fig(whole(p.Before.Count)))
	}
	median := func(fact reports.Fact) tile {
		p := of[fact]
		return f.head(fact, "median", figures.Definition{Unit: figures.InHours, Better: figures.Lower}, hoursOf(p.Now.Median), hoursOf(p.Before.Median))
	}
	share := func(fact reports.Fact, title string) tile {
		p := of[fact]
		return f.head(fact, title, figures.Definition{Unit: figures.Share, Better: figures.Higher}, p.Now.Share(), p.Before.Share())
	}
	reopened := func(now bool) figures.Figure {
		a, b := of[reports.Reopenings].Now, of[reports.Resolutions].Now
		if !now {
			a, b = of[reports.Reopenings].Before, of[reports.Resolutions].Before
		}
		return figures.Ratio(whole(a.Count), whole(b.Count))
	}
	again := f.head(reports.Reopenings, "rate", figures.Definition{Unit: figures.Share, Better: figures.Lower}, reopened(true), reopened(false))
	return []tile{
		count(reports.Opened, figures.Neither), count(reports.Backlog, figures.Lower), share(reports.ClockResults, "share"), median(reports.Answered), median(reports.Resolutions),
		again, share(reports.Resolutions, "first_contact"),
	}
}

// head is a figure of the overview beside that of the period before.
func (f workFrame) head(fact reports.Fact, suffix string, d figures.Definition, now, before figures.Figure) tile {
	text, unit := f.write(d.Unit, now)
	change, tone := f.change(d, now, before)
	title := f.say(fact.TitleKey())
	if suffix != "" {
		title = f.say(fact.TitleKey() + "." + suffix)
	}
	return tile{
		Title: title, Value: text, Unit: unit, Detail: i18n.F("{both} before", "both", f.both(d.Unit, before)), Change: change, Tone: tone, Href: f.to(factPath(fact)), Definition: f.say(fact.DefinitionKey()),
	}
}
