package billing_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
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
	crowdWorkers  = 50
	crowdInvoices = 5
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
	c := &member{db: d, billing: billing.New(d, nil, slog.New(slog.DiscardHandler))}
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
	fmt.Println("done", c.done.Load(), "refused", c.refused.Load())
	return 0
}

type member struct {
	db            *db.DB
	billing       *billing.Service
	request       atomic.Int64
	done, refused atomic.Int64
}

// judge lets pass what the rules refuse; anything else, a deadlock above all, must not reach a person.
func (c *member) judge(err error) {
	switch kind := errs.KindOf(err); {
	case err == nil:
		c.done.Add(1)
	case kind == errs.Invalid || kind == errs.Conflict || kind == errs.NotFound:
		c.refused.Add(1)
	default:
		fmt.Println("WRONG", err)
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

// process starts a process of the crowd; its words arrive when it ends.
func (s *shop) process(url string, until time.Time) (*exec.Cmd, *strings.Builder) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), crowdDatabase+"="+url, crowdUntil+"="+until.Format(time.RFC3339Nano))
	said := &strings.Builder{}
	cmd.Stdout, cmd.Stderr = said, said
	s.must(cmd.Start())
	return cmd, said
}

// after judges what the processes said and whether the books still hold.
func (s *shop) after(words ...*strings.Builder) {
	s.t.Helper()
	done := 0
	for _, w := range words {
		for line := range strings.Lines(w.String()) {
			if strings.HasPrefix(line, "WRONG") {
				s.t.Error(line)
			}
			if n, ok := strings.CutPrefix(line, "done "); ok {
				count, _ := strconv.Atoi(strings.Fields(n)[0])
				done += count
			}
		}
		s.t.Log(strings.TrimSpace(w.String()[max(0, len(w.String())-60):]))
	}
	if posted := value[int](s.t, s.db, `select (select count(*) from credit_memos) + (select count(*) from payments)`); done+posted == 0 {
		s.t.Error("nothing was done")
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
	first, said := s.process(url, until)
	second, saidToo := s.process(url, until)
	s.must(first.Wait())
	s.must(second.Wait())
	s.after(said, saidToo)
}

// The same with the processes killed again and again, at any instruction.
func TestKilledCrowdOnFiveInvoices(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	s := setupOn(t, dbtest.Open(t, url, nil))
	s.fiveInvoices()
	end := time.Now().Add(*crowdFor)
	var words []*strings.Builder
	for time.Now().Before(end) {
		var pair []*exec.Cmd
		for range 2 {
			cmd, said := s.process(url, end.Add(time.Minute))
			pair, words = append(pair, cmd), append(words, said)
		}
		<-time.After(min(3*time.Second, *crowdFor/2))
		for _, cmd := range pair {
			s.must(cmd.Process.Kill())
			_ = cmd.Wait() // it did not end well, as intended
		}
	}
	s.after(words...)
}
