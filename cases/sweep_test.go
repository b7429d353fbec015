package cases_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"makegood/cases"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// TestACaseThatCannotBeClosedKeepsNoOtherOpen has the database refuse any change of the case whose turn is first.
func TestACaseThatCannotBeClosedKeepsNoOtherOpen(t *testing.T) {
	t.Parallel()
	k := setup(t)
	stuck := k.set(k.asked(), cases.StatusResolved, "")
	k.clock.Add(time.Minute)
	other := k.set(k.asked(), cases.StatusResolved, "")
	dbtest.AsOwner(t, k.db, `create function stuck() returns trigger language plpgsql as $$ begin raise exception 'stuck'; end $$`,
		fmt.Sprintf(`create trigger stuck before update on cases for each row when (new.id = %d) execute function stuck()`, stuck.ID),
		`alter table cases enable always trigger stuck`)
	k.clock.Add(15 * 24 * time.Hour)
	sweep := func() { k.must(k.jobs.Work(t.Context(), cases.SweepClocks{}.Kind(), []byte(`{}`))) }
	sweep()
	if now := k.reload(other.ID); now.Status != cases.StatusClosed {
		t.Errorf("the one after it is %s", now.Status)
	}
	if now := k.reload(stuck.ID); now.Status != cases.StatusResolved {
		t.Errorf("it is %s", now.Status)
	}
	dbtest.AsOwner(t, k.db, `drop trigger stuck on cases`)
	sweep()
	if now := k.reload(stuck.ID); now.Status != cases.StatusClosed {
		t.Errorf("once it can be closed it is %s", now.Status)
	}
}

// What is to be closed is looked for every minute, beside all that ever was closed.
func TestWhatIsToBeClosedHasAnIndexOfItsOwn(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into cases (type, subject, status, priority, customer_id, entity_id, opened_at, resolved_at, closed_at)
			select 'inquiry', 'Long ago ' || i, 'closed', 'P4', $1, $2, $3::timestamptz - interval '1 year', $3::timestamptz - interval '1 year' + i * interval '1 minute', $3
			from generate_series(1, 20000) i`, k.customer, k.entity, k.clock.Now())
		return err
	})
	k.set(k.asked(), cases.StatusResolved, "")
	dbtest.AsOwner(t, k.db, `analyze cases`)
	plan, err := k.cases.ClosingPlan(t.Context())
	k.must(err)
	if !strings.Contains(plan, "cases_to_close") || strings.Contains(plan, "Filter:") || strings.Contains(plan, "Sort") {
		t.Errorf("%s", plan)
	}
}
