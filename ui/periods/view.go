package periods

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/reports"
	"makegood/ui/kit"
)

type command func(ctx context.Context, in billing.PeriodMove) (billing.Period, error)

// pageView is the grid with the month picked in it.
type pageView struct {
	Entities []entityView
	Months   []monthView // the newest first
	File     *fileView
	All      bool
}

type entityView struct{ Code, Name string }

type monthView struct {
	Name  string
	Cells []cellView // one for each entity
}

type cellView struct {
	Tag     kit.TagView
	Label   string // for those who do not see the grid
	Current bool
}

// fileView is one month of one entity with everything to be known and done.
type fileView struct {
	Title, Entity, Base      string
	Tag                      kit.TagView
	Version                  string
	Since                    string
	Why                      string
	Blocking                 int
	Checks                   []checkView
	Steps                    []stepView
	Asked                    *askedView
	IsOver                   bool
	MaySoftClose, MayClose   bool
	MayAsk, MayConfirm       bool
	Refusal                  string
	Reason, ReasonError      string
	Open, SoftClosed, Closed bool
	AllHref                  string
}

type askedView struct{ Who, When, Reason, Why string }

type checkView struct {
	Kind, Title, Slips string
	Tone, Icon         string
	Count              int
	Sums               []string
	Rows               []reports.CheckRow
	More               int
	Open               bool
}

type stepView struct{ When, Who, What, Why string }

func version(c echo.Context) (int, error) {
	text := c.FormValue("version")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, errs.InvalidField("version", "error.not_a_number")
	}
	return n, nil
}

func (r reader) entities(rows []billing.EntityPeriods) []entityView {
	list := make([]entityView, len(rows))
	for i, row := range rows {
		list[i] = entityView{row.Entity.Code, row.Entity.Name}
	}
	return list
}

func (r reader) months(rows []billing.EntityPeriods, entity string, picked time.Time) []monthView {
	n := len(rows[0].Periods)
	list := make([]monthView, n)
	for i := range list {
		list[i].Name = kit.FormatMonth(rows[0].Periods[n-1-i].Month, r.lang)
		for _, row := range rows {
			p := row.Periods[n-1-i]
			tag := tagOf(p)
			tag.Href = address(row.Entity.Code, p.Month)
			list[i].Cells = append(list[i].Cells, cellView{
				Tag: tag, Label: list[i].Name + ", " + row.Entity.Code + ": " + tag.Text, Current: row.Entity.Code == entity && p.Month.Equal(firstOf(picked)),
			})
		}
	}
	return list
}

