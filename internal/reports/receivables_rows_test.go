package reports_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/figures"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
	"makegood/internal/reports"
)

// rows reads every page of a set, a few rows at a time.
func (h *house) rows(s reports.Scope, f reports.FigureRows) []reports.FigureRow {
	h.t.Helper()
	var all []reports.FigureRow
	f.Limit = 7
	for range 200 {
		page, err := h.reports.FigureRows(h.t.Context(), s, f)
		h.must(err)
		if all = append(all, page.Rows...); page.Next == "" {
			return all
		}
		f.After = page.Next
	}
	h.t.Fatal("the pages never end")
	return nil
}

// tally is what rows add up to.
type tally struct {
	count, whole, late int
	amount, part       decimal.Decimal
	days, lates, hours []figures.Measure
}

func tallyOf(rows []reports.FigureRow) tally {
	t := tally{count: len(rows)}
	for _, r := range rows {
		t.amount, t.part = t.amount.Add(r.Amount), t.part.Add(r.Part)
		if r.Part.Equal(r.Amount) {
			t.whole++
		}
		if r.Days != nil {
			t.days = append(t.days, figures.Measure{Value: decimal.NewFromInt(int64(*r.Days)), Amount: r.Amount})
		}
		if r.Late != nil {
			t.lates = append(t.lates, figures.Measure{Value: decimal.NewFromInt(int64(*r.Late)), Amount: r.Amount})
			if *r.Late > 0 {
				t.late++
			}
		}
		if r.Seconds != nil {
			t.hours = append(t.hours, figures.Hours(time.Duration(*r.Seconds)*time.Second, r.Amount))
		}
	}
	return t
}

// recounted is a figure worked out from its rows alone; ok is false for the two that need the sales of further months.
func recounted(name figures.Name, days int, of func(reports.RowSet) tally) (figures.Figure, bool) {
	known := decimal.NewNullDecimal
	count := func(n int) decimal.Decimal { return decimal.NewFromInt(int64(n)) }
	standing := func() figures.Standing {
		open, sales := of(reports.OpenRows), of(reports.SalesRows)
		return figures.Standing{
			Receivable: open.amount, Current: open.part, Sales: sales.amount, Days: days, Months: (days + 15) / 30,
		}
	}
	switch name {
	case figures.Receivable:
		return known(of(reports.OpenRows).amount), true
	case figures.DisputedOpen:
		return known(of(reports.DisputedRows).part), true
	case figures.UnappliedCash:
		return known(of(reports.CashRows).amount), true
	case figures.UnappliedCredits:
		return known(of(reports.CreditRows).amount), true
	case figures.CreditSales:
		return known(of(reports.SalesRows).amount), true
	case figures.DaysSales:
		return standing().DSO(), true
	case figures.BestPossibleDays:
		return standing().BestPossible(), true
	case figures.AverageDelinquent:
		return standing().DelinquentDays(), true
	case figures.TurnoverRate:
		return standing().Turnover(), true
	case figures.CurrentShare:
		open := of(reports.OpenRows)
		return figures.Standing{Receivable: open.amount, Current: open.part}.CurrentShare(), true
	case figures.Effectiveness:
		st := standing()
		st.Opening = of(reports.OpeningRows).amount
		return st.Effectiveness(), true
	case figures.PaidInTermsCount:
		t := of(reports.TermsRows)
		return figures.Ratio(count(t.whole), count(t.count)), true
	case figures.PaidInTermsValue:
		t := of(reports.TermsRows)
		return figures.Ratio(t.part, t.amount), true
	case figures.BadDebt:
		off := of(reports.WrittenOffRows)
		return figures.BadDebtRatio(off.amount, off.part, of(reports.SalesRows).amount), true
	case figures.DaysToSettle:
		return figures.SpreadOf(of(reports.SettledRows).days).Mean, true
	case figures.DaysLate:
		return figures.SpreadOf(of(reports.SettledRows).lates).Mean, true
	case figures.LateShare:
		t := of(reports.SettledRows)
		return figures.Ratio(count(t.late), count(t.count)), true
	case figures.BillingCycle:
		return figures.SpreadOf(of(reports.CycleRows).days).Median, true
	case figures.InvoiceErrors:
		return figures.Ratio(count(of(reports.WrongRows).count), count(of(reports.IssuedRows).count)), true
	case figures.DisputeCount:
		return known(count(of(reports.DisputesRows).count)), true
	case figures.DisputeAmount:
		return known(of(reports.DisputesRows).amount), true
	case figures.DisputeRate:
		return figures.Ratio(of(reports.DisputesRows).amount, of(reports.SalesRows).amount), true
	case figures.DisputeTime:
		return figures.SpreadOf(of(reports.DecidedRows).hours).Median, true
	case figures.WinRate:
		t := of(reports.DecidedRows)
		return figures.Ratio(t.part, t.amount), true
	case figures.DisputeDays:
		return figures.Ratio(of(reports.DisputesOpenRows).amount.Mul(count(days)), of(reports.DisputesRows).amount), true
	case figures.Credits:
		return known(of(reports.MemoRows).amount), true
	case figures.Corrections:
		return figures.PerThousand(of(reports.CorrectionRows).count, of(reports.IssuedRows).count), true
	case figures.CountBackDays, figures.TrueDays, figures.ConcessionBudget, figures.Aging:
	}
	return figures.Figure{}, false
}

