package billing_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

// carry takes an adjustment of any kind all the way into the books, or gives why it was refused.
func (s *shop) carry(in billing.AdjustmentInput) (billing.Posted, error) {
	s.requests++
	request := s.requests
	var posted billing.Posted
	err := s.db.Do(s.t.Context(), func(tx *db.Tx) error {
		if err := s.billing.LockAdjustmentTx(s.t.Context(), tx, in); err != nil {
			return err
		}
		a, err := s.billing.PrepareAdjustment(s.t.Context(), tx, in)
		if err != nil {
			return err
		}
		if err := s.billing.ReserveTx(s.t.Context(), tx, request, a); err != nil {
			return err
		}
		if err := dbtest.Decided(s.t.Context(), tx, request, a.Digest(request)); err != nil {
			return err
		}
		approval, err := s.billing.RecordApprovalTx(s.t.Context(), tx, billing.Approval{
			CreditRequestID: request, Digest: a.Digest(request), RequesterID: dbtest.Requester, DeciderIDs: []int64{dbtest.Decider},
		})
		if err != nil {
			return err
		}
		in := billing.PostAdjustment{CreditRequestID: request, ApprovalID: approval, Adjustment: a, Explanation: "Because.", By: controller()}
		if posted, err = s.billing.PostAdjustmentTx(s.t.Context(), tx, in); err == nil {
			s.last = in
		}
		return err
	})
	return posted, err
}

func (s *shop) carried(in billing.AdjustmentInput) billing.Posted {
	s.t.Helper()
	posted, err := s.carry(in)
	s.must(err)
	return posted
}

func (s *shop) takeBack(doc billing.DocumentRef) billing.Posted {
	s.t.Helper()
	return s.carried(billing.AdjustmentInput{Kind: billing.Reverse, ReasonCode: "overcharge", Reverses: doc})
}

func (s *shop) paid(amount string, allocate ...billing.Allocate) billing.Payment {
	s.t.Helper()
	p, err := s.billing.RecordPayment(s.t.Context(), s.pay("EUR", amount, "2026-05-08", allocate...))
	s.must(err)
	return p
}

func (s *shop) open(kind billing.ItemKind, id int64) decimal.Decimal {
	s.t.Helper()
	return value[decimal.Decimal](s.t, s.db, `select open from open_items where kind = $1 and document_id = $2`, kind, id)
}

// account is the customer's balance: what is owed less what is unapplied.
func (s *shop) account() decimal.Decimal {
	s.t.Helper()
	return value[decimal.Decimal](s.t, s.db, `select coalesce(sum(case kind when 'invoice' then open else -open end), 0) from open_items where customer_id = $1`, s.customer)
}

// fieldKey is the message key of the first field an error names.
func fieldKey(err error) string {
	var e *errs.Error
	if errors.As(err, &e) && len(e.Fields) > 0 {
		return e.Fields[0].Key
	}
	return errs.KeyOf(err)
}

func TestDebitMemoIsOwedLikeAnInvoice(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100", "19")))
	posted := s.carried(billing.AdjustmentInput{
		Kind: billing.Debit, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: &billing.Bill{Lines: []billing.NewLine{line("50", "19")}},
	})
	debit := s.detail(posted.Invoice.ID)
	equal(t, "total", "59.50", debit.Total)
	if debit.Kind != billing.DebitMemo || debit.Number != "DM-DE-2026-00001" || debit.CorrectsID == nil || *debit.CorrectsID != i.ID {
		t.Errorf("%s %s corrects %v", debit.Kind, debit.Number, debit.CorrectsID)
	}
	s.paid("59.50", billing.Allocate{InvoiceID: debit.ID, Amount: d("59.50")})
	equal(t, "open once paid", "0", s.open(billing.InvoiceItem, int64(debit.ID)))
	s.takeBack(posted.Document)
	equal(t, "account: the payment is unapplied again, the invoice still open", "59.50", s.account())
	if _, err := s.carry(credit(billing.BillingError, debit.ID, billing.AdjustLine{InvoiceLineID: debit.Lines[0].ID, Amount: d("1")})); !errors.Is(err, billing.ErrReversedBefore) {
		t.Errorf("credit on a reversed debit memo: %v", err)
	}
	s.sound()
}

