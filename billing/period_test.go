package billing_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

func person(id int64, roles ...access.Role) access.Actor {
	return access.Actor{Kind: access.Person, UserID: id, Name: fmt.Sprint("Person ", id), Roles: roles}
}

// month asks for a move of a month by the controller.
func (s *shop) month(text string) billing.PeriodMove {
	return billing.PeriodMove{EntityID: s.entity, Month: day(text + "-01"), By: controller()}
}

func (s *shop) softClose(month string) billing.Period {
	s.t.Helper()
	p, err := s.billing.SoftClose(s.t.Context(), s.month(month))
	s.must(err)
	return p
}

func (s *shop) closeMonth(month string) billing.Period {
	s.t.Helper()
	s.softClose(month)
	in := s.month(month)
	in.Reason = "nothing is outstanding"
	p, err := s.billing.Close(s.t.Context(), in)
	s.must(err)
	return p
}

func (s *shop) reopen(month string) billing.Period {
	s.t.Helper()
	in := s.month(month)
	in.Reason = "an invoice was forgotten"
	_, err := s.billing.RequestReopen(s.t.Context(), in)
	s.must(err)
	in.By = person(8, access.Director)
	p, err := s.billing.ConfirmReopen(s.t.Context(), in)
	s.must(err)
	return p
}

func TestAMonthIsClosedInStepsAndReopenedByTwo(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx := t.Context()
	april := s.month("2026-04")
	for range 2 { // the second time changes nothing
		if p := s.softClose("2026-04"); p.State != billing.PeriodSoftClosed || p.Version != 1 || p.ChangedBy != 7 {
			t.Fatalf("soft-closed: %+v", p)
		}
	}
	for range 2 {
		if p, err := s.billing.Close(ctx, april); err != nil || p.State != billing.PeriodClosed || p.Version != 2 {
			t.Fatalf("closed: %+v, %v", p, err)
		}
	}
	if _, err := s.billing.SoftClose(ctx, april); !errors.Is(err, billing.ErrPeriodMove) {
		t.Errorf("closed back to soft-closed: %v", err)
	}
	if _, err := s.billing.RequestReopen(ctx, april); errs.KindOf(err) != errs.Invalid {
		t.Errorf("asked without a reason: %v", err)
	}
	april.Reason = "an invoice was forgotten"
	april.By.StepUpDue = true
	if _, err := s.billing.RequestReopen(ctx, april); !errors.Is(err, access.ErrStepUp) {
		t.Errorf("asked without a fresh proof: %v", err)
	}
	april.By.StepUpDue = false
	for range 2 {
		if p, err := s.billing.RequestReopen(ctx, april); err != nil || p.State != billing.PeriodClosed || p.Reopening == nil {
			t.Fatalf("asked: %+v, %v", p, err)
		}
	}
	if _, err := s.billing.ConfirmReopen(ctx, april); !errors.Is(err, billing.ErrSecondPerson) {
		t.Errorf("confirmed by who asked: %v", err)
	}
	april.By, april.Reason = person(8, access.Director), ""
	april.By.StepUpDue = true
	if _, err := s.billing.ConfirmReopen(ctx, april); !errors.Is(err, access.ErrStepUp) {
		t.Errorf("confirmed without a fresh proof: %v", err)
	}
	april.By.StepUpDue = false
	for range 2 {
		if p, err := s.billing.ConfirmReopen(ctx, april); err != nil || p.State != billing.PeriodOpen || p.Version != 3 {
			t.Fatalf("reopened: %+v, %v", p, err)
		}
	}
	steps, err := s.billing.PeriodHistory(ctx, s.entity, day("2026-04-17"), controller())
	s.must(err)
	var told []string
	for _, step := range steps {
		told = append(told, fmt.Sprintf("%s>%s by %d asked by %d: %s", step.FromState, step.ToState, step.ChangedBy, step.RequestedBy, step.Reason))
	}
	want := []string{"open>soft_closed by 7 asked by 0: ", "soft_closed>closed by 7 asked by 0: ", "closed>open by 8 asked by 7: an invoice was forgotten"}
	if !slices.Equal(told, want) {
		t.Errorf("history\n %s", strings.Join(told, "\n "))
	}
	events, err := db.Values[string](ctx, s.db, `select what from audit_log where stream = 'books:' || $1::bigint and what like 'period.%' order by seq`, s.entity)
	s.must(err)
	if !slices.Equal(events, []string{"period.soft_closed", "period.closed", "period.reopening_requested", "period.reopened"}) {
		t.Errorf("events %v", events)
	}
}