// Whatever the scope, the rows of all pages give the figure that opens them.
func TestEveryFigureIsItsRows(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.live(21)
	invoices, err := db.List[billing.Invoice](t.Context(), h.db, `select * from invoices where issued_on between '2026-03-01' and '2026-05-01' order by id limit 12`)
	h.must(err)
	for n, i := range invoices {
		opened := i.IssuedOn.AddDate(0, 0, 5)
		status, decided := "under_review", ""
		if n%3 > 0 {
			status, decided = []string{"rejected", "partly_accepted"}[n%2], opened.AddDate(0, 0, n).Format(time.DateOnly)+"T15:30Z"
		}
		accepted := "0"
		if status == "partly_accepted" {
			accepted = "7"
		}
		h.disputeLine(i, fmt.Sprint(20+n), accepted, status, opened.Format(time.DateOnly), decided)
	}
	figured, empty := 0, map[figures.Name]bool{}
	for _, s := range []reports.Scope{
		{On: day("2026-06-30")}, {On: day("2026-05-15"), Base: true}, {On: day("2026-05-15"), Basis: reports.KnownThen}, {On: day("2026-04-20"), Entity: "DE", Currency: "USD"},
	} {
		s.By = controller()
		got, err := h.reports.KPIs(t.Context(), s, 60)
		h.must(err)
		for _, section := range got.Sections {
			of := func(figure figures.Name) func(reports.RowSet) tally {
				return func(set reports.RowSet) tally {
					return tallyOf(h.rows(s, reports.FigureRows{Figure: figure, Set: set, Days: 60, Section: section.Currency}))
				}
			}
			for _, v := range section.Now.Values() {
				want, ok := recounted(v.Name, 60, of(v.Name))
				if !ok {
					continue
				}
				if want.Valid != v.Value.Valid || !want.Decimal.Equal(v.Value.Decimal) {
					t.Errorf("%s %s on %s, base %v, %s: figure %v, its rows give %v", v.Name, section.Currency, s.On.Format(time.DateOnly), s.Base, s.Basis, v.Value, want)
				}
				if figured++; want.Valid && !want.Decimal.IsZero() {
					empty[v.Name] = true
				}
			}
		}
	}
	for _, def := range figures.Definitions() {
		if _, ok := recounted(def.Name, 60, func(reports.RowSet) tally { return tally{} }); ok && !empty[def.Name] {
			t.Errorf("%s was nothing everywhere: the history proves nothing of it", def.Name)
		}
	}
	if figured < 150 {
		t.Errorf("%d figures looked at", figured)
	}
}