func TestRefundOfUnappliedMoney(t *testing.T) {
	t.Parallel()
	s := setup(t)
	p := s.paid("80")
	refund := billing.AdjustmentInput{
		Kind: billing.RefundOut, ReasonCode: "refund_not_received", Destination: "DE•• 4711", Items: []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(p.ID), Amount: d("80.01")}},
	}
	if _, err := s.carry(refund); fieldKey(err) != billing.ErrOverOpen.Key {
		t.Errorf("more than is there: %v", err)
	}
	refund.Items[0].Amount = d("30")
	posted := s.carried(refund)
	equal(t, "left of the payment", "50", s.open(billing.PaymentItem, int64(p.ID)))
	if posted.Refund.Number != "RF-DE-2026-00001" || posted.Refund.Method != "bank_transfer" {
		t.Errorf("%+v", posted.Refund)
	}
	s.takeBack(posted.Document) // the bank sent it back
	equal(t, "all of it again", "80", s.open(billing.PaymentItem, int64(p.ID)))
	if _, err := s.carry(billing.AdjustmentInput{Kind: billing.Reverse, ReasonCode: "overcharge", Reverses: posted.Document}); !errors.Is(err, billing.ErrReversedBefore) {
		t.Errorf("a second time: %v", err)
	}
	s.sound()
}

func TestCreditSettlesInFourBuckets(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100", "0")))
	s.paid("70", billing.Allocate{InvoiceID: i.ID, Amount: d("70")})
	in := billing.AdjustmentInput{
		Kind: billing.BillingError, InvoiceID: i.ID, ReasonCode: "overcharge", Whole: true, Refund: d("70.01"), SettledOutside: d("10"),
	}
	if _, err := s.carry(in); fieldKey(err) != "billing.nothing_to_refund" {
		t.Errorf("refund of more than was received: %v", err)
	}
	in.Refund = d("40")
	posted := s.carried(in)
	m := posted.Memo
	equal(t, "to invoice", "30", m.ToInvoice)
	equal(t, "to balance", "20", m.ToBalance)
	equal(t, "refund", "40", posted.Refund.Amount)
	equal(t, "outside", "10", m.SettledOutside)
	equal(t, "unapplied", "20", s.open(billing.MemoItem, int64(m.ID)))
	if _, err := s.carry(billing.AdjustmentInput{Kind: billing.Reverse, ReasonCode: "overcharge", Reverses: posted.Document}); !errors.Is(err, billing.ErrReversalBlocked) {
		t.Errorf("while its refund stands: %v", err)
	}
	s.takeBack(billing.DocumentRef{Kind: billing.RefundDoc, ID: int64(posted.Refund.ID)})
	s.takeBack(posted.Document)
	equal(t, "open again", "30", s.open(billing.InvoiceItem, int64(i.ID)))
	equal(t, "creditable again", "100", s.detail(i.ID).Lines[0].Remaining)
	s.sound()
}

