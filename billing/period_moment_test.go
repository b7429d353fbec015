package billing_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
)

// moment does something once, right after somebody looked at which months are closed and before anything is written.
type moment struct {
	then func()
	seen bool
}

type looked struct{}

func (m *moment) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, looked{}, strings.Contains(q.SQL, "state from periods"))
}

func (m *moment) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	if ctx.Value(looked{}) == true {
		m.come()
	}
}

func (m *moment) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (m *moment) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	m.seen = m.seen || strings.Contains(q.SQL, "state from periods")
}

func (m *moment) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {
	if m.seen {
		m.come()
	}
}

func (m *moment) come() {
	if then := m.then; then != nil {
		m.then = nil
		then()
	}
}

// softClosing is the shop on a handle of its own whose next look at the months is followed by the soft-close of April.
func (s *shop) softClosing() *shop {
	s.t.Helper()
	m := &moment{then: func() { s.softClose("2026-04") }}
	handle, err := db.Open(s.t.Context(), db.Options{URL: s.db.Pool().Config().ConnString(), MaxConns: 2, Clock: s.db.Now, Tracer: m})
	s.must(err)
	s.t.Cleanup(func() {
		handle.Close()
		if m.then != nil {
			s.t.Error("nobody looked at the months")
		}
	})
	other := *s
	other.db, other.billing = handle, billing.New(handle, renderers(), discard())
	return &other
}

// aprilPayment is money that came in April, recorded by somebody in May.
func (s *shop) aprilPayment(by access.Actor) {
	s.t.Helper()
	in := s.pay("EUR", "100", "2026-04-30")
	in.By = by
	_, err := s.billing.RecordPayment(s.t.Context(), in)
	s.must(err)
}

// bookedInApril counts entries of a kind in April, and those of them that say it was soft-closed.
func (s *shop) bookedInApril(kind string) (all, marked int) {
	s.t.Helper()
	all = value[int](s.t, s.db, `select count(*) from journal_entries where document_kind = $1 and booked_on < '2026-05-01'`, kind)
	marked = value[int](s.t, s.db, `select count(*) from journal_entries where document_kind = $1 and booked_on < '2026-05-01' and soft`, kind)
	return all, marked
}

func (s *shop) told(what string) int {
	s.t.Helper()
	return value[int](s.t, s.db, `select count(*) from audit_log where what = $1 and data->>'soft_closed' = 'true'`, what)
}

func TestAMonthSoftClosedWhileAnEntryIsDecidedTakesItOfAControllerAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by            access.Actor
		april, marked int
	}{
		"somebody":     {person(9, access.Collections), 0, 0},
		"a controller": {controller(), 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			s.softClosing().aprilPayment(c.by)
			if all, marked := s.bookedInApril("payment"); all != c.april || marked != c.marked || s.told("payment.recorded") != c.marked {
				t.Errorf("%d payments in April, %d marked, %d told", all, marked, s.told("payment.recorded"))
			}
			s.sound()
		})
	}
}

func TestAMonthSoftClosedWhileACreditIsPostedTakesItOfAControllerAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by            access.Actor
		april, marked int
	}{
		"a job":        {access.SystemActor("billing.post"), 0, 0},
		"a controller": {controller(), 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			in := s.invoice("EUR", line("100", "19"))
			in.IssuedOn = day("2026-04-02")
			i := s.issue(in)
			request, a := s.reserve(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("10")}))
			post := billing.PostAdjustment{CreditRequestID: request, ApprovalID: s.approve(request, a), Adjustment: a, Explanation: "Because.", By: c.by}
			_, err := s.softClosing().post(post)
			s.must(err)
			for _, kind := range []string{"credit_memo", "allocation"} {
				if all, marked := s.bookedInApril(kind); all != c.april || marked != c.marked {
					t.Errorf("%s: %d in April, %d marked", kind, all, marked)
				}
			}
			if told := s.told("credit_memo.posted"); told != c.marked {
				t.Errorf("%d told", told)
			}
			s.sound()
		})
	}
}

func TestWhatIsTakenBackInASoftClosedMonthSaysSo(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.invoice("EUR", line("100", "19"))
	in.IssuedOn = day("2026-04-02")
	i := s.issue(in)
	payment, err := s.billing.RecordPayment(t.Context(), s.pay("EUR", "119", "2026-04-10", billing.Allocate{InvoiceID: i.ID, Amount: d("119")}))
	s.must(err)
	s.softClose("2026-04")
	_, err = s.billing.RecordChargeback(t.Context(), billing.NewChargeback{By: controller(), PaymentID: payment.ID, ChargedOn: day("2026-04-20"), Reason: "disputed"})
	s.must(err)
	if told := s.told("payment.charged_back"); told != 1 {
		t.Errorf("%d told", told)
	}
	if unmarked := value[int](t, s.db, `select count(*) from journal_entries where dated_on = '2026-04-20' and soft is not true`); unmarked != 0 {
		t.Errorf("%d entries unmarked", unmarked)
	}
	s.sound()
}
