package billing_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// What users of other products complain of, and what must not be possible here. docs/money-cases.md has the list; those that
// take more than the books are with the requests (credits) and with the whole program (internal/app).

func (s *shop) whole(i billing.InvoiceDetail, refund decimal.Decimal) billing.AdjustmentInput {
	return billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: i.ID, ReasonCode: "overcharge", Whole: true, Refund: refund}
}

func TestComplaint1AFullRefund001OverTheOrder(t *testing.T) {
	t.Parallel()
	for _, inclusive := range []bool{false, true} {
		s := setup(t)
		in := s.invoice("EUR", line("33.33", "19"), line("33.33", "19"), line("33.35", "7"))
		in.PricesIncludeTax = inclusive
		in.Discounts = []billing.NewDiscount{{Label: "Coupon", Amount: d("0.10")}}
		i := s.issue(in)
		s.paid(i.Total.String(), billing.Allocate{InvoiceID: i.ID, Amount: i.Total})
		s.carried(credit(billing.BillingError, i.ID, onLine(i, 0, "11.11"))) // stays with us as a credit
		rest := i.Total.Sub(value[decimal.Decimal](t, s.db, `select total from credit_memos`))
		if _, err := s.carry(s.whole(i, rest.Add(d("0.01")))); fieldKey(err) != "billing.settles_more_than_total" {
			t.Errorf("0.01 over the order: %v", err)
		}
		posted := s.carried(s.whole(i, rest))
		equal(t, "refunded", rest.String(), posted.Refund.Amount)
		equal(t, "all of the order is credited, no cent more", i.Total.String(), value[decimal.Decimal](t, s.db, `select sum(total) from credit_memos`))
		equal(t, "open", "0", s.open(billing.InvoiceItem, int64(i.ID)))
		s.sound()
	}
}

func TestComplaint3ACreditNoteThatCashRoundsAlthoughItsInvoiceDidNot(t *testing.T) {
	t.Parallel()
	for _, rounding := range []string{"0", "0.02", "-0.02"} {
		s := setup(t)
		in := s.invoice("EUR", line("10.00", "8.1"), line("20.03", "8.1"))
		in.Rounding = d(rounding)
		i := s.issue(in)
		parts := []*billing.CreditMemo{s.credited(i, onLine(i, 0, "3.33")), s.credited(i, onLine(i, 0, "6.67")), s.carried(s.whole(i, decimal.Zero)).Memo}
		total, rounded := decimal.Zero, decimal.Zero
		for _, m := range parts {
			total, rounded = total.Add(m.Total), rounded.Add(m.Rounding)
			equal(t, "total is net and tax and what is mirrored", m.Net.Add(m.Tax).Add(m.Rounding).String(), m.Total)
		}
		equal(t, "rounding of a part", "0", parts[0].Rounding)
		equal(t, "rounding in all", rounding, rounded)
		equal(t, "credited in all", i.Total.String(), total)
		equal(t, "open", "0", s.open(billing.InvoiceItem, int64(i.ID)))
		printed, err := s.billing.PrintedMemo(t.Context(), s.db, parts[2].ID)
		s.must(err)
		equal(t, "on paper", rounding, printed.Rounding.Decimal())
		s.sound()
	}
}

func TestComplaint4ASecondPartialCreditRefusedBelowTheCapOrAcceptedAboveIt(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100.00", "19")))
	s.credited(i, onLine(i, 0, "60.00"))
	for _, over := range []string{"40.01", "100.00"} {
		if _, err := s.carry(credit(billing.BillingError, i.ID, onLine(i, 0, over))); fieldKey(err) != "billing.only_remaining" || !strings.Contains(remaining(err), "40.00 EUR") {
			t.Errorf("%s above the cap: %v", over, err)
		}
	}
	s.credited(i, onLine(i, 0, "39.99"))
	last := s.credited(i, onLine(i, 0, "0.01"))
	equal(t, "the last cent", "0.01", last.Net)
	equal(t, "in all", "119.00", value[decimal.Decimal](t, s.db, `select sum(total) from credit_memos`))
	s.sound()
}