func TestPeriodMovesThatAreRefused(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx := t.Context()
	if _, err := s.billing.SoftClose(ctx, s.month("2026-05")); !errors.Is(err, billing.ErrPeriodNotOver) {
		t.Errorf("a month that is not over: %v", err)
	}
	if _, err := s.billing.Close(ctx, s.month("2026-04")); !errors.Is(err, billing.ErrPeriodMove) {
		t.Errorf("open to closed: %v", err)
	}
	agent := s.month("2026-04")
	agent.By = person(9, access.Agent)
	if _, err := s.billing.SoftClose(ctx, agent); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("by an agent: %v", err)
	}
	stranger := s.month("2026-04")
	stranger.By.EntityIDs = []int64{int64(s.entity) + 1}
	if _, err := s.billing.SoftClose(ctx, stranger); errs.KindOf(err) != errs.NotFound {
		t.Errorf("out of scope: %v", err)
	}
	s.softClose("2026-04")
	stale := s.month("2026-04")
	stale.Version = 7
	if _, err := s.billing.Close(ctx, stale); !errors.Is(err, billing.ErrPeriodChanged) {
		t.Errorf("stale: %v", err)
	}
	s.closeMonth("2026-04")
	if _, err := s.billing.ConfirmReopen(ctx, s.month("2026-04")); !errors.Is(err, billing.ErrNoReopening) {
		t.Errorf("confirmed what nobody asked: %v", err)
	}
	job := s.month("2026-04")
	job.By, job.Reason = access.SystemActor("test"), "because"
	if _, err := s.billing.RequestReopen(ctx, job); !errors.Is(err, access.ErrSignIn) {
		t.Errorf("asked by a job: %v", err)
	}
	lift := s.month("2026-04")
	lift.Reason = "one more entry"
	if _, err := s.billing.LiftSoftClose(ctx, lift); !errors.Is(err, billing.ErrPeriodMove) {
		t.Errorf("a closed month opened by one person: %v", err)
	}
	ask := s.month("2026-04")
	ask.Reason = "an invoice was forgotten"
	_, err := s.billing.RequestReopen(ctx, ask)
	s.must(err)
	_, err = s.billing.WithdrawReopen(ctx, ask)
	s.must(err)
	ask.By = person(8, access.Controller)
	if _, err := s.billing.ConfirmReopen(ctx, ask); !errors.Is(err, billing.ErrNoReopening) {
		t.Errorf("confirmed what was withdrawn: %v", err)
	}
}

func TestASoftCloseIsLiftedForAReason(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.softClose("2026-04")
	in := s.month("2026-04")
	if _, err := s.billing.LiftSoftClose(t.Context(), in); errs.KindOf(err) != errs.Invalid {
		t.Errorf("without a reason: %v", err)
	}
	in.Reason = "late usage data"
	for range 2 {
		if p, err := s.billing.LiftSoftClose(t.Context(), in); err != nil || p.State != billing.PeriodOpen || p.Version != 2 {
			t.Fatalf("lifted: %+v, %v", p, err)
		}
	}
}

func TestWhatBlocksTheClose(t *testing.T) {
	t.Parallel()
	s := setup(t)
	early := s.invoice("EUR", line("100", "19"))
	early.IssuedOn = day("2026-02-10")
	s.issue(early)
	in := s.invoice("EUR", line("100", "19"))
	in.IssuedOn = day("2026-03-10")
	i := s.issue(in)
	request, a := s.reserve(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("10")}))
	points := func() string {
		list, err := s.billing.PeriodPoints(t.Context(), s.db, s.entity, day("2026-03-31"))
		s.must(err)
		return fmt.Sprint(list)
	}
	if got := points(); got != "[{earlier_months_open 1}]" {
		t.Errorf("a request that waits for approval: %s", got)
	}
	approval := s.approve(request, a)
	if got := points(); got != "[{earlier_months_open 1} {approved_not_posted 1}]" {
		t.Errorf("approved: %s", got)
	}
	s.softClose("2026-03")
	march := s.month("2026-03")
	_, err := s.billing.Close(t.Context(), march)
	if !errors.Is(err, billing.ErrPeriodBlocked) || !strings.Contains(err.Error(), "approved not posted (1)") {
		t.Errorf("blocked: %v", err)
	}
	_, err = s.post(billing.PostAdjustment{CreditRequestID: request, ApprovalID: approval, Adjustment: a, Explanation: "Because.", By: controller()})
	s.must(err)
	s.closeMonth("2026-02")
	if got := points(); got != "[]" {
		t.Errorf("after posting: %s", got)
	}
	if p, err := s.billing.Close(t.Context(), march); err != nil || p.State != billing.PeriodClosed {
		t.Errorf("closed: %+v, %v", p, err)
	}
	s.sound()
}

