package credits_test

import (
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

// Fifty sign at the same moment while somebody stands in for one of them, and no more, and again: each step is decided once.
func TestFiftyApproversAtOnce(t *testing.T) {
	t.Parallel()
	k := setup(t)
	seniors := []access.Actor{k.senior}
	k.do(func(tx *db.Tx) error {
		for n := range 49 {
			one := k.person(tx, "Senior "+strconv.Itoa(n), access.Senior)
			k.exec(tx, `insert into authority_holders (level_id, user_id, valid_from) select id, $1, $2 from authority_levels where rank = 2`, one.UserID, tx.Now())
			seniors = append(seniors, one)
		}
		return nil
	})
	for _, net := range []string{"500", "2000"} { // the senior decides alone; the supervisor follows
		req := k.submit(k.proposal(k.invoice(k.customer, "5000"), net))
		var all sync.WaitGroup
		var won, late atomic.Int32
		for _, one := range seniors {
			all.Go(func() {
				_, err := k.credits.Approve(t.Context(), credits.DecideInput{By: one, ID: req.ID})
				switch {
				case err == nil:
					won.Add(1)
				case errors.Is(err, credits.ErrAlreadyDecided) && errs.KindOf(err) == errs.Conflict:
					late.Add(1)
				default:
					t.Errorf("%s: %v", one.Name, err)
				}
			})
		}
		all.Go(func() {
			for range 5 {
				given, err := k.credits.Delegate(t.Context(), k.standIn(k.senior, k.second))
				if err == nil {
					err = k.credits.Revoke(t.Context(), k.senior, given.ID)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
		all.Wait()
		if won.Load() != 1 || late.Load() != 49 {
			t.Errorf("%s: %d approved, %d came too late", net, won.Load(), late.Load())
		}
		if n := value[int](t, k.db, `select count(*) from credit_decisions where credit_request_id = $1`, req.ID); n != 1 {
			t.Errorf("%s: %d decisions", net, n)
		}
	}
	if n := value[int](t, k.db, `select count(*) from river_job where kind = 'credits.post_request'`); n != 1 {
		t.Errorf("%d postings asked for", n)
	}
}

func TestPostingTwicePostsOnce(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "1000")
	req := k.submit(k.proposal(invoice, "400"))
	k.approve(req.ID, k.senior)
	other := k.copy()
	var all sync.WaitGroup
	for i := range 12 {
		service := k.credits
		if i%2 == 1 {
			service = other
		}
		all.Go(func() {
			if err := service.Post(t.Context(), credits.PostRequest{ID: req.ID}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	k.work()
	k.must(k.credits.Post(t.Context(), credits.PostRequest{ID: req.ID}))
	if n := value[int](t, k.db, `select count(*) from credit_memos`); n != 1 {
		t.Errorf("%d memos", n)
	}
	if got := k.read(req.ID); got.State != credits.Posted {
		t.Errorf("%s %s", got.State, got.Failure)
	}
	equal(t, "open", "714", k.detail(invoice.ID).Open.Open)
	k.sound()
}

// copy is the service of a second copy of the program on the same database.
func (k *desk) copy() *credits.Service {
	d := dbtest.Open(k.t, k.db.Pool().Config().ConnString(), k.clock.Now)
	return credits.New(d, k.billing, k.cases, k.inbox, k.staff, slog.New(slog.DiscardHandler))
}

func TestSubmissionsAtOnceNeverReserveTooMuch(t *testing.T) {
	t.Parallel()
	k := setup(t)
	invoice := k.invoice(k.customer, "1000")
	var all sync.WaitGroup
	var won atomic.Int32
	for range 20 {
		all.Go(func() {
			_, err := k.credits.Submit(t.Context(), k.proposal(invoice, "130"))
			switch {
			case err == nil:
				won.Add(1)
			case fieldOf(err) == "lines.0.net" || errs.KindOf(err) == errs.Conflict:
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won.Load() != 7 {
		t.Errorf("%d of 130.00 fit into 1000.00", won.Load())
	}
	line := k.detail(invoice.ID).Lines[0]
	equal(t, "reserved", "910", line.Reserved)
	if line.Remaining.LessThan(decimal.Zero) {
		t.Error("reserved too much")
	}
	k.sound()
}