// books is everything that a correction may move, as one text.
func (s *shop) books(i billing.InvoiceDetail, customers ...billing.CustomerID) string {
	s.t.Helper()
	var b strings.Builder
	now := s.detail(i.ID)
	fmt.Fprintf(&b, "open %s, held %s;", now.Open.Open, now.Open.Held)
	for _, l := range now.Lines {
		fmt.Fprintf(&b, " line %s credited %s", l.Remaining, l.Credited)
	}
	for _, c := range customers {
		fmt.Fprintf(&b, "; account %s", value[decimal.Decimal](s.t, s.db,
			`select coalesce(sum(case kind when 'invoice' then open else -open end), 0) from open_items where customer_id = $1`, c))
	}
	b.WriteString("; " + value[string](s.t, s.db, `select coalesce(string_agg(account || ' ' || trim_scale(amount), ', ' order by account), '') from
		(select account, sum(amount) as amount from postings group by account having sum(amount) <> 0) p`))
	return b.String()
}

func TestComplaint6ACorrectionThatCannotBeUndone(t *testing.T) {
	t.Parallel()
	charge := &billing.Bill{Lines: []billing.NewLine{line("50", "19")}}
	for name, in := range map[string]func(i billing.InvoiceDetail, p billing.Payment, s *shop) billing.AdjustmentInput{
		"billing error": func(i billing.InvoiceDetail, _ billing.Payment, _ *shop) billing.AdjustmentInput {
			return credit(billing.BillingError, i.ID, onLine(i, 0, "40"))
		},
		"whole invoice": func(i billing.InvoiceDetail, _ billing.Payment, s *shop) billing.AdjustmentInput {
			return s.whole(i, d("20"))
		},
		"concession": func(i billing.InvoiceDetail, _ billing.Payment, _ *shop) billing.AdjustmentInput {
			return credit(billing.Concession, i.ID, onLine(i, 0, "40"))
		},
		"service credit": func(i billing.InvoiceDetail, _ billing.Payment, _ *shop) billing.AdjustmentInput {
			return credit(billing.SLACredit, i.ID, onLine(i, 0, "40"))
		},
		"on account": func(_ billing.InvoiceDetail, _ billing.Payment, s *shop) billing.AdjustmentInput {
			return billing.AdjustmentInput{Kind: billing.Concession, CustomerID: s.customer, ReasonCode: "overcharge", Lines: []billing.AdjustLine{{Description: "Goodwill", Amount: d("5"), Tax: billing.LineTax{Category: "S", Rate: d("19")}}}}
		},
		"rebill": func(i billing.InvoiceDetail, _ billing.Payment, _ *shop) billing.AdjustmentInput {
			return billing.AdjustmentInput{Kind: billing.Rebill, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: charge}
		},
		"debit memo": func(i billing.InvoiceDetail, _ billing.Payment, _ *shop) billing.AdjustmentInput {
			return billing.AdjustmentInput{Kind: billing.Debit, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: charge}
		},
		"refund": func(_ billing.InvoiceDetail, p billing.Payment, _ *shop) billing.AdjustmentInput {
			return billing.AdjustmentInput{Kind: billing.RefundOut, ReasonCode: "refund_not_received", Items: []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(p.ID), Amount: d("10")}}}
		},
		"write-off": func(i billing.InvoiceDetail, _ billing.Payment, _ *shop) billing.AdjustmentInput {
			return billing.AdjustmentInput{Kind: billing.WriteOff, ReasonCode: "overcharge", Items: []billing.ItemPart{{Kind: billing.InvoiceItem, ID: int64(i.ID), Amount: d("69")}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			i := s.issue(s.invoice("EUR", line("100", "19")))
			p := s.paid("70", billing.Allocate{InvoiceID: i.ID, Amount: d("50")})
			before := s.books(i, s.customer)
			posted := s.carried(in(i, p, s))
			if s.books(i, s.customer) == before {
				t.Error("the correction changed nothing")
			}
			if posted.Refund != nil && posted.Document.Kind == billing.MemoDoc { // what was paid out first: the refusal names it
				if _, err := s.carry(billing.AdjustmentInput{Kind: billing.Reverse, ReasonCode: "overcharge", Reverses: posted.Document}); !errors.Is(err, billing.ErrReversalBlocked) {
					t.Errorf("with its refund standing: %v", err)
				}
				s.takeBack(billing.DocumentRef{Kind: billing.RefundDoc, ID: int64(posted.Refund.ID)})
			}
			s.takeBack(posted.Document)
			if after := s.books(i, s.customer); after != before {
				t.Errorf("undone:\n%s\nbefore:\n%s", after, before)
			}
			s.sound()
		})
	}
	t.Run("transfer", func(t *testing.T) {
		t.Parallel()
		s := setup(t)
		s.customer = s.client
		i := s.issue(s.invoice("EUR", line("100", "19")))
		p := s.paid("70")
		before := s.books(i, s.client, s.partner)
		posted := s.carried(billing.AdjustmentInput{Kind: billing.TransferOver, ReasonCode: "overcharge", ToCustomerID: s.partner, Items: []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(p.ID), Amount: d("30")}}})
		s.takeBack(posted.Document)
		if after := s.books(i, s.client, s.partner); after != before {
			t.Errorf("undone:\n%s\nbefore:\n%s", after, before)
		}
		s.sound()
	})
}

