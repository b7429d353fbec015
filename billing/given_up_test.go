package billing_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

// reliefComesBack has the tax in what is written off come back.
func (s *shop) reliefComesBack() {
	s.t.Helper()
	s.do(func(tx *db.Tx) error {
		_, err := tx.Exec(s.t.Context(), `update legal_entities set write_off_tax_relief = true`)
		return err
	})
}

// says is what a refusal, or the first field that it names, says of a thing.
func says(err error, what string) string {
	var e *errs.Error
	switch {
	case !errors.As(err, &e):
		return ""
	case len(e.Fields) > 0:
		return e.Fields[0].Params[what]
	}
	return e.Params[what]
}

func whole(id billing.InvoiceID) billing.AdjustmentInput {
	return billing.AdjustmentInput{Kind: billing.BillingError, InvoiceID: id, ReasonCode: "overcharge", Whole: true}
}

// writeOff gives up amounts of invoices, in their order.
func writeOff(amount string, ids ...billing.InvoiceID) billing.AdjustmentInput {
	in := billing.AdjustmentInput{Kind: billing.WriteOff, ReasonCode: "overcharge"}
	for _, id := range ids {
		in.Items = append(in.Items, billing.ItemPart{Kind: billing.InvoiceItem, ID: int64(id), Amount: d(amount)})
	}
	return in
}

// postNow has what a request reserved approved, and posts it.
func (s *shop) postNow(request int64, a billing.Adjustment) error {
	s.t.Helper()
	approval := s.approve(request, a)
	return s.db.Do(s.t.Context(), func(tx *db.Tx) error {
		_, err := s.billing.PostAdjustmentTx(s.t.Context(), tx, billing.PostAdjustment{
			CreditRequestID: request, ApprovalID: approval, Adjustment: a, Explanation: "Because.", By: controller(),
		})
		return err
	})
}

// What was given up is not credited as well: its tax came back, and nobody paid it.
func TestWhatWasGivenUpIsNotCredited(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.reliefComesBack()
	i := s.issue(s.invoice("EUR", line("100", "19")))
	off := s.giveUp(i.ID, "119")
	for name, in := range map[string]billing.AdjustmentInput{
		"all of it": whole(i.ID),
		"a cent":    credit(billing.Concession, i.ID, onLine(i, 0, "0.01")),
		"billed anew": {
			Kind: billing.Rebill, InvoiceID: i.ID, ReasonCode: "overcharge", Bill: &billing.Bill{Lines: []billing.NewLine{line("80", "19")}},
		},
	} {
		_, err := s.carry(in)
		if fieldKey(err) != "billing.written_off" || says(err, "remaining") != "0.00 EUR" || says(err, "write_off") != off.Number {
			t.Errorf("%s: %v", name, err)
		}
	}
	equal(t, "no tax is left to come back", "0", s.ledger("tax"))
	s.takeBack(off)
	s.carried(whole(i.ID))
	equal(t, "nor is any after the credit", "0", s.ledger("tax"))
	equal(t, "the customer has nothing that it did not pay", "0", s.account())
	s.sound()
}

// What was paid of an invoice may be credited though the rest was given up.
func TestWhatWasPaidIsCreditedBesideAWriteOff(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.reliefComesBack()
	i := s.issue(s.invoice("EUR", line("100", "19")))
	s.paid("107.10", billing.Allocate{InvoiceID: i.ID, Amount: d("107.10")})
	off := s.giveUp(i.ID, "11.90")
	_, err := s.carry(credit(billing.BillingError, i.ID, onLine(i, 0, "90.01")))
	if fieldKey(err) != "billing.written_off" || says(err, "remaining") != "107.10 EUR" {
		t.Errorf("more than was paid: %v", err)
	}
	memo := s.credited(i, onLine(i, 0, "90"))
	equal(t, "to the customer's balance", "107.10", memo.ToBalance)
	equal(t, "all tax came back", "0", s.ledger("tax"))
	if _, err := s.carry(credit(billing.BillingError, i.ID, onLine(i, 0, "0.01"))); fieldKey(err) != "billing.written_off" {
		t.Errorf("what was given up: %v", err)
	}
	s.takeBack(off)
	equal(t, "the rest", "11.90", s.credited(i, onLine(i, 0, "10")).ToInvoice)
	s.sound()
}

