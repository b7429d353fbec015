package billing_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/internal/db"
)

// goodwill gives a customer a credit on account.
func (s *shop) goodwill(to billing.CustomerID, amount string) billing.ItemPart {
	s.t.Helper()
	posted := s.carried(billing.AdjustmentInput{
		Kind: billing.Concession, CustomerID: to, ReasonCode: "overcharge",
		Lines: []billing.AdjustLine{{Description: "Goodwill", Amount: d(amount), Tax: billing.LineTax{Category: "Z"}}},
	})
	return billing.ItemPart{Kind: billing.MemoItem, ID: posted.Document.ID, Amount: d(amount)}
}

// moved moves unapplied money to another customer of the family, and gives the item it is there.
func (s *shop) moved(part billing.ItemPart, to billing.CustomerID) billing.ItemPart {
	s.t.Helper()
	posted := s.carried(billing.AdjustmentInput{Kind: billing.TransferOver, ReasonCode: "overcharge", ToCustomerID: to, Items: []billing.ItemPart{part}})
	return billing.ItemPart{Kind: billing.TransferItem, ID: posted.Document.ID, Amount: part.Amount}
}

func (s *shop) refundable(of billing.CustomerID) decimal.Decimal {
	s.t.Helper()
	left, err := s.billing.Refundable(s.t.Context(), s.db, of, "EUR")
	s.must(err)
	return left.Decimal()
}

// postAny posts what was reserved and approved.
func (s *shop) postAny(in billing.PostAdjustment) (billing.Posted, error) {
	var posted billing.Posted
	err := s.db.Do(s.t.Context(), func(tx *db.Tx) error {
		var err error
		posted, err = s.billing.PostAdjustmentTx(s.t.Context(), tx, in)
		return err
	})
	return posted, err
}

func payingOut(parts ...billing.ItemPart) billing.AdjustmentInput {
	return billing.AdjustmentInput{Kind: billing.RefundOut, ReasonCode: "refund_not_received", Items: parts}
}

// What was moved counts as what it was at first: goodwill that comes back from another customer of the family is no cash, cash stays cash.
func TestACreditIsNoCashHoweverItIsMoved(t *testing.T) {
	t.Parallel()
	s := setup(t)
	there := s.moved(s.goodwill(s.partner, "100"), s.client)
	equal(t, "of the receiver", "0", s.refundable(s.client))
	back := s.moved(there, s.partner)
	equal(t, "of the sender, who has it back", "0", s.refundable(s.partner))
	if _, err := s.carry(payingOut(back)); fieldKey(err) != "billing.nothing_to_refund" {
		t.Errorf("goodwill was paid out: %v", err)
	}

	in := s.pay("EUR", "50", "2026-05-08")
	in.CustomerID = s.partner
	cash, err := s.billing.RecordPayment(t.Context(), in)
	s.must(err)
	one := s.moved(billing.ItemPart{Kind: billing.PaymentItem, ID: int64(cash.ID), Amount: d("50")}, s.client)
	one.Amount = d("30")
	s.moved(one, s.partner)
	equal(t, "cash that stayed there", "20", s.refundable(s.client))
	equal(t, "cash that came back", "30", s.refundable(s.partner))
	last := s.moved(billing.ItemPart{Kind: back.Kind, ID: back.ID, Amount: d("40")}, s.client)
	equal(t, "goodwill beside it", "20", s.refundable(s.client))
	s.takeBack(billing.DocumentRef{Kind: billing.TransferDoc, ID: last.ID})
	one.Amount = d("20")
	s.carried(payingOut(one))
	equal(t, "paid out", "0", s.refundable(s.client))
	s.sound()
}

// Tax that was withheld is no cash of whoever it was moved to either.
func TestWithheldTaxIsNoCashOfTheReceiver(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.invoice("EUR", line("1000", "19"))
	in.CustomerID, in.Withholding = s.partner, d("100")
	i := s.issue(in)
	pay := s.pay("EUR", "100", "2026-05-08", billing.Allocate{InvoiceID: i.ID, Amount: d("100")})
	pay.CustomerID, pay.Method = s.partner, billing.MethodWithholding
	withheld, err := s.billing.RecordPayment(t.Context(), pay)
	s.must(err)
	s.must(s.billing.Unapply(t.Context(), billing.UnapplyInput{By: controller(), IDs: []int64{s.detail(i.ID).Allocations[0].ID}, Reason: "another invoice"}))
	there := s.moved(billing.ItemPart{Kind: billing.PaymentItem, ID: int64(withheld.ID), Amount: d("100")}, s.client)
	equal(t, "of the receiver", "0", s.refundable(s.client))
	if _, err := s.carry(payingOut(there)); fieldKey(err) != "billing.nothing_to_refund" {
		t.Errorf("withheld tax was paid out: %v", err)
	}
	s.sound()
}