func TestComplaint7AVoidThatDoesNotGiveBackConsumedCredit(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T) (*shop, *billing.CreditMemo, billing.InvoiceDetail, []billing.Allocation) {
		t.Helper()
		s := setup(t)
		account := s.carried(billing.AdjustmentInput{Kind: billing.Concession, CustomerID: s.customer, ReasonCode: "overcharge", Lines: []billing.AdjustLine{
			{Description: "Welcome credit", Amount: d("20.00"), Tax: billing.LineTax{Category: "Z"}},
		}}).Memo
		i := s.issue(s.invoice("EUR", line("19.95", "0")))
		made, err := s.billing.Apply(t.Context(), billing.ApplyInput{By: controller(), Parts: []billing.ApplyPart{
			{Kind: billing.MemoItem, ID: int64(account.ID), InvoiceID: i.ID, Amount: d("19.95")},
		}})
		s.must(err)
		equal(t, "consumed", "0.05", s.open(billing.MemoItem, int64(account.ID)))
		return s, account, i, made
	}
	t.Run("the invoice that consumed it is voided", func(t *testing.T) {
		t.Parallel()
		s, _, i, _ := begin(t)
		s.carried(s.whole(i, decimal.Zero))
		equal(t, "credit of the customer", "-20.00", s.account())
		s.sound()
	})
	t.Run("the application is taken back", func(t *testing.T) {
		t.Parallel()
		s, account, i, made := begin(t)
		s.must(s.billing.Unapply(t.Context(), billing.UnapplyInput{By: controller(), IDs: []int64{made[0].ID}, Reason: "refund"}))
		equal(t, "credit", "20.00", s.open(billing.MemoItem, int64(account.ID)))
		equal(t, "invoice", "19.95", s.open(billing.InvoiceItem, int64(i.ID)))
		s.sound()
	})
	t.Run("the credit itself is voided", func(t *testing.T) {
		t.Parallel()
		s, account, i, _ := begin(t)
		s.takeBack(billing.DocumentRef{Kind: billing.MemoDoc, ID: int64(account.ID)})
		equal(t, "credit", "0", s.open(billing.MemoItem, int64(account.ID)))
		equal(t, "invoice", "19.95", s.open(billing.InvoiceItem, int64(i.ID)))
		s.sound()
	})
}

