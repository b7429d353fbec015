package reports_test

import (
	"fmt"
	"testing"
	"time"

	"makegood/billing"
	"makegood/billing/figures"
	"makegood/internal/reports"
)

// apart is the house with its first legal entity in Auckland (UTC+12 in June) and its second in Honolulu (UTC-10).
func apart(t *testing.T) *house {
	t.Helper()
	h := setup(t)
	for i, zone := range []string{"Pacific/Auckland", "Pacific/Honolulu"} {
		_, err := h.db.Pool().Exec(t.Context(), `update legal_entities set time_zone = $2 where id = $1`, h.entities[i].ID, zone)
		h.must(err)
	}
	return h
}

// moment moves the clock to a moment of June by UTC.
func (h *house) moment(text string) {
	h.t.Helper()
	at, err := time.Parse("2 15:04", text)
	h.must(err)
	h.clock.Set(time.Date(2026, 6, at.Day(), at.Hour(), at.Minute(), 0, 0, time.UTC))
}

// aging is the aging of an entity, by its day, ranges and dispute: "2026-06-16 110 not due" and so on.
func (h *house) aging(s reports.Scope) string {
	h.t.Helper()
	s.By = controller()
	a, err := h.reports.Aging(h.t.Context(), s, nil)
	h.must(err)
	text := a.On.Format(time.DateOnly)
	for _, section := range a.Sections {
		for _, part := range section.Owed {
			if part.Open.IsPositive() {
				text += fmt.Sprint(" ", part.Open, " in ", part.Bucket)
			}
		}
		if section.Receivable.Disputed.IsPositive() {
			text += fmt.Sprint(" disputed ", section.Receivable.Disputed)
		}
	}
	return text
}

func TestTodayIsThatOfTheLegalEntity(t *testing.T) {
	t.Parallel()
	h := apart(t)
	for _, c := range []struct{ at, want string }{
		{"15 09:30", "DE 2026-06-15 JP 2026-06-14 both 2026-06-15"},
		{"15 10:30", "DE 2026-06-15 JP 2026-06-15 both 2026-06-15"},
		{"15 11:30", "DE 2026-06-15 JP 2026-06-15 both 2026-06-15"},
		{"15 12:30", "DE 2026-06-16 JP 2026-06-15 both 2026-06-16"},
	} {
		h.moment(c.at)
		told := ""
		for _, code := range []string{"DE", "JP", ""} {
			on, err := h.reports.Today(t.Context(), controller(), code)
			h.must(err)
			name := code
			if code == "" {
				name = "both"
			}
			told += " " + name + " " + on.Format(time.DateOnly)
		}
		if told != " "+c.want {
			t.Errorf("%s: %s", c.at, told)
		}
	}
	by := controller()
	by.EntityIDs = []int64{int64(h.entities[1].ID)}
	h.moment("15 12:30")
	if on, err := h.reports.Today(t.Context(), by, ""); err != nil || !on.Equal(day("2026-06-15")) {
		t.Errorf("of whom only the second is: %s, %v", on, err)
	}
}

func TestFiguresTurnAtMidnightOfTheLegalEntity(t *testing.T) {
	t.Parallel()
	h := apart(t)
	h.moment("14 00:00")
	h.issue(h.customers[0], "100", "2026-05-16") // due on 15 June in Auckland
	h.issue(h.customers[3], "1000", "2026-05-16")
	for _, c := range []struct{ at, want string }{
		{"15 11:30", "2026-06-15 110 in not-due / 2026-06-15 1100 in not-due"},
		{"15 12:30", "2026-06-16 110 in 1-30 / 2026-06-15 1100 in not-due"},
		{"16 09:30", "2026-06-16 110 in 1-30 / 2026-06-15 1100 in not-due"},
		{"16 10:30", "2026-06-16 110 in 1-30 / 2026-06-16 1100 in 1-30"},
	} {
		h.moment(c.at)
		if got := h.aging(reports.Scope{Entity: "DE"}) + " / " + h.aging(reports.Scope{Entity: "JP"}); got != c.want {
			t.Errorf("%s: %s, want %s", c.at, got, c.want)
		}
	}
}

