package reports_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/figures"
	"makegood/internal/db"
	"makegood/internal/reports"
)

// A credit stays a credit, and cash stays cash, however often it was moved within a family of customers.
func TestWhatWasMovedTwiceIsStillWhatItWas(t *testing.T) {
	t.Parallel()
	h := setup(t)
	first, second := h.customers[0], h.customers[1]
	h.must(h.db.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update customers set kind = 'end_customer', parent_id = $1, family_id = $1 where id = $2`, first.ID, second.ID)
		return err
	}))
	i := h.issue(first, "100", "2026-01-02")
	h.pay(i, "150", "2026-01-02", "110") // 40 of cash stay
	memo := h.credit(i, billing.Concession, "50")
	move := func(from billing.Customer, to billing.CustomerID, part billing.ItemPart) billing.ItemPart {
		posted := h.adjust(billing.AdjustmentInput{
			Kind: billing.TransferOver, EntityID: from.EntityID, CustomerID: from.ID, Currency: "EUR", ReasonCode: "payment_not_applied", ToCustomerID: to, Items: []billing.ItemPart{part},
		})
		return billing.ItemPart{Kind: billing.TransferItem, ID: posted.Document.ID, Amount: part.Amount}
	}
	credit := move(first, second.ID, billing.ItemPart{Kind: billing.MemoItem, ID: int64(memo.Memo.ID), Amount: d("30")})
	move(second, first.ID, credit)
	payments := h.openOf(billing.PaymentItem)
	paid := move(first, second.ID, billing.ItemPart{Kind: billing.PaymentItem, ID: payments[0], Amount: d("25")})
	move(second, first.ID, paid)

	aging, err := h.reports.Aging(t.Context(), reports.Scope{By: controller(), Entity: "DE"}, nil)
	h.must(err)
	cash, credits := openOfAll(aging.Sections[0].Unapplied.Cash), openOfAll(aging.Sections[0].Unapplied.Credits)
	if !cash.Equal(d("40")) || !credits.Equal(memo.Memo.Total) {
		t.Errorf("cash %s, credits %s; want 40 and %s", cash, credits, memo.Memo.Total)
	}
}

// openOf are the documents of a kind with something open.
func (h *house) openOf(kind billing.ItemKind) []int64 {
	h.t.Helper()
	list, err := db.Values[int64](h.t.Context(), h.db, `select document_id from open_items where kind = $1 and open > 0`, kind)
	h.must(err)
	return list
}

func openOfAll(list []figures.Aged) decimal.Decimal {
	sum := decimal.Zero
	for _, a := range list {
		sum = sum.Add(a.Open)
	}
	return sum
}