// A write-off gives back tax of all lines, a credit that of its own: together they give back no more than was billed.
func TestTaxComesBackOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.reliefComesBack()
	i := s.issue(s.invoice("EUR", line("100", "19"), line("100", "0")))
	s.paid("119", billing.Allocate{InvoiceID: i.ID, Amount: d("119")})
	off := s.giveUp(i.ID, "100")
	equal(t, "tax left after 8.68", "-10.32", s.ledger("tax"))
	_, err := s.carry(credit(billing.BillingError, i.ID, onLine(i, 0, "100")))
	if fieldKey(err) != "billing.tax_written_off" || says(err, "remaining") != "10.32 EUR" || says(err, "write_off") != off.Number {
		t.Errorf("all of the taxed line: %v", err)
	}
	s.credited(i, onLine(i, 0, "54.32"))
	equal(t, "no tax is left", "0", s.ledger("tax"))

	other := s.issue(s.invoice("EUR", line("100", "19"), line("100", "0")))
	s.credited(other, onLine(other, 0, "100"))
	s.giveUp(other.ID, "100")
	equal(t, "none came back a second time", "0", s.ledger("tax"))
	s.sound()
}

// Where tax did come back twice, as it could before anything looked, it is found.
func TestTaxThatCameBackTwiceIsFound(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.reliefComesBack()
	i := s.issue(s.invoice("EUR", line("100", "19")))
	s.credited(i, onLine(i, 0, "50"))
	off := s.giveUp(i.ID, "59.50")
	s.sound()
	dbtest.AsOwner(t, s.db, `update write_off_lines set tax_relief = 9.51`)
	found := func() bool {
		faults, err := s.billing.Verify(t.Context())
		s.must(err)
		return slices.ContainsFunc(faults, func(f billing.Fault) bool { return f.Check == "tax_comes_back_once" && f.Row == "invoice "+i.Number })
	}
	if !found() {
		t.Error("it is not found")
	}
	dbtest.AsOwner(t, s.db, `update write_off_lines set tax_relief = 9.50`)
	s.takeBack(off)
	dbtest.AsOwner(t, s.db, `update write_off_lines set tax_relief = 9.51`)
	if found() {
		t.Error("what was taken back still counts")
	}
}

// A write-off leaves what a request keeps: what is credited is not given up as well.
func TestAWriteOffLeavesWhatIsKept(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.reliefComesBack()
	i := s.issue(s.invoice("EUR", line("100", "19")))
	request, a := s.reserve(credit(billing.BillingError, i.ID, onLine(i, 0, "50")))
	_, err := s.carry(writeOff("59.51", i.ID))
	if fieldKey(err) != "billing.open_kept" || says(err, "free") != "59.50 EUR" || says(err, "holder") != "CR-000001" || says(err, "number") != i.Number {
		t.Errorf("more than is left: %v", err)
	}
	s.giveUp(i.ID, "59.50")
	s.must(s.postNow(request, a))
	equal(t, "settled", "0", s.open(billing.InvoiceItem, int64(i.ID)))
	equal(t, "no tax is left", "0", s.ledger("tax"))
	s.sound()
}

// So does one that was asked for before: it is looked at once more when it is posted.
func TestAWriteOffIsPostedBesideWhatIsKept(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.reliefComesBack()
	i, other := s.issue(s.invoice("EUR", line("100", "19"))), s.issue(s.invoice("EUR", line("100", "19")))
	one, single := s.reserve(writeOff("119", i.ID))
	several, batch := s.reserve(writeOff("119", i.ID, other.ID))
	s.reserve(credit(billing.BillingError, i.ID, onLine(i, 0, "50")))
	for request, a := range map[int64]billing.Adjustment{one: single, several: batch} {
		err := s.postNow(request, a)
		if request == one && errs.KeyOf(err) != "billing.open_kept" || request == several && (!errors.Is(err, billing.ErrLessOpen) || says(err, "numbers") != i.Number) {
			t.Errorf("%d invoices: %v", len(a.Items), err)
		}
	}
	equal(t, "nothing was given up", "119", s.open(billing.InvoiceItem, int64(i.ID)))
	s.sound()
}

