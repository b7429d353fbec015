package cases_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"makegood/cases"
	"makegood/cases/assignment"
	"makegood/internal/access"
	"makegood/internal/db"
)

// absent has somebody away from one day to another, counted from today (UTC).
func (k *desk) absent(who access.Actor, from, to int) {
	k.t.Helper()
	today := k.clock.Now().UTC().Truncate(24 * time.Hour)
	first, last := today.AddDate(0, 0, from), today.AddDate(0, 0, to)
	_, err := k.db.Pool().Exec(k.t.Context(), `insert into absences (user_id, first_day, last_day, from_at, until_at, entered_by, entered_at) values ($1, $2, $3, $4, $5, $1, $6)`,
		who.UserID, first, last, first, last.AddDate(0, 0, 1), k.clock.Now())
	k.must(err)
	k.away(who, from <= 0)
}

// deadline sets when the next clock of a case is due.
func (k *desk) deadline(c cases.Case, at time.Time) {
	k.t.Helper()
	_, err := k.db.Pool().Exec(k.t.Context(), `update cases set next_due_at = $2 where id = $1`, c.ID, at)
	k.must(err)
}

// Who is away for a day keeps their cases, and the team sees what of them is due before they are back.
func TestASingleDayAwayIsCovered(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.rule(cases.AssignmentRule{Name: "All", How: assignment.ByLoad, UserIDs: []int64{k.agent.UserID, k.second.UserID}})
	today, next := k.asked(), k.asked()
	for _, c := range []cases.Case{today, next} {
		_, err := k.cases.Claim(t.Context(), k.on(c))
		k.must(err)
	}
	tomorrow := k.clock.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	k.deadline(today, tomorrow.Add(-time.Hour))
	k.deadline(next, tomorrow.Add(time.Hour))
	k.absent(k.agent, 0, 0)
	k.handOut()
	k.isWith(today, k.agent)
	k.isWith(next, k.agent)
	shows := func(by access.Actor) []string {
		t.Helper()
		page, err := k.cases.Queue(t.Context(), cases.Filter{View: cases.ViewCovering}, by)
		k.must(err)
		counts, err := k.cases.Counts(t.Context(), by)
		k.must(err)
		var numbers []string
		for _, row := range page.Rows {
			numbers = append(numbers, row.Number)
		}
		if counts[cases.ViewCovering] != len(numbers) {
			t.Errorf("%d counted, %d listed", counts[cases.ViewCovering], len(numbers))
		}
		return numbers
	}
	stranger := k.second
	stranger.TeamID = 0
	for name, c := range map[string]struct {
		by   access.Actor
		want []string
	}{
		"a colleague sees what is due before they are back": {k.second, []string{today.Number}}, "they themselves do not": {k.agent, nil}, "nor does another team": {stranger, nil},
	} {
		if got := shows(c.by); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	// A second day makes it a longer absence, whichever way it is entered: what is theirs is dealt out, and shown to nobody.
	k.absent(k.agent, 1, 1)
	k.away(k.agent, true)
	if got := shows(k.second); len(got) != 0 {
		t.Errorf("two days: %v", got)
	}
	k.handOut()
	k.isWith(today, k.second)
	k.isWith(next, k.second)
}

// Who never entered an absence and is marked away is dealt out as before.
func TestAMarkWithoutAnEndIsDealtOut(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.rule(cases.AssignmentRule{Name: "All", How: assignment.ByLoad, UserIDs: []int64{k.agent.UserID, k.second.UserID}})
	c := k.asked()
	_, err := k.cases.Claim(t.Context(), k.on(c))
	k.must(err)
	k.absent(k.agent, 0, 0)
	_, err = k.db.Pool().Exec(t.Context(), `update absences set ended_at = now(), ended_by = user_id`) // taken back
	k.must(err)
	k.handOut()
	k.isWith(c, k.second)
}

// What one watches is a view of the queue with its count, by its index, whatever was put off.
func TestWhatIWatchIsAView(t *testing.T) {
	t.Parallel()
	k := setup(t)
	one, two, three := k.asked(), k.asked(), k.asked()
	for _, c := range []cases.Case{one, two} {
		k.watch(c, k.second, 0)
	}
	k.watch(three, k.lead, 0)
	_, err := k.cases.FollowUp(t.Context(), cases.FollowUpInput{On: k.on(two), At: k.clock.Now().Add(48 * time.Hour)})
	k.must(err)
	page, err := k.cases.Queue(t.Context(), cases.Filter{View: cases.ViewWatched, Sort: cases.SortAge}, k.second)
	k.must(err)
	counts, err := k.cases.Counts(t.Context(), k.second)
	k.must(err)
	if len(page.Rows) != 2 || page.Rows[0].ID != one.ID || page.Rows[1].ID != two.ID || counts[cases.ViewWatched] != 2 {
		t.Errorf("%+v, %d counted", page.Rows, counts[cases.ViewWatched])
	}
	k.do(func(tx *db.Tx) error {
		if _, err := tx.Exec(t.Context(), `set local enable_seqscan = off`); err != nil {
			return err
		}
		plan, err := db.Values[string](t.Context(), tx, `explain select case_id from case_watchers where user_id = $1`, k.second.UserID)
		k.must(err)
		if text := strings.Join(plan, "\n"); !strings.Contains(text, "case_watchers_user") {
			t.Errorf("%s", text)
		}
		return nil
	})
}