func firstOf(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// tagOf is a period's state: never by colour alone.
func tagOf(p billing.Period) kit.TagView {
	switch {
	case p.Reopening != nil:
		return kit.TagView{Text: i18n.T("Reopening asked"), Tone: "due", Icon: "lock-open"}
	case p.State == billing.PeriodClosed:
		return kit.TagView{Text: i18n.T("Closed"), Icon: "lock"}
	case p.State == billing.PeriodSoftClosed:
		return kit.TagView{Text: i18n.T("Soft-closed"), Tone: "soon", Icon: "player-pause"}
	case p.Reopened:
		return kit.TagView{Text: i18n.T("Reopened"), Tone: "hold", Icon: "lock-open"}
	}
	return kit.TagView{Text: i18n.In("period", "Open"), Tone: "line", Icon: "circle"}
}

func (r reader) file(list reports.Checklist, steps []billing.PeriodStep) *fileView {
	p := list.Period
	v := &fileView{
		Title: kit.FormatMonth(p.Month, r.lang), Entity: list.Entity.Name, Tag: tagOf(p), Base: "/books/periods/" + list.Entity.Code + "/" + p.Month.Format("2006-01"),
		Version: strconv.Itoa(p.Version), Why: p.Reason, Blocking: list.Blocking(), AllHref: address(list.Entity.Code, p.Month) + "&all=1",
		IsOver: !list.Entity.Day(r.now).Before(p.Month.AddDate(0, 1, 0)),
		Open:   p.State == billing.PeriodOpen, SoftClosed: p.State == billing.PeriodSoftClosed, Closed: p.State == billing.PeriodClosed,
	}
	manages := access.May(r.by, access.ManagePeriods)
	v.MaySoftClose, v.MayClose, v.MayAsk = manages && v.Open && v.IsOver, manages && v.SoftClosed, manages && v.Closed && p.Reopening == nil
	if p.Version > 0 {
		v.Since = p.ChangedByName + ", " + r.when(p.ChangedAt)
	}
	if a := p.Reopening; a != nil {
		v.Asked = &askedView{Who: a.RequestedByName, When: r.when(a.RequestedAt), Reason: a.Reason}
		switch {
		case a.RequestedBy == r.by.UserID:
			v.Asked.Why = i18n.T("You asked, so somebody else has to confirm it.")
		case !access.May(r.by, access.ConfirmReopen):
			v.Asked.Why = i18n.T("A controller or a director has to confirm it.")
		default:
			v.MayConfirm = true
		}
	}
	for _, c := range list.Checks {
		v.Checks = append(v.Checks, r.check(c))
	}
	for _, s := range steps {
		v.Steps = append(v.Steps, r.step(s))
	}
	return v
}

func (r reader) check(c reports.Check) checkView {
	title, slips := words(c.Kind)
	v := checkView{Kind: string(c.Kind), Title: title, Slips: slips, Count: c.Count, Rows: c.Rows, More: c.More(), Tone: "info", Icon: "info-circle", Open: c.Blocking}
	switch {
	case c.Blocking:
		v.Tone, v.Icon = "bad", "hand-stop"
	case c.Count == 0:
		v.Tone, v.Icon = "ok", "circle-check"
	}
	if c.Kind == reports.CheckEarlierOpen { // what it has to tell is the state of a month
		v.Rows = slices.Clone(c.Rows)
		for n, row := range v.Rows {
			v.Rows[n].Detail = tagOf(billing.Period{State: billing.PeriodState(row.Detail)}).Text
		}
	}
	for _, sum := range c.Sums {
		v.Sums = append(v.Sums, kit.FormatMoney(sum, r.lang))
	}
	return v
}

func (r reader) step(s billing.PeriodStep) stepView {
	v := stepView{When: r.when(s.ChangedAt), Who: s.ChangedByName, Why: s.Reason}
	switch {
	case s.RequestedBy != 0:
		v.What, v.Who = i18n.T("Reopened"), i18n.F("{requested_by_name} and {changed_by_name}", "requested_by_name", s.RequestedByName, "changed_by_name", s.ChangedByName)
	case s.ToState == billing.PeriodSoftClosed:
		v.What = i18n.T("Soft-closed")
	case s.ToState == billing.PeriodClosed:
		v.What = i18n.T("Closed")
	default:
		v.What = i18n.T("Soft close lifted")
	}
	return v
}

// words is what a point is called, and what a close would mean for it.
func words(kind reports.CheckKind) (title, slips string) {
	switch kind {
	case reports.CheckEarlierOpen:
		return i18n.T("Earlier months not closed"), i18n.T("Entries could still enter before this month; its opening figures would move.")
	case reports.CheckUnposted:
		return i18n.T("Credits approved, not posted"), i18n.T("They would be booked on the first open day after this month.")
	case reports.CheckPending:
		return i18n.T("Credit requests waiting for a decision"), i18n.T("If they are approved later, they are booked in a later month.")
	case reports.CheckDisputes:
		return i18n.T("Disputes open on invoices of the month"), i18n.T("What is conceded later lowers a later month's revenue.")
	case reports.CheckHolds:
		return i18n.T("Holds on invoices of the month"), i18n.T("The amounts stay out of collection; the close changes nothing of that.")
	case reports.CheckUnapplied:
		return i18n.T("Cash and credits not applied"), i18n.T("They stay on the customers’ accounts at the end of the month.")
	case reports.CheckNumberGaps:
		return i18n.T("Gaps in document numbers"), i18n.T("A number given and never used has to be explained before the books are closed.")
	case reports.CheckDifferences:
		return i18n.T("Ledger and open items disagree"), i18n.T("The balance that would be closed is not the sum of what is owed.")
	case reports.CheckReconciliation:
		return i18n.T("Differences with other systems"), i18n.T("A correction made after the close is booked in a later month; the other system keeps it in this one.")
	case reports.CheckInvoiceDocument:
		return i18n.T("Debit memos and rebills without a stored document"), i18n.T("What was charged is posted; the customer has no paper of it yet.")
	case reports.CheckMemoDocument:
		return i18n.T("Credit memos without a stored document"), i18n.T("The memo is posted; its PDF is made when it is next asked for.")
	case reports.CheckElsewhere:
		return i18n.T("Credit memos not issued elsewhere"), i18n.T("They are in these books; the other system where the invoices live has them not, or otherwise.")
	}
	return strings.ReplaceAll(string(kind), "_", " "), ""
}

func count(n int) string { return strconv.Itoa(n) }

func day(ctx context.Context, t time.Time) string {
	return kit.FormatDate(t, time.UTC, kit.LocaleOf(ctx).Lang)
}