// The database itself takes no refund of more than was received, though it was signed.
func TestTheDatabasePaysOutNoMoreThanWasReceived(t *testing.T) {
	t.Parallel()
	s := setup(t)
	memo := s.goodwill(s.customer, "100")
	paid := s.paid("100")
	request, a := s.reserve(payingOut(memo))
	s.approve(request, a)
	_, err := s.billing.RecordChargeback(t.Context(), billing.NewChargeback{By: controller(), PaymentID: paid.ID, ChargedOn: day("2026-05-11"), Reason: "fraud", Amount: d("0.01")})
	s.must(err)
	err = s.db.Do(t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec(t.Context(), `set constraints refund_within_cash immediate`); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `insert into refunds (entity_id, number, series, fiscal_year, sequence_no, customer_id, currency, amount, refunded_on, fx_rate, reason_code,
				credit_request_id, approval_id, posted_at)
			select entity_id, 'RF-X', 'RF-DE', 2026, 1, customer_id, currency, 100, '2026-05-12', 1, 'refund_not_received', $1,
				(select id from adjustment_approvals where credit_request_id = $1), now() from payments`, request)
		return err
	})
	if !db.Violates(err, "refund_within_cash") {
		t.Errorf("refused by %v", err)
	}
	s.sound()
}

// What a pending request is to pay out counts: two are not signed for the same money, of an item, of a credit, or side by side.
func TestWhatIsToBePaidOutIsKept(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100", "0")))
	memo := s.goodwill(s.customer, "100")
	paid := s.paid("100", billing.Allocate{InvoiceID: i.ID, Amount: d("50")})
	onPayment := billing.ItemPart{Kind: billing.PaymentItem, ID: int64(paid.ID), Amount: d("50")}
	back := credit(billing.BillingError, i.ID, onLine(i, 0, "40"))
	back.Refund = d("40")
	first, _ := s.reserve(back)
	equal(t, "left beside it", "60", s.refundable(s.customer))
	again := credit(billing.BillingError, i.ID, onLine(i, 0, "20"))
	again.Refund = d("10.01") // 50 settled the invoice
	if _, err := s.billing.PrepareAdjustment(t.Context(), s.db, again); fieldKey(err) != "billing.nothing_to_refund" {
		t.Errorf("a cent more than was paid on the invoice: %v", err)
	}
	memo.Amount = d("60.01")
	if _, err := s.billing.PrepareAdjustment(t.Context(), s.db, payingOut(memo)); fieldKey(err) != "billing.nothing_to_refund" {
		t.Errorf("a cent too much: %v", err)
	}
	s.do(func(tx *db.Tx) error { return s.billing.ReleaseReservationTx(t.Context(), tx, first) })
	equal(t, "let go of", "100", s.refundable(s.customer))

	memo.Amount = d("60")
	asked := []billing.AdjustmentInput{payingOut(memo), payingOut(onPayment)} // 110 of 100
	won := 0
	for _, r := range together(len(asked), func(n int) (billing.Adjustment, error) {
		a, err := s.billing.PrepareAdjustment(t.Context(), s.db, asked[n])
		if err != nil {
			return a, err
		}
		return a, s.db.Do(t.Context(), func(tx *db.Tx) error { return s.billing.ReserveTx(t.Context(), tx, int64(500+n), a) })
	}) {
		if r.err == nil {
			won++
		} else if fieldKey(r.err) != "billing.nothing_to_refund" {
			t.Error(r.err)
		}
	}
	if won != 1 {
		t.Errorf("%d of two requests keep the same cash", won)
	}
	s.sound()
}

