package cases_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"makegood/cases"
	"makegood/internal/db"
)

// crowd fills the queue with cases of every status, many of them alike in what they are sorted by.
func (k *desk) crowd(n int) {
	k.t.Helper()
	k.do(func(tx *db.Tx) error {
		_, err := tx.Exec(k.t.Context(), `insert into cases (type, subject, status, waiting_on, priority, customer_id, entity_id, assignee_id, risk_base,
				disputed, disputed_currency, next_due_at, breached, opened_at, resolved_at)
			select 'dispute', 'Case ' || i, s, case when s = 'waiting' then 'customer' else '' end, 'P3', case when i % 11 > 0 then $2::bigint end, $3, case when i % 3 = 0 then $4::bigint end,
				i % 4 * 100, i % 4 * 100, 'EUR', case when i % 5 > 0 then $5::timestamptz + (i % 7) * interval '20 minutes' end, i % 5 = 1,
				$5::timestamptz - (i % 6) * interval '1 day', case when s in ('resolved', 'closed') then $5::timestamptz - (i % 2) * interval '1 hour' end
			from (select i, (array['new', 'open', 'waiting', 'resolved', 'closed'])[1 + i % 5] as s from generate_series(1, $1::int) i) x`,
			n, k.customer, k.entity, k.agent.UserID, k.clock.Now())
		return err
	})
}

func TestQueuePages(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.crowd(90)
	_, err := k.db.Pool().Exec(t.Context(), `update cases set follow_up_at = $1::timestamptz + (id % 2) * interval '1 hour', follow_up_due = id % 3 = 0
		where id % 7 < 2 and status in ('new', 'open', 'waiting')`, k.clock.Now())
	k.must(err)
	_, err = k.db.Pool().Exec(t.Context(), `insert into case_watchers (case_id, user_id, since) select id, $1, $2 from cases where id % 4 = 1`, k.agent.UserID, k.clock.Now())
	k.must(err)
	_, err = k.db.Pool().Exec(t.Context(), `update cases set assignee_id = $1 where id % 7 = 1`, k.second.UserID)
	k.must(err)
	k.absent(k.second, 0, 0)
	for _, view := range append(cases.Views(), cases.ViewAll) {
		for _, sort := range []cases.Sort{"", cases.SortDue, cases.SortAge, cases.SortRisk, cases.SortNewest} {
			if (view == cases.ViewAll || view == cases.ViewResolved) && (sort == cases.SortDue || sort == cases.SortRisk) {
				continue // of all there ever was nothing is kept in this order
			}
			t.Run(fmt.Sprintf("%s by %s holds every case once", view, sort), func(t *testing.T) {
				f := cases.Filter{View: view, Sort: sort, Limit: 200}
				whole, err := k.cases.Queue(t.Context(), f, k.agent)
				k.must(err)
				f.Limit = 7
				var paged []cases.QueueRow
				for {
					page, err := k.cases.Queue(t.Context(), f, k.agent)
					k.must(err)
					paged = append(paged, page.Rows...)
					if page.Next == "" {
						break
					}
					f.After = page.Next
				}
				if len(paged) != len(whole.Rows) {
					t.Fatalf("%d rows in pages, %d in one", len(paged), len(whole.Rows))
				}
				for n := range paged {
					if paged[n].ID != whole.Rows[n].ID {
						t.Fatalf("row %d is %s, in one page %s", n, paged[n].Number, whole.Rows[n].Number)
					}
				}
			})
		}
	}
	t.Run("counts are those of the views", func(t *testing.T) {
		counts, err := k.cases.Counts(t.Context(), k.agent)
		k.must(err)
		for _, view := range cases.Views() {
			page, err := k.cases.Queue(t.Context(), cases.Filter{View: view, Limit: 200}, k.agent)
			k.must(err)
			if counts[view] != len(page.Rows) || len(page.Rows) == 0 && view != cases.ViewWaitingApprover && view != cases.ViewClosing {
				t.Errorf("%s: %d counted, %d listed", view, counts[view], len(page.Rows))
			}
		}
	})
	t.Run("sorted by deadline, the tightest is first and those without come last", func(t *testing.T) {
		page, err := k.cases.Queue(t.Context(), cases.Filter{View: cases.ViewAllOpen, Limit: 200}, k.agent)
		k.must(err)
		var last *time.Time
		rows := slices.DeleteFunc(page.Rows, func(row cases.QueueRow) bool { return row.FollowUpDue }) // they come before
		for n, row := range rows {
			if n > 0 && (last == nil && row.NextDueAt != nil || last != nil && row.NextDueAt != nil && row.NextDueAt.Before(*last)) {
				t.Fatalf("row %d out of order", n)
			}
			last = row.NextDueAt
		}
	})
	t.Run("a row carries names", func(t *testing.T) {
		page, err := k.cases.Queue(t.Context(), cases.Filter{View: cases.ViewMine, Limit: 1}, k.agent)
		k.must(err)
		if row := page.Rows[0]; row.AssigneeName != "Mara Lindt" || row.CustomerName != "Brandung Medien C-1" || row.Tier != "gold" {
			t.Fatalf("%+v", row)
		}
	})
	t.Run("a cursor of another order is refused", func(t *testing.T) {
		page, err := k.cases.Queue(t.Context(), cases.Filter{View: cases.ViewAllOpen, Limit: 1}, k.agent)
		k.must(err)
		_, err = k.cases.Queue(t.Context(), cases.Filter{View: cases.ViewAllOpen, Sort: cases.SortRisk, After: page.Next}, k.agent)
		k.field(err, "cursor", "case.bad_cursor")
	})
}

