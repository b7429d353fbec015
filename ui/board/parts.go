package board

import (
	"context"
	"net/url"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/clock"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

const (
	dueShown  = 8
	loadShown = 10
)

// view is the board as drawn.
type view struct {
	Figures     []kit.StatView
	Closings    []closingRow
	Open        int
	Next        []dueRow
	Notices     []noticeRow
	MoreNotices bool // than are shown
	Load        []loadRow
	Ages        []ageRow
	Waiting     []shareRow
	Flow        flow
	Risk        []bandRow
	RiskSum     string
	Mail        []mailRow
	Trouble     []string
	Outgoing    []outRow
	May         bool
}

func (s *Screen) readFigures(ctx context.Context, r reader, v *view) error {
	w, err := r.work()
	if err != nil {
		return err
	}
	f, err := s.reports.BoardFigures(ctx, w)
	if err != nil {
		return err
	}
	v.Open = f.Open
	v.Figures = []kit.StatView{
		r.breached(f), r.due15(f),
		{Label: i18n.T("Due in 60 min"), Value: r.count(f.Due60), Zero: f.Due60 == 0, Href: dueWhere("due:<60m"), Class: "bd-t", Detail: unassignedOf(f)},
		r.oldest(f), r.unassigned(f), r.risk(f, w.RiskByCurrency()),
	}
	return nil
}

func (s *Screen) readClosings(ctx context.Context, r reader, v *view) error {
	list, err := s.cases.Closings(ctx, r.by)
	for _, c := range list {
		if c.Holding > 0 {
			v.Closings = append(v.Closings, r.closing(c))
		}
	}
	return err
}

// closingRow is a legal entity around the end of a month.
type closingRow struct{ Text, Slips, Href string }

func (r reader) closing(c cases.Closing) closingRow {
	row := closingRow{
		Text: i18n.N(c.Holding, "Month end of {code} until {until}: {count} open case holds up the close.", "Month end of {code} until {until}: {count} open cases hold up the close.",
			"code", c.Code, "until", kit.FormatDateTime(c.Until, r.zone, r.lang), "count", r.count(c.Holding)),
		Href: "/?view=closing&q=" + url.QueryEscape("entity:"+c.Code),
	}
	if c.Slipping > 0 {
		row.Slips = i18n.N(c.Slipping, "{count} open case would slip past it", "{count} open cases would slip past it", "count", r.count(c.Slipping))
	}
	return row
}

func (r reader) breached(f reports.BoardFigures) kit.StatView {
	v := kit.StatView{Label: i18n.T("Breached"), Icon: "flame", Value: r.count(f.Breached), Href: "/?view=breached", Class: "bd-t", Zero: f.Breached == 0, Detail: i18n.T("no deadline missed")}
	if f.Breached > 0 {
		v.Tone, v.Detail = "bad", ""
		if f.Worst != nil {
			v.Detail = i18n.F("worst {sub}, {or_else}", "sub", kit.ClockText(f.Worst.DueAt.Sub(r.now)), "or_else", orElse(f.Worst.Customer, f.Worst.Number))
		}
	}
	return v
}

func (r reader) due15(f reports.BoardFigures) kit.StatView {
	v := kit.StatView{Label: i18n.T("Due in 15 min"), Icon: "alarm", Value: r.count(f.Due15), Href: dueWhere("due:<15m"), Class: "bd-t", Zero: f.Due15 == 0, Detail: i18n.T("nothing due yet")}
	if f.Next != nil {
		v.Detail = i18n.F("next {sub}, {or_else}", "sub", kit.ClockText(f.Next.DueAt.Sub(r.now)), "or_else", orElse(f.Next.Customer, f.Next.Number))
	}
	if f.Due15 > 0 {
		v.Tone = "due"
	}
	return v
}

func unassignedOf(f reports.BoardFigures) string {
	switch {
	case f.Due60 == 0:
		return i18n.T("nothing within the hour")
	case f.Due60Unassigned == 0:
		return i18n.T("all of them assigned")
	case f.Due60Unassigned == 1:
		return i18n.T("one of them unassigned")
	}
	return i18n.F("{due60_unassigned} of them unassigned", "due60_unassigned", f.Due60Unassigned)
}

func (r reader) oldest(f reports.BoardFigures) kit.StatView {
	v := kit.StatView{Label: i18n.T("Oldest unanswered"), Value: "–", Href: openCasesWhere(cases.SortAge, "is:unanswered"), Class: "bd-t", Zero: true, Detail: i18n.T("every customer has an answer")}
	if f.OldestUnanswered != nil {
		v.Value, v.Unit, v.Zero = kit.ClockText(r.now.Sub(*f.OldestUnanswered)), "h", false
		if r.now.Sub(*f.OldestUnanswered) >= 48*time.Hour {
			v.Unit = ""
		}
		v.Href, v.Detail = "/cases/"+f.OldestNumber, i18n.F("{oldest_number}, one of {count}", "oldest_number", f.OldestNumber, "count", r.count(f.Unanswered))
	}
	return v
}

func (r reader) unassigned(f reports.BoardFigures) kit.StatView {
	v := kit.StatView{Label: i18n.T("Unassigned"), Value: r.count(f.Unassigned), Href: openCasesWhere(cases.SortDue, "is:unassigned"), Class: "bd-t", Zero: f.Unassigned == 0, Detail: i18n.T("everything has an owner")}
	if f.OldestUnassigned != nil {
		v.Detail = i18n.F("oldest {sub}", "sub", kit.ClockText(r.now.Sub(*f.OldestUnassigned)))
	}
	return v
}

func (r reader) risk(f reports.BoardFigures, parts []reports.RiskPart) kit.StatView {
	v := kit.StatView{
		Label: i18n.T("Contested in open cases"), Value: r.number(money.Of(f.Risk, billing.AuthorityCurrency)), Unit: string(billing.AuthorityCurrency),
		Href: openCasesWhere(cases.SortRisk, "risk:>0"), Class: "bd-t wide", Zero: f.Risk.IsZero(), Detail: r.openCases(f.Open),
	}
	for _, p := range parts {
		if len(parts) > 1 || p.Currency != billing.AuthorityCurrency {
			v.Detail += " · " + r.number(money.Of(p.Amount, p.Currency)) + " " + string(p.Currency)
		}
	}
	return v
}

func (r reader) openCases(n int) string {
	if n == 1 {
		return i18n.T("1 open case")
	}
	return i18n.F("{count} open cases", "count", r.count(n))
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// dueRow is one case near its deadline.
type dueRow struct {
	reports.DueCase
	Clock     kit.ClockView
	ClockName string
	Priority  int
	May       bool
}

func (s *Screen) readNext(ctx context.Context, r reader, v *view) error {
	list, err := s.reports.NextToBreach(ctx, r.by, dueShown)
	if err != nil {
		return err
	}
	v.May = r.may
	for _, c := range list {
		v.Next = append(v.Next, r.due(c))
	}
	return nil
}

func (r reader) due(c reports.DueCase) dueRow {
	total := time.Duration(0)
	if c.ClockStartedAt != nil {
		total = c.NextDueAt.Sub(*c.ClockStartedAt)
	}
	row := dueRow{DueCase: c, ClockName: desk.ClockName(clock.Kind(c.NextClock)), May: r.may}
	if c.ClockPaused {
		row.Clock = kit.HaltedClock(c.NextDueAt.Sub(r.now), total, c.NextDueAt)
	} else {
		row.Clock = kit.RunningClock(c.NextDueAt.Sub(r.now), total, c.NextDueAt)
	}
	if len(c.Priority) == 2 {
		row.Priority = int(c.Priority[1] - '0')
	}
	return row
}

// noticeRow is an escalation that waits for the reader's word.
type noticeRow struct {
	ID       int64
	Text     string
	CaseHref string
	CaseText string
	At       time.Time
}

const noticesShown = 3

func (s *Screen) readNotices(ctx context.Context, r reader, v *view) error {
	list, err := s.cases.AskingNotices(ctx, r.by, noticesShown+1)
	if err != nil {
		return err
	}
	v.MoreNotices = len(list) > noticesShown
	for _, n := range list[:min(len(list), noticesShown)] {
		v.Notices = append(v.Notices, noticeRow{ID: n.ID, Text: r.say(n.Key, n.Params), At: n.CreatedAt, CaseText: n.Number, CaseHref: "/cases/" + n.Number})
	}
	return nil
}

// loadRow is one person's share, measured against the most loaded.
type loadRow struct {
	reports.AgentLoad
	Bar  []kit.BarPart
	Note string
	Over bool
	Href string
	Said string // the figure, for who does not see beside whom it stands
}

func (s *Screen) readLoad(ctx context.Context, r reader, v *view) error {
	w, err := r.work()
	if err != nil {
		return err
	}
	list, err := s.reports.Load(ctx, w, loadShown)
	if err != nil || len(list) == 0 {
		return err
	}
	most := max(1, list[0].Total())
	for _, l := range list {
		row := loadRow{AgentLoad: l, Over: l.Late > 0, Href: openCasesWhere(cases.SortDue, "assignee:"+l.Email), Said: l.Name + ": " + r.openCases(l.Total()), Bar: []kit.BarPart{{Percent: l.OnUs * 100 / most}, {Percent: l.Waiting * 100 / most, Tone: "qq"}}}
		switch {
		case l.Away:
			row.Note = i18n.T("away")
		case l.Late > 0:
			row.Note, row.Bar[0].Tone = i18n.F("{late} late", "late", l.Late), "due"
		}
		v.Load = append(v.Load, row)
	}
	return nil
}

// shareRow is one part of the waiting-on split.
type shareRow struct {
	on                string // whom it waits on, as cases say it
	Name, Class, Tone string
	Cases, Percent    int
	Href              string
}

func (s *Screen) readWaiting(_ context.Context, r reader, v *view) error {
	open, err := r.work()
	if err != nil {
		return err
	}
	counts, sum := open.WaitingSplit(), 0
	for _, n := range counts {
		sum += n
	}
	v.Open = sum
	for _, w := range []shareRow{
		{Name: i18n.T("Us"), Class: "c1"},
		{on: "customer", Name: i18n.T("Customer"), Class: "c6", Tone: "qq"},
		{on: "approver", Name: i18n.T("Approver"), Class: "c2", Tone: "soon"},
		{on: "upstream", Name: i18n.T("Upstream"), Class: "c3", Tone: "v3"},
		{on: "third_party", Name: i18n.T("Third party"), Class: "c4", Tone: "ok"},
		{on: "billing", Name: i18n.T("Billing"), Class: "c5", Tone: "out"},
	} {
		w.Href = openCasesWhere(cases.SortDue, "waiting:"+w.on)
		if w.on == "" {
			w.Href = openCasesWhere(cases.SortDue, "status:new,open")
		}
		w.Cases = counts[w.on]
		if sum > 0 && w.Cases > 0 {
			w.Percent = max(1, w.Cases*100/sum)
		}
		v.Waiting = append(v.Waiting, w)
	}
	return nil
}

// bandRow is the money in dispute of one stretch of time.
type bandRow struct {
	Name, Tone, Href string
	Percent          int
	Sum              string
}

func (s *Screen) readRisk(_ context.Context, r reader, v *view) error {
	w, err := r.work()
	if err != nil {
		return err
	}
	bands := w.RiskByDue()
	most, sum := decimal.Zero, decimal.Zero
	for _, b := range bands {
		most, sum = decimal.Max(most, b.Base), sum.Add(b.Base)
	}
	v.RiskSum = r.number(money.Of(sum, billing.AuthorityCurrency))
	for _, b := range bands {
		row := bandOf(b.Band)
		row.Href = r.bandHref(b.Band)
		row.Sum = r.number(money.Of(b.Base, billing.AuthorityCurrency))
		if b.Base.IsPositive() {
			row.Percent = max(1, int(b.Base.Mul(decimal.NewFromInt(100)).Div(most).IntPart()))
		}
		v.Risk = append(v.Risk, row)
	}
	return nil
}

func bandOf(band string) bandRow {
	switch band {
	case "breached":
		return bandRow{Name: i18n.T("Breached"), Tone: "bad"}
	case "hour":
		return bandRow{Name: i18n.T("60 min"), Tone: "due"}
	case "today":
		return bandRow{Name: i18n.T("Today"), Tone: "soon"}
	case "tomorrow":
		return bandRow{Name: i18n.T("Tomorrow")}
	case "later":
		return bandRow{Name: i18n.T("Later")}
	}
	return bandRow{Name: i18n.T("Paused"), Tone: "qq"}
}
