package billing_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/money"
)

// april issues an invoice in April, a month that is still open in May.
func (s *shop) april(currency money.Currency, lines ...billing.NewLine) billing.InvoiceDetail {
	s.t.Helper()
	in := s.invoice(currency, lines...)
	in.IssuedOn = day("2026-04-20")
	return s.issue(in)
}

// bookedOn is the day in the books of the entries of a kind that move an item.
func (s *shop) bookedOn(document string, kind billing.ItemKind, id int64) string {
	s.t.Helper()
	return value[string](s.t, s.db, `select string_agg(distinct e.booked_on::text, ' ') from journal_entries e join postings p on p.entry_id = e.id
		where e.document_kind = $1 and p.item_kind = $2 and p.item_id = $3`, document, kind, id)
}

// A memo about April is booked in April, while that month is open. What it pays out leaves in May, at May's rate.
func TestMoneyOfAMemoLeavesOnItsOwnDay(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.april("USD", line("100", "19"))
	_, err := s.billing.RecordPayment(t.Context(), s.pay("USD", "119", "2026-04-25", billing.Allocate{InvoiceID: i.ID, Amount: d("119")}))
	s.must(err)
	posted := s.carried(billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: i.ID, ReasonCode: "overcharge", Whole: true, Refund: d("119")})
	if on := s.bookedOn("credit_memo", billing.MemoItem, int64(posted.Memo.ID)); on != "2026-04-30" {
		t.Errorf("the memo is booked on %s", on)
	}
	if on := s.bookedOn("refund", billing.MemoItem, int64(posted.Memo.ID)); on != "2026-05-12" {
		t.Errorf("the refund is booked on %s", on)
	}
	equal(t, "paid out in April", "0", s.inApril("cash_clearing"))
	equal(t, "realised in April", "0", s.inApril("fx_difference"))
	if said := value[string](t, s.db, `select concat_ws(' ', data ->> 'booked_on', data ->> 'refund_booked_on') from audit_log where what = 'credit_memo.posted'`); said != "2026-04-30 2026-05-12" {
		t.Errorf("the record says %s", said)
	}
	s.sound()
}

// inApril is what an account of the entity came to by the end of April, in base currency.
func (s *shop) inApril(account string) decimal.Decimal {
	s.t.Helper()
	return value[decimal.Decimal](s.t, s.db, `select coalesce(sum(base_amount), 0) from postings where account = $1 and booked_on <= '2026-04-30'`, account)
}

// What was paid on an invoice of April settles the one that replaces it when that is issued, not before.
func TestARebillIsSettledNotBeforeItIsIssued(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.april("USD", line("100", "19"))
	_, err := s.billing.RecordPayment(t.Context(), s.pay("USD", "60", "2026-04-25", billing.Allocate{InvoiceID: i.ID, Amount: d("60")}))
	s.must(err)
	posted := s.carried(billing.AdjustmentInput{
		Kind: billing.Rebill, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: &billing.Bill{Lines: []billing.NewLine{line("80", "19")}},
	})
	if on := s.bookedOn("credit_memo", billing.MemoItem, int64(posted.Memo.ID)); on != "2026-04-30" {
		t.Errorf("the memo is booked on %s", on)
	}
	for _, document := range []string{"invoice", "allocation"} {
		if on := s.bookedOn(document, billing.InvoiceItem, int64(posted.Invoice.ID)); on != "2026-05-12" {
			t.Errorf("%s of the new invoice is booked on %s", document, on)
		}
	}
	equal(t, "owed at the end of April", "0", s.inApril("receivable"))
	equal(t, "open", "35.20", s.open(billing.InvoiceItem, int64(posted.Invoice.ID)))
	s.takeBack(posted.Document)
	s.sound()
}