func TestWhatWasKnownOfADayIsByTheLegalEntitysMidnight(t *testing.T) {
	t.Parallel()
	h := apart(t)
	h.moment("15 12:30") // the 16th in Auckland
	h.issue(h.customers[0], "100", "2026-06-10")
	h.moment("16 08:00") // the 15th in Honolulu
	bill := h.issue(h.customers[3], "1000", "2026-06-10")
	dispute := h.dispute(bill, "300")
	for _, c := range []struct{ entity, on, want string }{
		{"DE", "2026-06-15", "2026-06-15"},
		{"DE", "2026-06-16", "2026-06-16 110 in not-due"},
		{"JP", "2026-06-14", "2026-06-14"},
		{"JP", "2026-06-15", "2026-06-15 1100 in not-due disputed 300"},
	} {
		if got := h.aging(reports.Scope{Entity: c.entity, On: day(c.on), Basis: reports.KnownThen}); got != c.want {
			t.Errorf("%s: %s, want %s", c.entity, got, c.want)
		}
		at, err := h.reports.KPIs(t.Context(), reports.Scope{By: controller(), Entity: c.entity, On: day(c.on), Basis: reports.KnownThen}, 30)
		h.must(err)
		rows, err := h.reports.FigureRows(t.Context(), reports.Scope{By: controller(), Entity: c.entity, On: day(c.on), Basis: reports.KnownThen}, reports.FigureRows{Figure: figures.CreditSales})
		h.must(err)
		if want := c.want != c.on; len(at.Sections) > 0 != want || len(rows.Rows) > 0 != want {
			t.Errorf("%s on %s: %d sections, %d sales", c.entity, c.on, len(at.Sections), len(rows.Rows))
		}
	}
	h.moment("16 09:30")
	h.release(dispute)
	h.moment("16 10:30")
	h.dispute(bill, "200")
	if got := h.aging(reports.Scope{Entity: "JP", On: day("2026-06-15")}); got != "2026-06-15 1100 in not-due" {
		t.Errorf("released in the evening, disputed anew on the next day: %s", got)
	}
	if got := h.aging(reports.Scope{Entity: "JP"}); got != "2026-06-16 1100 in not-due disputed 200" {
		t.Errorf("on the next day: %s", got)
	}
}

func TestCustomersAreOverdueByTheirLegalEntitysDay(t *testing.T) {
	t.Parallel()
	h := apart(t)
	h.moment("14 00:00")
	h.issue(h.customers[0], "100", "2026-05-16")
	h.issue(h.customers[3], "1000", "2026-05-16")
	books := reports.New(h.db).Books(h.billing, nil)
	for _, c := range []struct{ at, want string }{
		{"15 11:30", "C-1 0 2026-06-15 C-4 0 2026-06-15 []"},
		{"15 12:30", "C-1 110 2026-06-16 C-4 0 2026-06-15 [C-1]"},
		{"16 09:30", "C-1 110 2026-06-16 C-4 0 2026-06-15 [C-1]"},
		{"16 10:30", "C-1 110 2026-06-16 C-4 1100 2026-06-16 [C-4 C-1]"},
	} {
		h.moment(c.at)
		page, err := books.Customers(t.Context(), reports.CustomerFilter{}, controller())
		h.must(err)
		told := ""
		for _, row := range page.Rows {
			if row.Account == "C-1" || row.Account == "C-4" {
				on, err := books.Today(t.Context(), row.Account, controller())
				h.must(err)
				told += fmt.Sprint(row.Account, " ", row.Overdue, " ", on.Format(time.DateOnly), " ")
			}
		}
		late, err := h.billing.Invoices(t.Context(), billing.InvoiceFilter{Overdue: true})
		h.must(err)
		accounts := []string{}
		for _, i := range late.Rows {
			accounts = append(accounts, i.Account)
		}
		if told += fmt.Sprint(accounts); told != c.want {
			t.Errorf("%s: %s, want %s", c.at, told, c.want)
		}
	}
}

func TestABlockKeepsBackUntilItsDayIsOverAtTheLegalEntity(t *testing.T) {
	t.Parallel()
	h := apart(t)
	h.moment("14 12:30")
	for _, owing := range []billing.Customer{h.customers[0], h.customers[3]} {
		_, err := h.billing.BlockDunning(t.Context(), billing.NewBlock{By: controller(), CustomerID: owing.ID, Until: day("2026-06-15"), Reason: "agreed"})
		h.must(err)
	}
	for _, c := range []struct {
		at   string
		want int
	}{{"15 11:30", 2}, {"15 12:30", 1}, {"16 09:30", 1}, {"16 10:30", 0}} {
		h.moment(c.at)
		page, err := h.billing.Blocks(t.Context(), billing.BlockQuery{Active: true, By: controller()})
		h.must(err)
		if len(page.Rows) != c.want {
			t.Errorf("%s: %d blocks, want %d", c.at, len(page.Rows), c.want)
		}
	}
}
