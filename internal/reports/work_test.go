package reports_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/reports"
)

// Every figure of the reports of cases, by every way and under every filter, is what plain code counts from the raw events.
func TestWorkIsWhatTheEventsSay(t *testing.T) {
	t.Parallel()
	w := workedMonths(t, 42)
	w.override()
	k := startRecount(t, w)
	read := w.r.Reports.Work()
	by := w.r.Actor(access.Supervisor)
	scopes := []reports.WorkScope{{By: by, Days: 30}, {By: by, On: day("2026-06-07"), Days: 14}}
	seen := map[reports.Fact]int{}
	for i, s := range scopes {
		for _, f := range reports.Facts() {
			for _, way := range append([]reports.Way{reports.ByAll}, f.Ways()...) {
				seen[f] += k.compare(t, read, s, f, way)
			}
			for n, filter := range w.filters() {
				if n%2 == i { // each filter in one of the periods
					narrowed := s
					narrowed.WorkFilter = filter
					k.compare(t, read, narrowed, f, f.Ways()[0])
				}
			}
		}
	}
	for _, f := range reports.Facts() {
		if seen[f] < 3 {
			t.Errorf("too little of %s happened to tell anything: %d", f, seen[f])
		}
	}
}

// filters are one of every kind, with values that occur, and some together.
func (w *months) filters() []reports.WorkFilter {
	agent, senior := w.r.Company.Users[access.Agent].ID, w.r.Company.Users[access.Senior].ID
	return []reports.WorkFilter{
		{Entity: "DE"},
		{Entity: "JP"},
		{Team: w.teams[0]},
		{Team: w.teams[1]},
		{Agent: agent},
		{Agent: senior},
		{Tier: "gold"},
		{Tier: "silver"},
		{Topic: "price"},
		{Type: "dispute"},
		{Type: "inquiry"},
		{Priority: "P1"},
		{Priority: "P3"},
		{Policy: "Everybody"},
		{Policy: "Nobody"},
		{Reason: "overcharge"},
		{Reason: "tax_wrong"},
		{Cause: "order_entry"},
		{Account: "100001"},
		{Account: "100002"},
		{Part: "customer"},
		{Part: "resolution"},
		{Part: "L2 senior"},
		{Part: "concession"},
		{Entity: "DE", Topic: "delivery", Tier: "gold"},
		{Agent: agent, Type: "dispute", Reason: "overcharge"},
		{Team: w.teams[1], Priority: "P4", Cause: "order_entry"},
	}
}

// compare asks for a report and counts it again; it tells how many rows the period had.
func (k *slowly) compare(t *testing.T, read *reports.Work, s reports.WorkScope, f reports.Fact, way reports.Way) int {
	t.Helper()
	got, err := read.Report(t.Context(), s, f, way)
	if err != nil {
		t.Fatalf("%s by %s: %v", f, way, err)
	}
	asked := fmt.Sprintf("%s by %s until %s, %+v", f, way, got.On.Format(time.DateOnly), s.WorkFilter)
	to, length := got.On.AddDate(0, 0, 1), got.On.AddDate(0, 0, 1).Sub(got.From)
	now, before := k.rows(f, got.From, to), k.rows(f, got.From.Add(-length), got.From)
	k.same(asked, "all now", got.All.Now, groups(now, s.WorkFilter, reports.ByAll)[""])
	k.same(asked, "all before", got.All.Before, groups(before, s.WorkFilter, reports.ByAll)[""])
	want, wantBefore := groups(now, s.WorkFilter, way), groups(before, s.WorkFilter, way)
	dated := way == reports.ByDay || way == reports.ByWeek || way == reports.ByMonth
	for _, pair := range got.Groups {
		k.same(asked, "now "+pair.Now.Key, pair.Now, want[pair.Now.Key])
		delete(want, pair.Now.Key)
		if !dated {
			k.same(asked, "before "+pair.Now.Key, pair.Before, wantBefore[pair.Now.Key])
		}
	}
	if way != reports.ByAll && len(want) > 0 {
		t.Errorf("%s by %s %+v: groups missing: %v", f, way, s.WorkFilter, want)
	}
	return got.All.Now.Count
}