// What a credit of ours settled outside has left already: neither the customer's balance nor a relative's, nor another credit on the same invoice gives it once more.
func TestWhatWasSettledOutsideIsPaidOutNoSecondTime(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.invoice("EUR", line("100", "0"))
	in.CustomerID = s.partner
	i := s.issue(in)
	pay := s.pay("EUR", "100", "2026-05-08", billing.Allocate{InvoiceID: i.ID, Amount: d("100")})
	pay.CustomerID = s.partner
	_, err := s.billing.RecordPayment(t.Context(), pay)
	s.must(err)
	over := credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("90")})
	over.SettledOutside = d("60")
	s.carried(over)
	equal(t, "to be refunded", "40", s.refundable(s.partner))
	again := credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("10")})
	again.Refund = d("10")
	goodwill := s.goodwill(s.partner, "41")
	if _, err := s.carry(payingOut(goodwill)); fieldKey(err) != "billing.nothing_to_refund" {
		t.Errorf("goodwill of what was settled outside: %v", err)
	}
	if _, err := s.carry(payingOut(s.moved(goodwill, s.client))); fieldKey(err) != "billing.nothing_to_refund" {
		t.Errorf("of a relative: %v", err)
	}
	memo := s.carried(again)
	equal(t, "refunded of the rest", "10", memo.Refund.Amount)
	equal(t, "still to be refunded", "30", s.refundable(s.partner))

	s2 := setup(t)
	j := s2.issue(s2.invoice("EUR", line("100", "0")))
	s2.paid("80", billing.Allocate{InvoiceID: j.ID, Amount: d("80")})
	both := credit(billing.BillingError, j.ID, billing.AdjustLine{InvoiceLineID: j.Lines[0].ID, Amount: d("100")})
	both.Refund, both.SettledOutside = d("50"), d("31")
	if _, err := s2.carry(both); fieldKey(err) != "billing.nothing_to_refund" {
		t.Errorf("more than was received, by both: %v", err)
	}
	both.Refund, both.SettledOutside = decimal.Zero, d("30")
	posted := s2.carried(both)
	equal(t, "less what was settled outside", "50", s2.refundable(s2.customer))
	s2.takeBack(posted.Document)
	equal(t, "taken back", "80", s2.refundable(s2.customer))
	s.sound()
	s2.sound()
}

// Cash that went after two refunds were signed is paid out once, though both are posted at the same moment.
func TestTwoRefundsAtOncePayOutNoMoreThanWasReceived(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for range 4 {
		memo := s.goodwill(s.customer, "100")
		one, other := s.paid("100"), s.paid("100")
		var posts []billing.PostAdjustment
		for _, part := range []billing.ItemPart{memo, {Kind: billing.PaymentItem, ID: int64(one.ID), Amount: d("100")}} {
			request, a := s.reserve(payingOut(part))
			posts = append(posts, billing.PostAdjustment{CreditRequestID: request, ApprovalID: s.approve(request, a), Adjustment: a, Explanation: "Because.", By: controller()})
		}
		_, err := s.billing.RecordChargeback(t.Context(), billing.NewChargeback{By: controller(), PaymentID: other.ID, ChargedOn: day("2026-05-11"), Reason: "fraud"})
		s.must(err)
		won := 0
		for n, r := range together(len(posts), func(n int) (billing.Posted, error) {
			return s.postAny(posts[n])
		}) {
			if r.err == nil {
				won++
				continue
			}
			if fieldKey(r.err) != "billing.nothing_to_refund" {
				t.Error(r.err)
			}
			s.do(func(tx *db.Tx) error {
				return s.billing.ReleaseReservationTx(t.Context(), tx, posts[n].CreditRequestID)
			})
		}
		if won != 1 {
			t.Fatalf("%d refunds of 100.00 were posted, where 100.00 was left", won)
		}
		equal(t, "left", "0", s.refundable(s.customer))
	}
	s.sound()
}

// Goodwill that was paid out against a payment leaves that payment where it is: moved on, it is no cash that could be paid out once more.
func TestCashIsPaidOutOnceWhereverItIsMoved(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.pay("EUR", "100", "2026-05-08")
	in.CustomerID = s.partner
	cash, err := s.billing.RecordPayment(t.Context(), in)
	s.must(err)
	s.carried(payingOut(s.goodwill(s.partner, "70")))
	equal(t, "left of what was paid", "30", s.refundable(s.partner))
	there := s.moved(billing.ItemPart{Kind: billing.PaymentItem, ID: int64(cash.ID), Amount: d("100")}, s.client)
	equal(t, "of the receiver", "30", s.refundable(s.client))
	if _, err := s.carry(payingOut(there)); fieldKey(err) != "billing.nothing_to_refund" {
		t.Errorf("70 were paid out twice: %v", err)
	}
	there.Amount = d("30")
	s.carried(payingOut(there))
	equal(t, "paid out", "0", s.refundable(s.client))
	in = s.pay("EUR", "20", "2026-05-08")
	in.CustomerID = s.client
	_, err = s.billing.RecordPayment(t.Context(), in)
	s.must(err)
	equal(t, "new cash", "20", s.refundable(s.client))
	s.sound()
}

