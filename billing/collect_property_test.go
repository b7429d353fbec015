package billing_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/billing"
	"makegood/billing/dunning"
	"makegood/internal/db"
)

// Whatever is disputed, promised, blocked, paid and decided, day after day: the parts are the whole, nothing disputed is
// on the list, and on the day a hold ends nothing of its invoice is.
func TestNothingDisputedIsEverDunned(t *testing.T) {
	t.Parallel()
	c := open(t)
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		c.do(func(tx *db.Tx) error {
			c.entity = c.addEntity(tx, fmt.Sprint("C", runs))
			c.customer = c.addCustomer(tx, fmt.Sprint("K-", runs), "direct", nil)
			return nil
		})
		w := &collecting{counter: c, rt: rt, next: int64(1000 * runs), held: map[int64]billing.InvoiceID{}, quiet: map[billing.InvoiceID]string{}}
		for range rapid.IntRange(1, 3).Draw(rt, "invoices") {
			w.invoices = append(w.invoices, c.overdue(decimal.New(rapid.Int64Range(100, 90000).Draw(rt, "net"), -2).String()).ID)
		}
		for range rapid.IntRange(3, 9).Draw(rt, "steps") {
			w.step(rapid.SampledFrom([]string{"hold", "hold", "release", "promise", "pay", "block", "tomorrow", "decide"}).Draw(rt, "what"))
			w.check()
		}
	})
	c.sound()
}

type collecting struct {
	*counter
	rt       *rapid.T
	invoices []billing.InvoiceID
	next     int64
	held     map[int64]billing.InvoiceID
	quiet    map[billing.InvoiceID]string // the day on which a hold of it was lowered or ended last
}

func (w *collecting) today() string { return w.clock.Now().In(berlin()).Format(time.DateOnly) }

func berlin() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}

func (w *collecting) step(what string) {
	invoice := rapid.SampledFrom(w.invoices).Draw(w.rt, "invoice")
	amount := decimal.New(rapid.Int64Range(1, 60000).Draw(w.rt, "amount"), -2)
	until := day(w.today()).AddDate(0, 0, rapid.IntRange(0, 4).Draw(w.rt, "days"))
	ctx := w.t.Context()
	switch what {
	case "hold":
		w.next++
		w.hold(invoice, nil, w.next, amount.String())
		w.held[w.next] = invoice
	case "release":
		for dispute, of := range w.held {
			if of != invoice {
				continue
			}
			had := value[bool](w.t, w.db, `select exists (select from holds where dispute_line_id = $1 and released_at is null)`, dispute)
			w.do(func(tx *db.Tx) error { return w.billing.ReleaseHoldTx(ctx, tx, dispute, "decided") })
			if had {
				w.quiet[invoice] = w.today()
			}
			delete(w.held, dispute)
			return
		}
	case "promise":
		in := billing.NewPromise{InvoiceID: invoice, Amount: amount, On: until, PromisedBy: "x", By: controller()}
		if rapid.Bool().Draw(w.rt, "over all") {
			in.InvoiceID, in.CustomerID, in.Currency = 0, w.customer, "EUR"
		}
		if _, err := w.billing.MakePromise(ctx, in); err != nil && !errors.Is(err, billing.ErrOverCollectible) {
			w.t.Fatal(err)
		}
	case "pay":
		open := w.detail(invoice).Open
		// What is in dispute is not paid here: a hold on money that is paid is another rule's matter.
		if part := decimal.Min(amount, open.Open.Sub(open.Held)); part.IsPositive() {
			w.payNow(part.String(), w.today(), invoice)
		}
	case "block":
		_, err := w.billing.BlockDunning(ctx, billing.NewBlock{InvoiceID: invoice, Until: until, Reason: "x", By: controller()})
		w.must(err)
	case "tomorrow":
		w.clock.Add(24 * time.Hour)
	case "decide":
		_, err := w.billing.DecidePromises(ctx)
		w.must(err)
	}
}

func (w *collecting) check() {
	list := w.list()
	all, err := w.billing.Collectible(w.t.Context(), w.db, billing.CollectQuery{CustomerID: w.customer})
	w.must(err)
	onList := map[billing.InvoiceID]dunning.Parts{}
	for _, row := range list.Rows {
		onList[row.InvoiceID] = row.Parts
	}
	for _, id := range w.invoices {
		open := w.detail(id).Open
		p, listed := onList[id]
		if listed && (p.Dunnable.Add(open.Held).GreaterThan(open.Open) || w.quiet[id] == w.today()) {
			w.t.Fatalf("%s: %s asked for of %s open, %s held, a hold ended on %q", w.today(), p.Dunnable, open.Open, open.Held, w.quiet[id])
		}
		at := slices.IndexFunc(all, func(c billing.Collectible) bool { return c.InvoiceID == id })
		if open.Open.IsZero() {
			continue
		}
		c := all[at]
		if sum := decimal.Sum(c.Held, c.Promised, c.KeptBack, c.Covered, c.Dunnable); !sum.Equal(open.Open) || !c.Collectible().Equal(open.Open.Sub(open.Held)) {
			w.t.Fatalf("%s: parts %+v of %s open", w.today(), c.Parts, open.Open)
		}
		blocked := value[bool](w.t, w.db, `select exists (select from dunning_blocks where invoice_id = $1 and $2::date between from_on and until_on)`, id, w.today())
		if blocked && listed {
			w.t.Fatalf("%s: a reminder in spite of a block", w.today())
		}
	}
}