// Each figure has rows to open, and every part of a credit table is the rows behind it.
func TestCreditsOpenByTheirWays(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for _, def := range figures.Definitions() {
		if len(reports.SetsOf(def.Name)) == 0 {
			t.Errorf("%s opens nothing", def.Name)
		}
	}
	h.live(22)
	s := reports.Scope{By: controller(), On: day("2026-06-30")}
	got, err := h.reports.KPIs(t.Context(), s, 120)
	h.must(err)
	for _, section := range got.Sections {
		for by, groups := range map[reports.Tagged][]figures.CreditGroup{
			reports.ByKind: section.Now.Credits.Kind, reports.ByReason: section.Now.Credits.Reason, reports.ByApprover: section.Now.Credits.Approver,
			reports.ByRootCause: section.Now.Credits.Cause,
		} {
			for _, g := range groups {
				rows := tallyOf(h.rows(s, reports.FigureRows{Figure: figures.Credits, Days: 120, Section: section.Currency, By: by, Tag: &g.By}))
				if rows.count != g.Count || !rows.amount.Equal(g.Amount) {
					t.Errorf("%s %s %q: %d of %s, its rows %d of %s", section.Currency, by, g.By, g.Count, g.Amount, rows.count, rows.amount)
				}
			}
		}
	}
	for _, wrong := range []reports.FigureRows{
		{Figure: "luck"}, {Figure: figures.Credits, Set: reports.SalesRows}, {Figure: figures.Credits, After: "yesterday"}, {Figure: figures.Credits, After: "2026-01-01~credit_memo~1.5"},
	} {
		if _, err := h.reports.FigureRows(t.Context(), s, wrong); errs.KindOf(err) != errs.Invalid && errs.KindOf(err) != errs.NotFound {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	s.By = access.Actor{Kind: access.Person, UserID: 3, Roles: []access.Role{access.Agent}}
	if _, err := h.reports.FigureRows(t.Context(), s, reports.FigureRows{Figure: figures.Credits}); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("an agent reads rows: %v", err)
	}
}

// A team has 1,000 for March and 500 for April; 220 and 110 were given with tax, one of them taken back since.
func TestTheConcessionBudgetUsed(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.at("2026-03-10")
	i := h.issue(h.customers[0], "5000", "2026-03-02")
	h.must(h.db.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `with t as (insert into teams (name) values ('EMEA') returning id)
			insert into concession_budgets (team_id, month, amount, set_at, set_by) select t.id, m::date, a, now(), 1 from t, (values ('2026-03-01', 1000), ('2026-04-01', 500)) as b(m, a)`)
		return err
	}))
	give := func(net string) billing.Posted {
		posted := h.credit(i, billing.Concession, net)
		h.must(h.db.Do(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `with r as (update credit_requests r set document_kind = 'credit_memo', document_id = m.id
					from credit_memos m where m.id = $1 and r.id = m.credit_request_id returning r.id, m.total)
				insert into concession_budget_uses (credit_request_id, team_id, month, amount)
				select r.id, t.id, date_trunc('month', $2::date)::date, r.total from r, teams t`, posted.Document.ID, h.clock.Now())
			return err
		}))
		return posted
	}
	give("200")
	h.at("2026-04-05")
	second := give("100")
	used := func(on string) string {
		s := reports.Scope{By: controller(), On: day(on)}
		got, err := h.reports.KPIs(t.Context(), s, 90)
		h.must(err)
		at := slices.IndexFunc(got.Sections, func(s reports.KPISection) bool { return s.Currency == money.Currency("EUR") })
		if at < 0 {
			return "none"
		}
		now := got.Sections[at].Now
		if rows := tallyOf(h.rows(s, reports.FigureRows{Figure: figures.ConcessionBudget, Days: 90})); !rows.amount.Equal(now.BudgetGiven) {
			t.Errorf("%s: given %s, its rows %s", on, now.BudgetGiven, rows.amount)
		}
		values := now.Values()
		v := values[slices.IndexFunc(values, func(v reports.Value) bool { return v.Name == figures.ConcessionBudget })].Value
		if !v.Valid {
			return "none"
		}
		return v.Decimal.String()
	}
	for on, want := range map[string]string{"2026-02-20": "none", "2026-03-31": "0.22", "2026-04-04": "0.1467", "2026-04-30": "0.22"} {
		if got := used(on); got != want {
			t.Errorf("used on %s: %s, want %s", on, got, want)
		}
	}
	h.at("2026-05-02")
	h.adjust(billing.AdjustmentInput{Kind: billing.Reverse, ReasonCode: "overcharge", Reverses: second.Document})
	if got := used("2026-05-05"); got != "0.1467" {
		t.Errorf("after one was taken back: %s", got)
	}
}
