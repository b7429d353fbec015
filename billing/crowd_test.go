package billing_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

// crowdFor is how long the crowds work on the same invoices.
var crowdFor = flag.Duration("crowd", 4*time.Second, "how long a crowd credits, pays, applies and reverses")

// What a process of the crowd is told.
const (
	crowdDatabase = "MAKEGOOD_TEST_CROWD_DATABASE"
	crowdUntil    = "MAKEGOOD_TEST_CROWD_UNTIL"
	crowdCounts   = "MAKEGOOD_TEST_CROWD_COUNTS"
	crowdWorkers  = 50
	crowdInvoices = 5

	killedAfter = 3 * time.Second // a process of the crowd that is killed again and again
)

func TestMain(m *testing.M) {
	if url := os.Getenv(crowdDatabase); url != "" {
		os.Exit(crowd(url))
	}
	dbtest.Main(m)
}

// crowd is a process in which many people do to five invoices whatever comes to their minds, until the time is over.
func crowd(url string) int {
	until, err := time.Parse(time.RFC3339Nano, os.Getenv(crowdUntil))
	if err != nil {
		fmt.Println("WRONG", err)
		return 1
	}
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{URL: url, MaxConns: 20})
	if err != nil {
		fmt.Println("WRONG", err)
		return 1
	}
	defer d.Close()
	counts, err := os.OpenFile(os.Getenv(crowdCounts), os.O_WRONLY, 0)
	if err != nil {
		fmt.Println("WRONG", err)
		return 1
	}
	defer func() { _ = counts.Close() }()
	c := &member{db: d, billing: billing.New(d, nil, slog.New(slog.DiscardHandler)), counts: counts}
	c.request.Store(time.Now().UnixMicro())
	var all sync.WaitGroup
	for range crowdWorkers {
		all.Go(func() {
			for time.Now().Before(until) {
				c.judge(c.anything(ctx))
			}
		})
	}
	all.Wait()
	return 0
}

type member struct {
	db      *db.DB
	billing *billing.Service
	request atomic.Int64
	counts  *os.File // what was counted is there, whenever the process is killed

	mu    sync.Mutex
	tally tally
}

// tally is how a process fared.
type tally struct{ Done, Refused, Wrong int }

// judge lets pass what the rules refuse; anything else, a deadlock above all, must not reach a person.
func (c *member) judge(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	wrong := false
	switch kind := errs.KindOf(err); {
	case err == nil:
		c.tally.Done++
	case kind == errs.Invalid || kind == errs.Conflict || kind == errs.NotFound:
		c.tally.Refused++
	default:
		wrong = true
		c.tally.Wrong++
	}
	if _, failed := c.counts.WriteAt(fmt.Appendf(nil, "%9d %9d %9d", c.tally.Done, c.tally.Refused, c.tally.Wrong), 0); failed != nil || wrong {
		fmt.Println("WRONG", errors.Join(err, failed))
	}
}

func (c *member) anything(ctx context.Context) error {
	invoice := billing.InvoiceID(rand.IntN(crowdInvoices) + 1)
	amount := decimal.New(rand.Int64N(3000)+1, -2)
	switch rand.IntN(6) {
	case 0:
		_, err := c.billing.RecordPayment(ctx, billing.NewPayment{
			EntityID: 1, CustomerID: 1, Currency: "EUR", Amount: amount, ReceivedOn: time.Now(), By: controller(),
			Allocate: []billing.Allocate{{InvoiceID: invoice, Amount: amount}},
		})
		return err
	case 1, 2:
		d, err := c.billing.InvoiceDetail(ctx, c.db, invoice)
		if err != nil {
			return err
		}
		return c.carry(ctx, billing.AdjustmentInput{
			Kind: billing.BillingError, InvoiceID: invoice, ReasonCode: "x", Lines: []billing.AdjustLine{{InvoiceLineID: d.Lines[rand.IntN(len(d.Lines))].ID, Amount: amount}},
		})
	case 3:
		list, err := c.billing.ProposeApplications(ctx, 1, "EUR", billing.ByOldest, controller())
		if err != nil || len(list) == 0 {
			return err
		}
		_, err = c.billing.Apply(ctx, billing.ApplyInput{By: controller(), Parts: []billing.ApplyPart{list[rand.IntN(len(list))].ApplyPart}})
		return err
	case 4:
		ids, err := db.Values[int64](ctx, c.db, `select id from allocations where reverses_id is null and source_kind <> 'write_off' order by random() limit 2`)
		if err != nil || len(ids) == 0 {
			return err
		}
		return c.billing.Unapply(ctx, billing.UnapplyInput{By: controller(), IDs: ids, Reason: "crowd"})
	}
	ids, err := db.Values[int64](ctx, c.db, `select id from credit_memos order by random() limit 1`)
	if err != nil || len(ids) == 0 {
		return err
	}
	return c.carry(ctx, billing.AdjustmentInput{Kind: billing.Reverse, ReasonCode: "x", Reverses: billing.DocumentRef{Kind: billing.MemoDoc, ID: ids[0]}})
}