func TestAControllerOverridesWhatBlocks(t *testing.T) {
	t.Parallel()
	s := setup(t)
	dbtest.AsOwner(t, s.db, `insert into open_items (kind, document_id, number, customer_id, entity_id, currency, original, open, due_on, opened_on)
		select 'invoice', 99, 'X', id, entity_id, 'EUR', 5, 5, '2026-03-01', '2026-03-01' from customers limit 1`)
	s.softClose("2026-03")
	march := s.month("2026-03")
	if _, err := s.billing.Close(t.Context(), march); !errors.Is(err, billing.ErrPeriodBlocked) {
		t.Fatalf("the ledger disagrees: %v", err)
	}
	march.Reason = "the difference is known and booked in April"
	if p, err := s.billing.Close(t.Context(), march); err != nil || p.Reason != march.Reason {
		t.Fatalf("overridden: %+v, %v", p, err)
	}
	overridden := value[string](t, s.db, `select data->>'overridden' from audit_log where what = 'period.closed'`)
	if overridden != `{"ledger_differences": 1}` {
		t.Errorf("event says %s", overridden)
	}
}

func TestEntriesFollowTheStateOfTheirMonth(t *testing.T) {
	t.Parallel()
	s := setup(t)
	bookedOn := func(by access.Actor) string {
		in := s.pay("EUR", "10", "2026-04-15")
		in.By = by
		p, err := s.billing.RecordPayment(t.Context(), in)
		s.must(err)
		return value[string](t, s.db, `select booked_on::text from journal_entries where document_kind = 'payment' and document_id = $1`, p.ID)
	}
	collector := person(9, access.Collections)
	s.softClose("2026-04")
	if got := bookedOn(collector); got != "2026-05-01" {
		t.Errorf("soft-closed, by collections: %s", got)
	}
	if got := bookedOn(controller()); got != "2026-04-15" {
		t.Errorf("soft-closed, by a controller: %s", got)
	}
	if n := value[int](t, s.db, `select count(*) from audit_log where what = 'payment.recorded' and data->>'soft_closed' = 'true'`); n != 1 {
		t.Errorf("%d events tell of the soft-closed month", n)
	}
	s.closeMonth("2026-04")
	if got := bookedOn(controller()); got != "2026-05-01" {
		t.Errorf("closed: %s", got)
	}
	s.reopen("2026-04")
	if got := bookedOn(collector); got != "2026-04-15" {
		t.Errorf("reopened: %s", got)
	}
	s.sound()
}

// However many write while the month is being closed: what was booked in it was booked before it closed.
func TestNoEntrySlipsInWhileAMonthCloses(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.softClose("2026-04")
	results := together(16, func(n int) (billing.Payment, error) {
		if n == 8 {
			in := s.month("2026-04")
			in.Reason = "in any case"
			_, err := s.billing.Close(t.Context(), in)
			return billing.Payment{}, err
		}
		return s.billing.RecordPayment(t.Context(), s.pay("EUR", "1", "2026-04-20"))
	})
	for _, r := range results {
		if r.err != nil && errs.KeyOf(r.err) != "billing.period_closed" {
			t.Errorf("unexpected: %v", r.err)
		}
	}
	late := value[int](t, s.db, `select count(*) from audit_log p join audit_log c on c.stream = p.stream and c.what = 'period.closed'
		where p.what = 'payment.recorded' and p.data->>'booked_on' = '2026-04-20' and p.seq > c.seq`)
	if late != 0 {
		t.Errorf("%d payments were booked in April after it had closed", late)
	}
	s.sound()
}