// By deadline and by amount only open work lies in order: of all there ever was, it would be read and sorted for each page.
func TestOnlyOpenWorkIsSortedByDeadlineAndAmount(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.crowd(60)
	for _, sort := range []cases.Sort{cases.SortDue, cases.SortRisk} {
		for _, f := range []cases.Filter{{}, {View: cases.ViewResolved}, {Query: "disputed:>100"}, {Query: "-is:open"}, {Query: "status:open,closed"}, {Status: []cases.Status{cases.StatusOpen, cases.StatusClosed}}} {
			f.Sort = sort
			_, err := k.cases.Queue(t.Context(), f, k.agent)
			k.field(err, "sort", "view.sorts_open_work")
			if len(f.Status) > 0 {
				continue
			}
			_, err = k.cases.SaveView(t.Context(), cases.SaveViewInput{By: k.agent, Name: "All", Within: f.View, Query: f.Query, Sort: sort})
			k.field(err, "sort", "view.sorts_open_work")
		}
		for n, f := range []cases.Filter{{Query: "is:open"}, {Query: "status:open,waiting"}, {Status: []cases.Status{cases.StatusOpen}}, {View: cases.ViewMine}} {
			f.Sort = sort
			page, err := k.cases.Queue(t.Context(), f, k.agent)
			if err != nil || len(page.Rows) == 0 {
				t.Errorf("%+v: %v, %d rows", f, err, len(page.Rows))
			}
			if len(f.Status) == 0 {
				k.keep(cases.SaveViewInput{By: k.agent, Name: fmt.Sprintf("Open %s %d", sort, n), Within: f.View, Query: f.Query, Sort: sort})
			}
		}
	}
}

func TestQueueSearch(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c, line := k.disputed("50")
	k.open(k.mail())
	invoice, err := k.billing.InvoiceByID(t.Context(), k.db, line.InvoiceID)
	k.must(err)
	for query, want := range map[string]int{
		c.Number: 1, "mg-000001": 1, "0001": 1, invoice.Number: 1, "C-1": 2, "brandung": 2, "WRONG": 2, "100%": 0, "nothing like it": 0,
	} {
		page, err := k.cases.Queue(t.Context(), cases.Filter{Query: query}, k.agent)
		k.must(err)
		if len(page.Rows) != want {
			t.Errorf("%q finds %d, want %d", query, len(page.Rows), want)
		}
	}
	page, err := k.cases.Queue(t.Context(), cases.Filter{InvoiceID: line.InvoiceID, Status: []cases.Status{cases.StatusNew}, Type: cases.Dispute}, k.agent)
	k.must(err)
	if len(page.Rows) != 1 || page.Rows[0].ID != c.ID {
		t.Fatalf("%+v", page.Rows)
	}
}
