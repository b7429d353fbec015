package bookrules

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/internal/web"
	"makegood/ui/kit"
)

const budgetsPath = "/books/budgets"

type budgetsView struct {
	typed
	Month, Title, Before, After string
	Rows                        []budgetRow
	May                         bool
	Currency                    string
}

type budgetRow struct {
	ID, Team, Given, Pending, Left, Version string
	Amount, Shown                           string // for the field, and for readers
	Percent, PendingPercent                 int
	EachVersion, Repeats                    string
	Over, Set, Begins                       bool // Begins: what repeats begins this month
}

// Budgets shows what each team may give away in a month and what of it is used: GET /books/budgets?month=2026-05.
func (s *Screen) Budgets(c echo.Context) error { return s.budgets(c, http.StatusOK, typed{}) }

func (s *Screen) budgets(c echo.Context, status int, t typed) error {
	by, month := web.Actor(c), s.desk.Clock()
	if text := c.FormValue("month"); text != "" {
		var err error
		if month, err = time.Parse("2006-01", text); err != nil {
			return errs.InvalidField("month", "error.not_a_month", "text", text)
		}
	}
	month = time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, time.UTC)
	list, err := s.credits.Budgets(c.Request().Context(), month, by)
	if err != nil {
		return err
	}
	address := func(m time.Time) string { return budgetsPath + "?month=" + m.Format("2006-01") }
	v := budgetsView{
		typed: t, Month: month.Format("2006-01"), Title: kit.FormatMonth(month, s.desk.Lang(c)), May: access.May(by, access.ManageBudgets),
		Before: address(month.AddDate(0, -1, 0)), After: address(month.AddDate(0, 1, 0)), Currency: string(billing.AuthorityCurrency),
	}
	amount := func(d decimal.Decimal) string {
		return kit.FormatNumber(money.Of(d, billing.AuthorityCurrency), s.desk.Lang(c))
	}
	for _, b := range list {
		row := budgetRow{
			ID: strconv.FormatInt(b.TeamID, 10), Team: b.TeamName, Given: amount(b.Given), Pending: amount(b.Pending), Version: strconv.Itoa(b.Version),
			Over: b.Over(decimal.Zero), Set: b.Set, EachVersion: strconv.Itoa(b.EachVersion), Begins: b.Each != nil && b.EachFrom != nil,
		}
		switch {
		case b.EachFrom != nil:
			row.Repeats = i18n.F("Each month since {format}.", "format", kit.FormatMonth(*b.EachFrom, s.desk.Lang(c)))
		case b.Each != nil:
			row.Repeats = i18n.F("Each month from here on {amount}; this month its own.", "amount", amount(*b.Each))
		}
		if b.Set {
			row.Left, row.Shown = amount(b.Left()), amount(b.Amount)
			row.Amount = b.Amount.StringFixed(billing.AuthorityCurrency.Digits())
			row.Percent, row.PendingPercent = shareOf(b.Given, b.Amount), shareOf(b.Pending, b.Amount)
		}
		v.Rows = append(v.Rows, row)
	}
	return s.page(c, status, i18n.T("Concession budgets"), budgetsPage(v))
}

func shareOf(part, all decimal.Decimal) int {
	if !part.IsPositive() || !all.IsPositive() {
		return 0
	}
	return min(100, int(part.Shift(2).Div(all).Round(0).IntPart()))
}

// SetBudget sets a team's budget of a month, or of each month from it on: POST /books/budgets. Fields: team, month, amount, version, each
// (yes), each_version, do (ends: none from this month on).
func (s *Screen) SetBudget(c echo.Context) error {
	team, err := strconv.ParseInt(c.FormValue("team"), 10, 64)
	if err != nil {
		return credits.ErrNoTeam
	}
	in := credits.SetBudget{TeamID: team, By: web.Actor(c)}
	if in.Month, err = time.Parse("2006-01", c.FormValue("month")); err != nil {
		return errs.InvalidField("month", "error.not_a_month", "text", c.FormValue("month"))
	}
	version := "version"
	if in.Each, in.Ends = c.FormValue("each") == "yes", c.FormValue("do") == "ends"; in.Each || in.Ends {
		version = "each_version"
	}
	if in.Version, err = whole(c, version); err == nil && !in.Ends {
		in.Amount, err = number(c, "amount")
	}
	if err == nil {
		_, err = s.credits.SetBudget(c.Request().Context(), in)
	}
	return s.done(c, budgetsPath+"?month="+in.Month.Format("2006-01"), c.FormValue("team"), s.budgets, err)
}