// Whoever writes past the program is bound by the same rules.
func TestTheDatabaseItselfGuardsPeriods(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.closeMonth("2026-03")
	ask := `insert into period_reopenings (entity_id, month, reason, requested_by, requested_at) values ($1, '2026-03-01', 'x', 7, now())`
	open := `update periods set state = 'open', version = version + 1, reopening_id = $2 where entity_id = $1 and month = '2026-03-01'`
	for name, c := range map[string]struct {
		want  string
		query string
		args  []any
	}{
		"closed at once":            {"23000 period_moves_legally", `insert into periods (entity_id, month, state) values ($1, '2026-01-01', 'closed')`, []any{s.entity}},
		"back to soft-closed":       {"23000 period_moves_legally", `update periods set state = 'soft_closed', version = version + 1 where entity_id = $1`, []any{s.entity}},
		"reopened by nobody":        {"23000 reopening_needs_two_persons", open, []any{s.entity, nil}},
		"another month":             {"23000 period_moves_legally", `update periods set month = '2026-02-01' where entity_id = $1`, []any{s.entity}},
		"asked and confirmed":       {"23001 reopening_is_decided_once", `insert into period_reopenings (entity_id, month, reason, requested_by, requested_at, confirmed_by, confirmed_at) values ($1, '2026-03-01', 'x', 7, now(), 8, now())`, []any{s.entity}},
		"row deleted":               {"23000 period_moves_legally", `delete from periods where entity_id = $1`, []any{s.entity}},
		"history written":           {"23001 only_written_by_triggers", `insert into period_history (entity_id, month, from_state, to_state, version, changed_at, changed_by, changed_by_name, reason) values ($1, '2026-03-01', 'closed', 'open', 9, now(), 1, '', '')`, []any{s.entity}},
		"history altered":           {"42501 ", `update period_history set reason = 'other' where entity_id = $1`, []any{s.entity}},
		"reopening request deleted": {"42501 ", `delete from period_reopenings where entity_id = $1`, []any{s.entity}},
	} {
		if got := code(s.refused(c.query, c.args...)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	s.must(s.refused(ask, s.entity))
	asked := value[int64](t, s.db, `select id from period_reopenings`)
	if got := code(s.refused(open, s.entity, asked)); got != "23000 reopening_needs_two_persons" {
		t.Errorf("reopened on a request alone: %q", got)
	}
	confirm := `update period_reopenings set confirmed_by = $2, confirmed_at = now() where id = $1`
	if got := code(s.refused(confirm, asked, 7)); !strings.HasSuffix(got, "reopened_by_two_persons") {
		t.Errorf("confirmed by who asked: %q", got)
	}
	s.must(s.refused(confirm, asked, 8))
	if got := code(s.refused(`update period_reopenings set reason = 'y' where id = $1`, asked)); got != "23001 reopening_is_decided_once" {
		t.Errorf("request rewritten: %q", got)
	}
	s.must(s.refused(open, s.entity, asked))
	s.closeMonth("2026-03")
	if got := code(s.refused(open, s.entity, asked)); !strings.HasPrefix(got, "23505") {
		t.Errorf("one request used twice: %q", got)
	}
	owner, err := pgx.Connect(t.Context(), dbtest.OwnerURL(t, s.db))
	s.must(err)
	defer func() { _ = owner.Close(context.WithoutCancel(t.Context())) }()
	for _, statement := range []string{"delete from period_history", "truncate period_history", "truncate period_reopenings cascade", "update fx_rates set rate = 2", "delete from fx_rates"} {
		if _, err := owner.Exec(t.Context(), statement); !db.Violates(err, "posted_rows_are_immutable") {
			t.Errorf("%s by the owner: %v", statement, err)
		}
	}
}

func TestTheGridOfMonths(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.do(func(tx *db.Tx) error {
		s.addEntity(tx, "SG")
		return nil
	})
	s.closeMonth("2026-02")
	s.reopen("2026-02")
	s.closeMonth("2026-03")
	in := s.month("2026-03")
	in.Reason = "a late credit"
	_, err := s.billing.RequestReopen(t.Context(), in)
	s.must(err)
	q := billing.PeriodQuery{From: day("2026-02-14"), Until: day("2026-04-01"), By: controller()}
	grid, err := s.billing.Periods(t.Context(), q)
	s.must(err)
	if len(grid) != 2 || len(grid[0].Periods) != 3 || grid[1].Periods[2].State != billing.PeriodOpen {
		t.Fatalf("grid %+v", grid)
	}
	feb, march := grid[0].Periods[0], grid[0].Periods[1]
	if feb.State != billing.PeriodOpen || !feb.Reopened || march.State != billing.PeriodClosed || march.Reopening == nil || march.Reopening.Reason != "a late credit" {
		t.Errorf("February %+v, March %+v", feb, march)
	}
	q.By.EntityIDs = []int64{int64(s.entity)}
	if grid, err = s.billing.Periods(t.Context(), q); err != nil || len(grid) != 1 {
		t.Errorf("%d entities in scope, %v", len(grid), err)
	}
}