// Of the taxed line all is credited while a write-off waits: the tax that it says comes back came back already.
func TestAWriteOffIsPostedWithTaxThatIsLeft(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.reliefComesBack()
	i := s.issue(s.invoice("EUR", line("100", "19"), line("100", "0")))
	request, a := s.reserve(writeOff("100", i.ID))
	s.credited(i, onLine(i, 0, "100"))
	err := s.postNow(request, a)
	if errs.KeyOf(err) != "billing.less_tax" || says(err, "remaining") != "0.00 EUR" || says(err, "number") != i.Number {
		t.Errorf("%v", err)
	}
	s.giveUp(i.ID, "100")
	equal(t, "no tax is left", "0", s.ledger("tax"))
	s.sound()
}

// A credit that was reserved when nothing looked is refused when it is posted; the database refuses it as well, and tax that a write-off
// would give back a second time.
func TestNothingPostsWhatWasGivenUp(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.reliefComesBack()
	i := s.issue(s.invoice("EUR", line("100", "19"), line("100", "0")))
	s.paid("40", billing.Allocate{InvoiceID: i.ID, Amount: d("40")})
	memo := s.credited(i, onLine(i, 1, "10"))
	request, a := s.reserve(credit(billing.BillingError, i.ID, onLine(i, 0, "50")))
	approval := s.approve(request, a)
	const (
		forget   = `update invoice_line_balances set reserved = 0; update invoice_tax_balances set reserved_net = 0, reserved_tax = 0`
		remember = `update invoice_line_balances b set reserved = coalesce((select sum(amount) from line_reservations r where r.invoice_line_id = b.invoice_line_id and r.state = 'held'), 0);
			update invoice_tax_balances b set (reserved_net, reserved_tax) = (select coalesce(sum(net), 0), coalesce(sum(tax), 0) from tax_reservations r where r.invoice_tax_id = b.invoice_tax_id and r.state = 'held')`
	)
	dbtest.AsOwner(t, s.db, forget)
	off := s.giveUp(i.ID, "169")
	dbtest.AsOwner(t, s.db, remember)
	post := billing.PostAdjustment{CreditRequestID: request, ApprovalID: approval, Adjustment: a, Explanation: "Because.", By: controller()}
	if _, err := s.post(post); errs.KeyOf(err) != "billing.written_off" || says(err, "write_off") != off.Number {
		t.Errorf("posted alone: %v", err)
	}
	err := s.db.Do(t.Context(), func(tx *db.Tx) error {
		_, err := s.billing.ReadyMemosTx(t.Context(), tx, []billing.PostAdjustment{post})
		return err
	})
	if errs.KeyOf(err) != "billing.written_off" {
		t.Errorf("posted with others: %v", err)
	}
	for name, other := range map[string]string{
		"more than was billed":     `"net": 40.01, "tax": 0, "total": 40.01, "to_invoice": 0, "to_balance": 40.01`,
		"more tax than was billed": `"net": 1, "tax": 19, "total": 20, "to_invoice": 0, "to_balance": 20`,
	} {
		other = fmt.Sprintf(`{"id": 999, "number": "X", "sequence_no": 99, "credit_request_id": %d, "approval_id": %d, %s}`, request, approval, other)
		err := s.db.Do(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), `set constraints given_up_once immediate`); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), `insert into credit_memos select (jsonb_populate_record(m, $2::jsonb)).* from credit_memos m where id = $1`, memo.ID, other)
			return err
		})
		if !db.Violates(err, "given_up_once") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.takeBack(off)
	_, err = s.post(post)
	s.must(err)
	s.sound()
}
