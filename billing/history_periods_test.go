package billing_test

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// moveMonth soft-closes, closes, or opens again one of the months before this one, as far as its state allows.
func (h *history) moveMonth() error {
	month := h.now().AddDate(0, -rapid.IntRange(1, 3).Draw(h.rt, "months ago"), 1-h.now().Day())
	at, err := h.billing.PeriodOf(h.t.Context(), h.entity, month, controller())
	if err != nil {
		return err
	}
	in := billing.PeriodMove{EntityID: h.entity, Month: month, Version: at.Version, Reason: "month-end", By: controller()}
	switch {
	case at.State == billing.PeriodClosed && at.Reopening == nil:
		_, err = h.billing.RequestReopen(h.t.Context(), in)
	case at.State == billing.PeriodClosed:
		in.By = person(8, access.Director)
		_, err = h.billing.ConfirmReopen(h.t.Context(), in)
	case at.State == billing.PeriodSoftClosed && rapid.IntRange(0, 3).Draw(h.rt, "lifted") == 0:
		_, err = h.billing.LiftSoftClose(h.t.Context(), in)
	case at.State == billing.PeriodSoftClosed:
		_, err = h.billing.Close(h.t.Context(), in)
	default:
		_, err = h.billing.SoftClose(h.t.Context(), in)
	}
	if err == nil {
		h.moved++
	}
	return err
}

// closedToAll holds every entry against the state that its month had when it was booked: a closed month takes none.
func (h *history) closedToAll() {
	wrong, err := db.Values[string](h.t.Context(), h.db, `select 'entry ' || e.id || ' of ' || e.document_kind || ' booked on ' || e.booked_on || ' at ' || e.posted_at
		from journal_entries e join lateral (select p.to_state as state from period_history p where p.entity_id = e.entity_id
			and p.month = date_trunc('month', e.booked_on)::date and p.changed_at <= e.posted_at order by p.id desc limit 1) s on s.state = 'closed'
		where e.entity_id = $1 limit 3`, h.entity)
	h.must(err)
	for _, w := range wrong {
		h.rt.Errorf("into a closed month: %s", w)
	}
}

// again records the last payment and posts the last adjustment once more: the same comes back, nothing is booked, and other content under
// the same key is refused.
func (h *history) again() {
	before := value[int64](h.t, h.db, `select coalesce(max(id), 0) from journal_entries`)
	if h.paidBy.IdempotencyKey != "" {
		p, err := h.billing.RecordPayment(h.t.Context(), h.paidBy)
		if err != nil || p.ID != h.payment {
			h.rt.Fatalf("the same payment again: %d, first %d: %v", p.ID, h.payment, err)
		}
		other := h.paidBy
		other.Amount = other.Amount.Add(decimal.New(1, -2))
		if _, err := h.billing.RecordPayment(h.t.Context(), other); errs.KindOf(err) != errs.Conflict {
			h.rt.Fatalf("another payment under the same key: %v", err)
		}
	}
	if h.last.CreditRequestID != 0 {
		posted, err := h.postAgain(h.last)
		if err != nil || posted.Document != h.lastDocument {
			h.rt.Fatalf("the same adjustment again: %+v, first %+v: %v", posted.Document, h.lastDocument, err)
		}
		other := h.last
		other.Adjustment.ReasonCode = "goodwill"
		if _, err := h.postAgain(other); errs.KindOf(err) != errs.Conflict {
			h.rt.Fatalf("another adjustment for the same request: %v", err)
		}
	}
	if after := value[int64](h.t, h.db, `select coalesce(max(id), 0) from journal_entries`); after != before {
		h.rt.Fatalf("%d entries booked twice", after-before)
	}
	h.repeated++
}

func (h *history) postAgain(in billing.PostAdjustment) (posted billing.Posted, err error) {
	err = h.db.Do(h.t.Context(), func(tx *db.Tx) error {
		posted, err = h.billing.PostAdjustmentTx(h.t.Context(), tx, in)
		return err
	})
	return posted, err
}

// contest holds a part of an invoice, or of one of its lines.
func (h *history) contest() {
	if len(h.invoices) == 0 {
		return
	}
	i := h.detail(rapid.SampledFrom(h.invoices).Draw(h.rt, "invoice"))
	var line *billing.InvoiceLineID
	if rapid.Bool().Draw(h.rt, "a line") {
		line = new(rapid.SampledFrom(i.Lines).Draw(h.rt, "line").ID)
	}
	h.contested++ // each dispute is one of its own: what was decided is contested by no second hold
	dispute := h.contested + 1_000_000_000*int64(h.entity)
	h.hold(i.ID, line, dispute, h.part(i.Total).String())
	h.disputes = append(h.disputes, dispute)
}

func (h *history) decide() {
	if len(h.disputes) == 0 {
		return
	}
	at := rapid.IntRange(0, len(h.disputes)-1).Draw(h.rt, "dispute")
	h.do(func(tx *db.Tx) error { return h.billing.ReleaseHoldTx(h.t.Context(), tx, h.disputes[at], "decided") })
	h.disputes = slices.Delete(h.disputes, at, at+1)
}

// key is a key of its own for a payment of this history.
func (h *history) key() string { return fmt.Sprintf("history %d payment at %s", h.entity, h.now()) }