// What a credit note paid back in the system it is from is gone: goodwill is not paid out of it here. What
// was settled there on another way is not in it.
func TestWhatWentBackElsewhereIsNotPaidOutHere(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.bring(s.file(importer.Invoices), "number,customer,currency,invoice date,invoice amount,tax rate\nH-1,C-1,EUR,2026-02-01,100,0\n")
	s.bring(s.file(importer.Payments), "payment number,customer,currency,amount,payment date,invoice,applied amount\nZ-1,C-1,EUR,100,2026-02-14,H-1,100\n")
	equal(t, "received", "100", s.refundable(s.customer))
	notes := s.bring(s.file(importer.CreditNotes), "credit note number,original invoice,customer,date,currency,amount,tax rate,refunded amount,settled outside\n"+
		"NC-1,H-1,C-1,2026-03-10,EUR,60,0,50,10\n")
	s.must(s.billing.ApproveImport(t.Context(), notes.ID, otherController()))
	s.run(notes.ID)
	s.counted(notes.ID, billing.ImportCounts{billing.RowDone: 1})
	equal(t, "left after 50 went back there", "50", s.refundable(s.customer))

	goodwill := s.goodwill(s.customer, "100")
	goodwill.Amount = d("50.01")
	if _, err := s.carry(payingOut(goodwill)); fieldKey(err) != "billing.nothing_to_refund" {
		t.Errorf("what went back there was paid out here: %v", err)
	}
	invoice := s.importedInvoice("H-1")
	back := credit(billing.BillingError, invoice.ID, onLine(invoice, 0, "40"))
	back.Refund = d("40")
	first, _ := s.reserve(back)
	equal(t, "left beside a request", "10", s.refundable(s.customer))
	s.do(func(tx *db.Tx) error { return s.billing.ReleaseReservationTx(t.Context(), tx, first) })

	s.sound()
}

// Of an invoice no more is paid out than settled it and did not go back where it was brought in from.
func TestOfAnInvoiceOnlyWhatDidNotGoBackElsewhere(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.paid("500")
	s.bring(s.file(importer.Invoices), "number,customer,currency,invoice date,invoice amount,tax rate\nH-1,C-1,EUR,2026-02-01,100,0\n")
	s.bring(s.file(importer.Payments), "payment number,customer,currency,amount,payment date,invoice,applied amount\nZ-1,C-1,EUR,60,2026-02-14,H-1,60\n")
	notes := s.bring(s.file(importer.CreditNotes), "credit note number,original invoice,customer,date,currency,amount,tax rate,refunded amount\nNC-1,H-1,C-1,2026-03-10,EUR,45,0,45\n")
	s.must(s.billing.ApproveImport(t.Context(), notes.ID, otherController()))
	s.run(notes.ID)
	s.counted(notes.ID, billing.ImportCounts{billing.RowDone: 1})
	equal(t, "of the customer", "515", s.refundable(s.customer))
	invoice := s.importedInvoice("H-1")
	back := credit(billing.BillingError, invoice.ID, onLine(invoice, 0, "55"))
	back.Refund = d("15.01") // 60 settled it, and 45 went back
	if _, err := s.billing.PrepareAdjustment(t.Context(), s.db, back); fieldKey(err) != "billing.nothing_to_refund" {
		t.Errorf("a cent more than is left of the invoice: %v", err)
	}
	back.Refund = d("15")
	_, err := s.billing.PrepareAdjustment(t.Context(), s.db, back)
	s.must(err)
}

// Of what was taken over as open, a payment is cash and a credit note is none.
func TestACreditTakenOverIsNoCash(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := s.bring(s.file(importer.OpenBalances), "customer,number,type,currency,date,original amount,open amount\n"+
		"C-1,OLD-1,Credit Memo,EUR,2025-11-05,-100,-100\nC-1,OLD-2,Payment,EUR,2025-11-06,-30,-20\n")
	s.must(s.billing.ApproveImport(t.Context(), b.ID, otherController()))
	s.run(b.ID)
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 2})
	equal(t, "the payment alone", "20", s.refundable(s.customer))
	part := billing.ItemPart{Kind: billing.PaymentItem, ID: value[int64](t, s.db, `select id from payments where bank_reference = 'OLD-1'`), Amount: d("20.01")}
	if _, err := s.carry(payingOut(part)); fieldKey(err) != "billing.nothing_to_refund" {
		t.Errorf("a credit taken over was paid out: %v", err)
	}
	s.sound()
}