func (k *slowly) same(asked, what string, got, want reports.Group) {
	k.t.Helper()
	got.Name, want.Key = "", got.Key
	if !got.Amount.Equal(want.Amount) {
		k.t.Errorf("%s, %s: amount %s, want %s", asked, what, got.Amount, want.Amount)
	}
	got.Amount, want.Amount = d("0"), d("0")
	if a, b := plain(got), plain(want); a != b {
		k.t.Errorf("%s, %s:\n got %s\nwant %s", asked, what, a, b)
	}
}

func plain(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// The rows of a report are what it counted, page by page.
func TestWorkRowsAreWhatIsCounted(t *testing.T) {
	t.Parallel()
	w := workedMonths(t, 10)
	read := w.r.Reports.Work()
	s := reports.WorkScope{By: w.r.Actor(access.Supervisor)}
	for _, f := range reports.Facts() {
		for _, way := range f.Ways() {
			report, err := read.Report(t.Context(), s, f, way)
			w.r.Must(err)
			for _, g := range report.Groups {
				if n := countRows(t, read, s, reports.WorkRows{Fact: f, Way: way, Key: &g.Now.Key, Limit: 7}); n != g.Now.Count {
					t.Errorf("%s by %s, %q: %d rows of %d", f, way, g.Now.Key, n, g.Now.Count)
				}
			}
		}
	}
}

func countRows(t *testing.T, read *reports.Work, s reports.WorkScope, f reports.WorkRows) int {
	t.Helper()
	n := 0
	for {
		page, err := read.Rows(t.Context(), s, f)
		if err != nil {
			t.Fatal(err)
		}
		n += len(page.Rows)
		if f.After = page.Next; f.After == "" {
			return n
		}
	}
}

// Who may not read reports, a legal entity out of scope and what there is not are refused.
func TestWorkRefuses(t *testing.T) {
	t.Parallel()
	w := workedMonths(t, 1)
	read := w.r.Reports.Work()
	lead := w.r.Actor(access.Supervisor)
	abroad := lead
	abroad.EntityIDs = []int64{int64(w.other)}
	for name, asked := range map[string]struct {
		scope reports.WorkScope
		fact  reports.Fact
		way   reports.Way
		want  errs.Kind
	}{
		"an agent":            {reports.WorkScope{By: w.r.Actor(access.Agent)}, reports.Opened, "", errs.Forbidden},
		"another's books":     {reports.WorkScope{By: abroad, WorkFilter: reports.WorkFilter{Entity: "DE"}}, reports.Opened, "", errs.NotFound},
		"an unknown fact":     {reports.WorkScope{By: lead}, "luck", "", errs.NotFound},
		"a way it has not":    {reports.WorkScope{By: lead}, reports.Opened, reports.ByDecider, errs.Invalid},
		"a period of no days": {reports.WorkScope{By: lead, Days: -1}, reports.Opened, "", errs.Invalid},
	} {
		_, err := read.Report(t.Context(), asked.scope, asked.fact, asked.way)
		if errs.KindOf(err) != asked.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	seen, err := read.Report(t.Context(), reports.WorkScope{By: abroad}, reports.Opened, reports.ByEntity)
	w.r.Must(err)
	for _, g := range seen.Groups {
		if g.Now.Key == "DE" {
			t.Errorf("sees DE: %+v", g)
		}
	}
}

// A period costs what happened in it: no fact reads through everything that ever was.
func TestWorkReadsAPeriodOnly(t *testing.T) {
	t.Parallel()
	w := workedMonths(t, 2)
	now := w.r.Clock.Now()
	for _, f := range reports.Facts() {
		var plan []string
		w.r.Must(w.r.DB.Do(t.Context(), func(tx *db.Tx) error {
			// So few rows would be read through whatever indexes there are.
			if _, err := tx.Exec(t.Context(), `set local enable_seqscan = off`); err != nil {
				return err
			}
			var err error
			plan, err = db.Values[string](t.Context(), tx, "explain select * from ("+f.Statement()+") s where $1::timestamptz is not null and $2::timestamptz is not null and $3::timestamptz is not null", now.AddDate(0, 0, -30), now, now)
			return err
		}))
		for _, line := range plan {
			if strings.Contains(line, "Seq Scan on") && !strings.Contains(line, "Seq Scan on users") && !strings.Contains(line, "authority_level") {
				t.Errorf("%s reads through a table: %s", f, line)
			}
		}
	}
}