// carry proposes, reserves, approves and posts as people and jobs do: in transactions of their own.
func (c *member) carry(ctx context.Context, in billing.AdjustmentInput) error {
	request := c.request.Add(1)
	var a billing.Adjustment
	var approval int64
	if err := c.db.Do(ctx, func(tx *db.Tx) error {
		if err := c.billing.LockAdjustmentTx(ctx, tx, in); err != nil {
			return err
		}
		var err error
		if a, err = c.billing.PrepareAdjustment(ctx, tx, in); err != nil {
			return err
		}
		if err := c.billing.ReserveTx(ctx, tx, request, a); err != nil {
			return err
		}
		if err := dbtest.Decided(ctx, tx, request, a.Digest(request)); err != nil {
			return err
		}
		approval, err = c.billing.RecordApprovalTx(ctx, tx, billing.Approval{
			CreditRequestID: request, Digest: a.Digest(request), RequesterID: dbtest.Requester, DeciderIDs: []int64{dbtest.Decider},
		})
		return err
	}); err != nil {
		return err
	}
	err := c.db.Do(ctx, func(tx *db.Tx) error {
		_, err := c.billing.PostAdjustmentTx(ctx, tx, billing.PostAdjustment{CreditRequestID: request, ApprovalID: approval, Adjustment: a, Explanation: "Because.", By: controller()})
		return err
	})
	if err != nil {
		_ = c.db.Do(ctx, func(tx *db.Tx) error { return c.billing.ReleaseReservationTx(ctx, tx, request) })
	}
	return err
}

func (s *shop) fiveInvoices() {
	for range crowdInvoices {
		s.issue(s.invoice("EUR", line("150.00", "19"), line("49.99", "7"), line("33.33", "19")))
	}
}

// crowded is a process of the crowd; its words arrive when it ends, its counts at any time.
type crowded struct {
	*exec.Cmd

	said   strings.Builder
	counts string // a file
}

func (s *shop) process(url string, until time.Time) *crowded {
	s.t.Helper()
	file, err := os.CreateTemp(s.t.TempDir(), "counts")
	s.must(err)
	s.must(file.Close())
	c := &crowded{Cmd: exec.CommandContext(s.t.Context(), os.Args[0], "-test.run=^$"), counts: file.Name()}
	c.Env = append(os.Environ(), crowdDatabase+"="+url, crowdUntil+"="+until.Format(time.RFC3339Nano), crowdCounts+"="+c.counts)
	c.Stdout, c.Stderr = &c.said, &c.said
	s.must(c.Start())
	return c
}

// tally is what the process had counted when it ended; nothing of one that was killed before its first deed.
func (c *crowded) tally(t testing.TB) (sum tally) {
	t.Helper()
	text, err := os.ReadFile(c.counts)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 0 {
		if _, err := fmt.Sscan(string(text), &sum.Done, &sum.Refused, &sum.Wrong); err != nil {
			t.Fatalf("counts %q: %v", text, err)
		}
	}
	return sum
}

// after judges how the processes fared and whether the books still hold.
func (s *shop) after(processes ...*crowded) {
	s.t.Helper()
	var all tally
	for _, p := range processes {
		one := p.tally(s.t)
		all = tally{all.Done + one.Done, all.Refused + one.Refused, all.Wrong + one.Wrong}
		for line := range strings.Lines(p.said.String()) {
			if strings.HasPrefix(line, "WRONG") {
				s.t.Error(line)
			}
		}
	}
	s.t.Logf("%d processes: %+v", len(processes), all)
	if all.Wrong > 0 || all.Done == 0 {
		s.t.Errorf("%d errors reached a person, %d deeds were done", all.Wrong, all.Done)
	}
	if over := value[int](s.t, s.db, `select count(*) from open_items where open < 0 or open > original`); over != 0 {
		s.t.Errorf("%d items over their cap", over)
	}
	s.sound()
}

// A hundred people in two processes credit, pay, apply, take back and reverse on five invoices: the caps hold to the cent,
// no deadlock reaches anybody, the numbers run from 1 without a gap.
func TestCrowdOnFiveInvoices(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	s := setupOn(t, dbtest.Open(t, url, nil))
	s.fiveInvoices()
	until := time.Now().Add(*crowdFor)
	first, second := s.process(url, until), s.process(url, until)
	s.must(first.Wait())
	s.must(second.Wait())
	s.after(first, second)
}

// The same with the processes killed again and again, at any instruction.
func TestKilledCrowdOnFiveInvoices(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	s := setupOn(t, dbtest.Open(t, url, nil))
	s.fiveInvoices()
	end := time.Now().Add(*crowdFor)
	var all []*crowded
	for time.Now().Before(end) {
		pair := []*crowded{s.process(url, end.Add(time.Minute)), s.process(url, end.Add(time.Minute))}
		<-time.After(min(killedAfter, time.Until(end)+time.Second))
		for _, p := range pair {
			s.must(p.Process.Kill())
			_ = p.Wait() // it did not end well, as intended
		}
		all = append(all, pair...)
	}
	s.after(all...)
}