func TestWriteOffOfOneAndOfManyCustomers(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update legal_entities set write_off_tax_relief = true`)
		return err
	})
	i := s.issue(s.invoice("EUR", line("100", "19")))
	foreign := s.invoice("EUR", line("1", "19"))
	foreign.CustomerID = s.partner
	other := s.issue(foreign)
	posted := s.carried(billing.AdjustmentInput{Kind: billing.WriteOff, ReasonCode: "overcharge", Items: []billing.ItemPart{
		{Kind: billing.InvoiceItem, ID: int64(i.ID), Amount: d("59.50")}, {Kind: billing.InvoiceItem, ID: int64(other.ID), Amount: d("1.19")},
	}})
	equal(t, "half is left", "59.50", s.open(billing.InvoiceItem, int64(i.ID)))
	equal(t, "bad debt without the tax that comes back", "51", s.ledger("bad_debt"))
	equal(t, "tax", "-9.50", s.ledger("tax")) // 19.19 billed, 9.69 came back
	if customers := value[int](t, s.db, `select count(*) from write_offs where customer_id is null`); customers != 1 {
		t.Error("a batch over two customers names none")
	}
	s.takeBack(posted.Document)
	equal(t, "recovered", "119", s.open(billing.InvoiceItem, int64(i.ID)))
	equal(t, "recovered, the other", "1.19", s.open(billing.InvoiceItem, int64(other.ID)))
	equal(t, "no bad debt", "0", s.ledger("bad_debt"))
	s.sound()
}

// TestWriteOffOfWhatIsLeftOfABatch: what was settled meanwhile says nothing of whose books the others are in.
func TestWriteOffOfWhatIsLeftOfABatch(t *testing.T) {
	t.Parallel()
	s := setup(t)
	settled := s.issue(s.invoice("EUR", line("100", "19")))
	s.paid("119", billing.Allocate{InvoiceID: settled.ID, Amount: d("119")})
	s.do(func(tx *db.Tx) error {
		s.entity = s.addEntity(tx, "SG")
		s.customer = s.addCustomer(tx, "C-SG", "direct", nil)
		return nil
	})
	parts := []billing.ItemPart{{Kind: billing.InvoiceItem, ID: int64(settled.ID), Amount: d("119")}}
	for range 2 {
		parts = append(parts, billing.ItemPart{Kind: billing.InvoiceItem, ID: int64(s.issue(s.invoice("EUR", line("10", "19"))).ID), Amount: d("11.90")})
	}
	_, a := s.reserve(billing.AdjustmentInput{Kind: billing.WriteOff, ReasonCode: "overcharge", Items: parts})
	equal(t, "given up", "23.80", a.Net)
	if a.EntityID != s.entity || len(a.Items) != 2 || !slices.Equal(a.LeftOut, []string{settled.Number}) {
		t.Errorf("%+v", a)
	}
}

// ledger is what an account of the entity adds up to.
func (s *shop) ledger(account string) decimal.Decimal {
	s.t.Helper()
	return value[decimal.Decimal](s.t, s.db, `select coalesce(sum(amount), 0) from postings where account = $1`, account)
}

func TestRebillIsOneLinkedCorrection(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100", "19"), line("20", "7")))
	s.paid("60", billing.Allocate{InvoiceID: i.ID, Amount: d("60")})
	posted := s.carried(billing.AdjustmentInput{
		Kind: billing.Rebill, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: &billing.Bill{Lines: []billing.NewLine{line("80", "19")}},
	})
	equal(t, "the old one is settled", "0", s.open(billing.InvoiceItem, int64(i.ID)))
	equal(t, "what was paid settles the new one", "35.20", s.open(billing.InvoiceItem, int64(posted.Invoice.ID)))
	equal(t, "nothing is left of the memo", "0", s.open(billing.MemoItem, int64(posted.Memo.ID)))
	if posted.Invoice.CorrectsID == nil || *posted.Invoice.CorrectsID != i.ID {
		t.Error("the new invoice does not name the old one")
	}
	s.takeBack(posted.Document)
	equal(t, "the old one is open again", "80.40", s.open(billing.InvoiceItem, int64(i.ID)))
	equal(t, "the new one is settled", "0", s.open(billing.InvoiceItem, int64(posted.Invoice.ID)))
	s.sound()
}

func TestTransferWithinTheFamily(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.pay("EUR", "50", "2026-05-08")
	in.CustomerID = s.partner
	p, err := s.billing.RecordPayment(t.Context(), in)
	s.must(err)
	move := billing.AdjustmentInput{
		Kind: billing.TransferOver, ReasonCode: "payment_not_applied", ToCustomerID: s.customer, Items: []billing.ItemPart{{Kind: billing.PaymentItem, ID: int64(p.ID), Amount: d("30")}},
	}
	if _, err := s.carry(move); fieldKey(err) != "billing.transfer_within_family" {
		t.Errorf("to a stranger: %v", err)
	}
	move.ToCustomerID = s.client
	posted := s.carried(move)
	foreign := s.invoice("EUR", line("20", "0"))
	foreign.CustomerID = s.client
	i := s.issue(foreign)
	_, err = s.billing.Apply(t.Context(), billing.ApplyInput{By: controller(), Parts: []billing.ApplyPart{
		{Kind: billing.TransferItem, ID: posted.Document.ID, InvoiceID: i.ID, Amount: d("20")},
	}})
	s.must(err)
	equal(t, "left with the partner", "20", s.open(billing.PaymentItem, int64(p.ID)))
	equal(t, "left of the transfer", "10", s.open(billing.TransferItem, posted.Document.ID))
	s.takeBack(posted.Document)
	equal(t, "with the partner again", "50", s.open(billing.PaymentItem, int64(p.ID)))
	equal(t, "the client owes again", "20", s.open(billing.InvoiceItem, int64(i.ID)))
	s.sound()
}

func TestCreditOnAccount(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := billing.AdjustmentInput{
		Kind: billing.Concession, CustomerID: s.customer, ReasonCode: "overcharge", Currency: "USD",
		Lines: []billing.AdjustLine{{Description: "Goodwill", Amount: d("100"), Tax: billing.LineTax{Category: "S", Rate: d("19")}}},
	}
	posted := s.carried(in)
	equal(t, "unapplied", "119", s.open(billing.MemoItem, int64(posted.Memo.ID)))
	in.Kind = billing.BillingError
	if _, err := s.carry(in); fieldKey(err) != "billing.error_names_its_invoice" {
		t.Errorf("an error without an invoice: %v", err)
	}
	s.takeBack(posted.Document)
	equal(t, "taken back", "0", s.open(billing.MemoItem, int64(posted.Memo.ID)))
	s.sound()
}

func TestUnapplyAndApplyAgain(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("USD", line("33.33", "19")))
	in := s.pay("USD", "20", "2026-05-08", billing.Allocate{InvoiceID: i.ID, Amount: d("20")})
	p, err := s.billing.RecordPayment(t.Context(), in)
	s.must(err)
	allocation := s.detail(i.ID).Allocations[0].ID
	take := billing.UnapplyInput{By: controller(), IDs: []int64{allocation}, Reason: "wrong invoice"}
	s.must(s.billing.Unapply(t.Context(), take))
	equal(t, "open again", "39.66", s.open(billing.InvoiceItem, int64(i.ID)))
	equal(t, "unapplied again", "20", s.open(billing.PaymentItem, int64(p.ID)))
	if err := s.billing.Unapply(t.Context(), take); !errors.Is(err, billing.ErrNotApplied) {
		t.Errorf("a second time: %v", err)
	}
	_, err = s.billing.Apply(t.Context(), billing.ApplyInput{By: controller(), Parts: []billing.ApplyPart{
		{Kind: billing.PaymentItem, ID: int64(p.ID), InvoiceID: i.ID, Amount: d("20")},
		{Kind: billing.PaymentItem, ID: int64(p.ID), InvoiceID: i.ID, Amount: d("0.01")},
	}})
	if fieldKey(err) != billing.ErrOverOpen.Key {
		t.Errorf("more than is unapplied: %v", err)
	}
	equal(t, "no exchange difference stays", "0", value[decimal.Decimal](t, s.db, `select coalesce(sum(base_amount), 0) from postings where account = 'fx_difference'`))
	s.sound()
}

func TestProposedApplications(t *testing.T) {
	t.Parallel()
	s := setup(t)
	first, second := s.issue(s.invoice("EUR", line("30", "0"))), s.issue(s.invoice("EUR", line("50", "0")))
	s.hold(first.ID, nil, 1, "10")
	in := s.pay("EUR", "50", "2026-05-08")
	in.BankReference = "Rechnung " + second.Number[:8] + " " + second.Number[8:] + " danke"
	_, err := s.billing.RecordPayment(t.Context(), in)
	s.must(err)
	for by, want := range map[billing.ApplyBy]map[string]string{
		billing.ByRemittance: {second.Number: "50"},
		billing.ByAmount:     {second.Number: "50"},
		billing.ByOldest:     {first.Number: "20", second.Number: "30"}, // the disputed 10 is left alone
	} {
		list, err := s.billing.ProposeApplications(t.Context(), s.customer, "EUR", by, controller())
		s.must(err)
		if len(list) != len(want) {
			t.Errorf("%s: %d proposals", by, len(list))
		}
		for _, p := range list {
			equal(t, string(by)+" "+p.InvoiceNumber, want[p.InvoiceNumber], p.Amount)
		}
	}
}