func TestComplaint10ADunningLetterForADisputedAmountOrOnTheDayItsHoldEnds(t *testing.T) {
	t.Parallel()
	c := open(t)
	i := c.overdue("100")
	c.hold(i.ID, nil, 1, "119")
	c.parts(i.ID, "119", "0", "0", "0")
	c.hold(i.ID, nil, 1, "40")
	c.parts(i.ID, "40", "0", "79", "0") // what came off hold today is not dunned today
	c.on("2026-05-13")
	c.parts(i.ID, "40", "0", "0", "79")
	c.do(func(tx *db.Tx) error { return c.billing.ReleaseHoldTx(t.Context(), tx, 1, "rejected") })
	c.parts(i.ID, "0", "0", "119", "0")
	c.on("2026-05-14")
	c.parts(i.ID, "0", "0", "0", "119")
}

func TestComplaint11DeadlocksFromNumberingDrafts(t *testing.T) {
	t.Parallel()
	s := setup(t)
	const people, rounds = 8, 4
	invoices := []billing.InvoiceDetail{s.issue(s.invoice("EUR", line("1000", "19"))), s.issue(s.invoice("EUR", line("1000", "19")))}
	numbers := func() int64 {
		return value[int64](t, s.db, `select coalesce(sum(last_no), 0)::bigint from document_sequences where series like 'CM-%'`)
	}
	drafts := make([]billing.PostAdjustment, people*rounds)
	for n := range drafts {
		i := invoices[n%2]
		request, a := s.reserve(credit(billing.BillingError, i.ID, onLine(i, 0, "1")))
		drafts[n] = billing.PostAdjustment{CreditRequestID: request, ApprovalID: s.approve(request, a), Adjustment: a, Explanation: "Because.", By: controller()}
	}
	if n := numbers(); n != 0 {
		t.Errorf("drafts took %d numbers", n)
	}
	for _, r := range together(people, func(who int) (int, error) {
		for round := range rounds { // two at once, on both invoices, in opposite orders
			pair := []billing.PostAdjustment{drafts[who*rounds+round]}
			if round%2 == 0 {
				continue
			}
			pair = append(pair, drafts[who*rounds+round-1])
			if who%2 == 0 {
				pair[0], pair[1] = pair[1], pair[0]
			}
			if err := s.db.Do(t.Context(), func(tx *db.Tx) error {
				_, err := s.billing.PostAdjustmentsTx(t.Context(), tx, pair)
				return err
			}); err != nil {
				return round, err
			}
		}
		return rounds, nil
	}) {
		if r.err != nil {
			t.Errorf("round %d: %v", r.value, r.err)
		}
	}
	if n, memos := numbers(), value[int64](t, s.db, `select count(distinct sequence_no) from credit_memos`); n != people*rounds || memos != n {
		t.Errorf("%d numbers for %d memos, want %d without a gap", n, memos, people*rounds)
	}
	s.sound()
}

func TestComplaint12AnAdjustmentPostedByImportWithoutApproval(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.bring(s.file(importer.Invoices), invoiceFile)
	b := s.bring(s.file(importer.CreditNotes), noteFile)
	s.run(b.ID) // once more, as an impatient person would
	s.counted(b.ID, billing.ImportCounts{billing.RowWaiting: 2})
	if err := s.billing.ApproveImport(t.Context(), b.ID, controller()); err == nil {
		t.Error("who brought the file approves it")
	}
	if n := value[int](t, s.db, `select count(*) from credit_memos`); n != 0 {
		t.Errorf("%d memos were posted without approval", n)
	}
	s.must(s.billing.ApproveImport(t.Context(), b.ID, otherController()))
	s.run(b.ID)
	if n := value[int](t, s.db, `select count(*) from credit_memos m join adjustment_approvals a on a.id = m.approval_id where a.digest = credit_memo_digest(m.id)`); n != 2 {
		t.Errorf("%d memos with the digest that was approved", n)
	}
	s.sound()
}

// remaining is what a refusal says there is left.
func remaining(err error) string {
	var e *errs.Error
	if !errors.As(err, &e) {
		return ""
	}
	for _, f := range e.Fields {
		if f.Params["remaining"] != "" {
			return f.Params["remaining"]
		}
	}
	return ""
}
