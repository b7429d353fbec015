package billing_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/billing"
	"makegood/internal/db"
)

// Whatever is disputed of an invoice and its lines, and whatever is paid, taken back, credited, written off, reversed and decided
// meanwhile: nothing is held that is not open, of no line more than it has left, each hold says what became of all it was asked
// for, and what is kept of each is a matter of what is disputed and open alone, not of how it came about.
func TestHoldsFollowWhatIsOpen(t *testing.T) {
	t.Parallel()
	s := setup(t)
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		s.do(func(tx *db.Tx) error {
			s.entity = s.addEntity(tx, fmt.Sprint("F", runs))
			s.customer = s.addCustomer(tx, fmt.Sprint("F-", runs), "direct", nil)
			return nil
		})
		w := &holding{world: &world{shop: s, rt: rt, disputes: int64(1000 * runs)}}
		w.issueOne()
		for range rapid.IntRange(4, 14).Draw(rt, "steps") {
			w.step(rapid.SampledFrom([]string{"hold", "hold", "decide", "pay", "take back", "credit", "write off", "reverse"}).Draw(rt, "what"))
			w.check()
		}
	})
	s.sound()
}

type holding struct {
	*world
	open      []int64 // disputes
	documents []billing.DocumentRef
}

func (w *holding) step(what string) {
	i := w.detail(w.invoices[0])
	switch what {
	case "hold":
		var line *billing.InvoiceLineID
		if rapid.Bool().Draw(w.rt, "a line") {
			line = new(rapid.SampledFrom(i.Lines).Draw(w.rt, "line").ID)
		}
		w.disputes++
		w.hold(i.ID, line, w.disputes, w.cents("contested", i.Total, i.Currency.Digits()).String())
		w.open = append(w.open, w.disputes)
	case "decide":
		if len(w.open) > 0 {
			at := rapid.IntRange(0, len(w.open)-1).Draw(w.rt, "dispute")
			dispute := w.open[at]
			w.do(func(tx *db.Tx) error { return w.billing.ReleaseHoldTx(w.t.Context(), tx, dispute, "decided") })
			if w.open = slices.Delete(w.open, at, at+1); rapid.Bool().Draw(w.rt, "and opened again") {
				w.hold(i.ID, nil, dispute, w.cents("contested again", i.Total, i.Currency.Digits()).String())
				w.open = append(w.open, dispute)
			}
		}
	case "pay":
		w.payOne(i)
	case "take back":
		if list := i.Allocations; len(list) > 0 {
			id := rapid.SampledFrom(list).Draw(w.rt, "allocation").ID
			_ = w.billing.Unapply(w.t.Context(), billing.UnapplyInput{By: controller(), IDs: []int64{id}, Reason: "wrong"}) // or it was taken back before
		}
	case "credit":
		w.carryOn(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: i.ID, ReasonCode: "x", Lines: []billing.AdjustLine{
			{InvoiceLineID: rapid.SampledFrom(i.Lines).Draw(w.rt, "line").ID, Amount: w.cents("credit", d("500"), i.Currency.Digits())},
		}})
	case "write off":
		w.carryOn(billing.AdjustmentInput{Kind: billing.WriteOff, ReasonCode: "x", Items: []billing.ItemPart{
			{Kind: billing.InvoiceItem, ID: int64(i.ID), Amount: w.cents("off", i.Total, i.Currency.Digits())},
		}})
	case "reverse":
		if len(w.documents) > 0 {
			w.carryOn(billing.AdjustmentInput{Kind: billing.Reverse, ReasonCode: "x", Reverses: rapid.SampledFrom(w.documents).Draw(w.rt, "document")})
		}
	}
}

// carryOn posts what the books take.
func (w *holding) carryOn(in billing.AdjustmentInput) {
	if posted, err := w.carry(in); err == nil && in.Kind != billing.Reverse {
		w.documents = append(w.documents, posted.Document)
	}
}

// check works out anew what every dispute keeps: the earliest first.
func (w *holding) check() {
	i := w.detail(w.invoices[0])
	holds, err := db.List[billing.Hold](w.t.Context(), w.db, `select * from holds where invoice_id = $1 and released_at is null order by id`, i.ID)
	w.must(err)
	if len(holds) != len(w.open) {
		w.rt.Fatalf("%d holds, %d disputes", len(holds), len(w.open))
	}
	left, lines := i.Open.Open, map[billing.InvoiceLineID]decimal.Decimal{}
	for _, l := range i.Lines {
		lines[l.ID] = l.Remaining.Add(l.Reserved)
		if !i.PricesIncludeTax && l.Net.IsPositive() {
			lines[l.ID] = lines[l.ID].Add(l.TaxShare.Mul(lines[l.ID]).DivRound(l.Net, i.Currency.Digits()))
		}
	}
	sum := decimal.Zero
	for _, h := range holds {
		want := h.Wanted
		if h.InvoiceLineID != nil {
			want = decimal.Max(decimal.Zero, decimal.Min(want, lines[*h.InvoiceLineID]))
			lines[*h.InvoiceLineID] = lines[*h.InvoiceLineID].Sub(h.Wanted)
		}
		keeps := decimal.Max(decimal.Zero, decimal.Min(want, left))
		left = left.Sub(want)
		sum = sum.Add(h.Amount)
		if !h.Amount.Equal(keeps) || !decimal.Sum(h.Amount, h.Paid, h.Credited, h.WrittenOff).Equal(h.Wanted) {
			w.rt.Fatalf("dispute %d keeps %s, want %s; %s asked for, %s paid, %s credited, %s written off; %s open", h.DisputeLineID, h.Amount, keeps,
				h.Wanted, h.Paid, h.Credited, h.WrittenOff, i.Open.Open)
		}
	}
	if !sum.Equal(i.Open.Held) || sum.GreaterThan(i.Open.Open) {
		w.rt.Fatalf("%s held, holds of %s, %s open", i.Open.Held, sum, i.Open.Open)
	}
	was := value[decimal.Decimal](w.t, w.db, `select coalesce(sum(amount - amount_before), 0) from hold_changes where invoice_id = $1`, i.ID)
	if !was.Equal(sum) {
		w.rt.Fatalf("%s held by the history of %s", was, sum)
	}
}
