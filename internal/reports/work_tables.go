package reports

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/figures"
	"makegood/internal/sheet"
)

// hours are seconds as hours with two decimals; blank where there are none.
func hours(seconds *int64) sheet.Cell {
	if seconds == nil {
		return sheet.Cell{}
	}
	return sheet.Amount(decimal.NewFromInt(*seconds).DivRound(decimal.NewFromInt(3600), 2), 2)
}

func moment(at time.Time) sheet.Cell { return sheet.Words(at.UTC().Format("2006-01-02 15:04:05")) }

// scorePlaces are the decimals of a mean score.
const scorePlaces = 2

// groupHeading are the columns of a group, after what it is.
func groupHeading(heading ...string) []string {
	return append(heading, "Count", "Count before", "Median hours", "Median hours before", "90 % within hours", "90 % within hours before", "Good", "Good before",
		"Share good", "Share good before", "Hours in all", "Amount", "Amount before", "Mean score", "Mean score before")
}

func (p GroupPair) cells() []sheet.Cell {
	now, before := p.Now, p.Before
	share := func(g Group) sheet.Cell { return sheet.Perhaps(g.Share(), figures.Places) }
	places := billing.AuthorityCurrency.Digits()
	return []sheet.Cell{
		sheet.Count(now.Count), sheet.Count(before.Count), hours(now.Median), hours(before.Median), hours(now.P90), hours(before.P90),
		sheet.Count(now.Good), sheet.Count(before.Good), share(now), share(before), hours(&now.Total), sheet.Amount(now.Amount, places), sheet.Amount(before.Amount, places),
		sheet.Perhaps(now.Mean, scorePlaces), sheet.Perhaps(before.Mean, scorePlaces),
	}
}

// OverviewTable is every fact, one line each. Durations are hours; amounts are in the authority's currency.
func OverviewTable(list []FactReport) sheet.Table {
	t := sheet.Table{Name: "Cases", Heading: groupHeading("From", "To", "What")}
	for _, r := range list {
		t.Rows = append(t.Rows, append([]sheet.Cell{sheet.Day(r.From), sheet.Day(r.On), sheet.Words(r.Fact.words())}, r.All.cells()...))
	}
	return t
}

func (f Fact) words() string { return strings.ReplaceAll(string(f), "_", " ") }

// Table is a fact by one way, one line a group.
func (r FactReport) Table() sheet.Table {
	t := sheet.Table{Name: r.Fact.words(), Heading: groupHeading("From", "To", "What", "By", "Group", "Name")}
	for _, g := range r.Groups {
		key, name := g.Now.Key, g.Now.Name
		t.Rows = append(t.Rows, append([]sheet.Cell{
			sheet.Day(r.From), sheet.Day(r.On), sheet.Words(r.Fact.words()), sheet.Words(string(r.Way)), sheet.Words(key), sheet.Words(name),
		}, g.cells()...))
	}
	return t
}

// WorkRowsTable is what a report counts, one line each.
func WorkRowsTable(f Fact, rows []WorkRow) sheet.Table {
	t := sheet.Table{Name: f.words(), Heading: []string{
		"At (UTC)", "Number", "Case", "Subject", "Status", "Customer", "Account", "Entity", "Person", "Team", "Priority", "Part", "Hours", "Good", "Amount", "Score", "Said",
	}}
	for _, r := range rows {
		good := ""
		if r.Good != nil {
			good = map[bool]string{true: "yes", false: "no"}[*r.Good]
		}
		t.Rows = append(t.Rows, []sheet.Cell{
			moment(r.At), sheet.Words(r.Number), sheet.Words(r.CaseNumber), sheet.Words(r.Subject), sheet.Words(r.Status), sheet.Words(r.Customer), sheet.Words(r.Account),
			sheet.Words(r.Entity), sheet.Words(r.Agent), sheet.Words(r.Team), sheet.Words(r.Priority), sheet.Words(r.Part), hours(r.Seconds), sheet.Words(good),
			sheet.Amount(r.Amount, billing.AuthorityCurrency.Digits()),
			sheet.Perhaps(r.Score, scorePlaces), sheet.Words(r.Note),
		})
	}
	return t
}

// CausesTable is the root causes, one line each.
func CausesTable(list []CauseReport) sheet.Table {
	places := billing.AuthorityCurrency.Digits()
	t := sheet.Table{Name: "Root causes", Heading: []string{"Code", "Root cause", "Owner", "Cases", "Cases before", "Credits", "Credits before", "Credited", "Credited before"}}
	for _, c := range list {
		t.Rows = append(t.Rows, []sheet.Cell{
			sheet.Words(c.Code), sheet.Words(c.Name), sheet.Words(c.Owner), sheet.Count(c.Cases.Now.Count), sheet.Count(c.Cases.Before.Count), sheet.Count(c.Credits.Now.Count),
			sheet.Count(c.Credits.Before.Count), sheet.Amount(c.Credits.Now.Amount, places), sheet.Amount(c.Credits.Before.Amount, places),
		})
	}
	return t
}
