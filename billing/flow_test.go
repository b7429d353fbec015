package billing_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/billing/ledger"
	"makegood/internal/audit"
	"makegood/internal/errs"
)

// booked writes entries as text: the day, and per posting the account, the amount and the amount in base currency.
func booked(entries []ledger.Entry) []string {
	var list []string
	for _, e := range entries {
		var parts []string
		for _, p := range e.Postings {
			parts = append(parts, fmt.Sprintf("%s %s/%s", p.Account, p.Amount, p.BaseAmount))
		}
		list = append(list, e.BookedOn.Format("01-02")+" "+strings.Join(parts, ", "))
	}
	return list
}

func wantBooked(t *testing.T, entries []ledger.Entry, want ...string) {
	t.Helper()
	if got := booked(entries); !slices.Equal(got, want) {
		t.Errorf("booked\n %s\nwant\n %s", strings.Join(got, "\n "), strings.Join(want, "\n "))
	}
}

func TestInvoicePaidInPartThenCredited(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("1000.00", "19"), line("200.00", "19"), line("50.05", "7")))
	if i.Number != "DE-2026-00001" || i.ReferenceKey != "DE20261" || !i.DueOn.Equal(day("2026-05-31")) {
		t.Errorf("issued %+v", i.Invoice)
	}
	equal(t, "total", "1481.55", i.Total)
	entries, err := ledger.Entries(t.Context(), s.db, ledger.Invoice, int64(i.ID))
	s.must(err)
	wantBooked(t, entries, "05-01 receivable 1481.55/1481.55, revenue -1000/-1000, revenue -200/-200, revenue -50.05/-50.05, tax -228/-228, tax -3.5/-3.5")

	p, err := s.billing.RecordPayment(t.Context(), s.pay("EUR", "1500.00", "2026-05-08", billing.Allocate{InvoiceID: i.ID, Amount: d("1400.00")}))
	s.must(err)
	paid, err := s.billing.PaymentByNumber(t.Context(), s.db, p.Number)
	s.must(err)
	if p.Number != "PAY-DE-2026-00001" {
		t.Errorf("payment number %s", p.Number)
	}
	equal(t, "unapplied", "100", paid.Open)
	wantBooked(t, paid.Entries, "05-08 cash 1500/1500, unapplied -1500/-1500", "05-08 unapplied 1400/1400, receivable -1400/-1400")

	memo := s.give(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[1].ID, Amount: d("120.00")}))
	if memo.Number != "CM-DE-2026-00001" || !memo.IssuedOn.Equal(day("2026-05-12")) || !memo.TaxPoint.Equal(day("2026-05-01")) {
		t.Errorf("posted %+v", memo)
	}
	equal(t, "total", "142.80", memo.Total)
	equal(t, "to invoice", "81.55", memo.ToInvoice)
	equal(t, "to balance", "61.25", memo.ToBalance)
	detail, err := s.billing.MemoByNumber(t.Context(), s.db, memo.Number)
	s.must(err)
	equal(t, "left of the memo", "61.25", detail.Open)
	wantBooked(t, detail.Entries, "05-12 revenue 120/120, tax 22.8/22.8, unapplied -142.8/-142.8", "05-12 unapplied 81.55/81.55, receivable -81.55/-81.55")

	i = s.detail(i.ID)
	equal(t, "open", "0", i.Open.Open)
	equal(t, "credited", "120", i.Lines[1].Credited)
	equal(t, "remaining", "80", i.Lines[1].Remaining)
	if len(i.Memos) != 1 || len(i.Allocations) != 2 || i.Allocations[1].SourceNumber != memo.Number {
		t.Errorf("detail %+v", i)
	}
	position, err := s.billing.Position(t.Context(), s.db, s.customer)
	s.must(err)
	equal(t, "unapplied", "161.25", position.Unapplied)
	equal(t, "average pay day", "7", position.AveragePayDay)
	equal(t, "credits", "142.80", position.CreditsIn12Months.Sum)
	s.sound()
	events, err := audit.Timeline(t.Context(), s.db, audit.Books(int64(s.entity)), 0, 10)
	s.must(err)
	if len(events) != 3 || events[2].What != "credit_memo.posted" || events[2].Data["number"] != memo.Number {
		t.Errorf("events %+v", events)
	}
}

func TestEachKindHasItsAccount(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("300.00", "0")))
	for kind, account := range map[billing.Kind]string{
		billing.BillingError: "revenue", billing.Concession: "concessions", billing.SLACredit: "service_credits",
	} {
		memo := s.give(credit(kind, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("10")}))
		entries, err := ledger.Entries(t.Context(), s.db, ledger.CreditMemo, int64(memo.ID))
		s.must(err)
		wantBooked(t, entries, "05-12 "+account+" 10/10, unapplied -10/-10")
	}
	s.sound()
}

func TestForeignCurrencyLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.invoice("USD", line("100.01", "0"), line("33.33", "19"))
	in.IssuedOn = day("2026-04-20") // at 1 EUR = 1.10 USD
	i := s.issue(in)
	equal(t, "rate", "0.9090909091", i.FxRate)
	_, err := s.billing.RecordPayment(t.Context(), s.pay("USD", "39.67", "2026-05-04", billing.Allocate{InvoiceID: i.ID, Amount: d("39.67")}))
	s.must(err)
	for range 3 {
		s.give(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("33.33")}))
	}
	s.give(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("0.02")}, billing.AdjustLine{InvoiceLineID: i.Lines[1].ID, Amount: d("33.33")}))
	i = s.detail(i.ID)
	equal(t, "open", "0", i.Open.Open)
	equal(t, "tax given back", i.Tax.String(), i.Taxes[0].CreditedTax.Add(i.Taxes[1].CreditedTax))
	equal(t, "receivable in euro", "0", sumOf(t, s, `select sum(base_amount)::text from postings where account = 'receivable'`))
	// 39.67 USD were owed at 36.06 EUR and came in at 31.74 EUR.
	equal(t, "exchange loss", "4.32", sumOf(t, s, `select sum(base_amount)::text from postings where account = 'fx_difference'`))
	s.sound()
}

func TestClosedPeriodBooksOnTheFirstOpenDay(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.invoice("EUR", line("100", "19"))
	in.IssuedOn = day("2026-03-15")
	i := s.issue(in)
	open := s.give(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("1")}))
	s.closeMonth("2026-03")
	s.softClose("2026-04")
	shut := s.give(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("1")})) // by a controller
	for memo, want := range map[billing.MemoID]string{open.ID: "2026-03-31", shut.ID: "2026-04-01"} {
		got := value[string](t, s.db, `select booked_on::text from journal_entries where document_kind = 'credit_memo' and document_id = $1`, memo)
		if got != want {
			t.Errorf("booked on %s, want %s", got, want)
		}
	}
	if !shut.TaxPoint.Equal(day("2026-03-15")) {
		t.Errorf("tax point moved to %s", shut.TaxPoint)
	}
	s.sound()
}

func TestPostingIsOncePerRequest(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100", "19")))
	request, a := s.reserve(credit(billing.Concession, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("10")}))
	in := billing.PostAdjustment{CreditRequestID: request, ApprovalID: s.approve(request, a), Adjustment: a, Explanation: "Because.", By: controller()}
	results := together(8, func(int) (billing.CreditMemo, error) { return s.post(in) })
	for _, r := range results {
		s.must(r.err)
		if r.value.ID != results[0].value.ID || r.value.Number != "CM-DE-2026-00001" {
			t.Errorf("another memo: %+v", r.value)
		}
	}
	in.Adjustment.ReasonCode = "duplicate"
	if _, err := s.post(in); !errors.Is(err, billing.ErrPostedDifferently) || errs.KindOf(err) != errs.Conflict {
		t.Errorf("other content: %v", err)
	}
	s.sound()
}

func TestPaymentIsOncePerKey(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("100", "19")))
	in := s.pay("EUR", "50", "2026-05-08", billing.Allocate{InvoiceID: i.ID, Amount: d("50")})
	in.IdempotencyKey = "bank-42"
	results := together(8, func(int) (billing.Payment, error) { return s.billing.RecordPayment(t.Context(), in) })
	for _, r := range results {
		s.must(r.err)
		if r.value.ID != results[0].value.ID {
			t.Errorf("another payment: %+v", r.value)
		}
	}
	in.Amount = d("51")
	if _, err := s.billing.RecordPayment(t.Context(), in); !errors.Is(err, billing.ErrKeyUsedDifferently) {
		t.Errorf("other content: %v", err)
	}
	in = s.pay("EUR", "500", "2026-05-08", billing.Allocate{InvoiceID: i.ID, Amount: d("69.01")})
	if _, err := s.billing.RecordPayment(t.Context(), in); errs.KindOf(err) != errs.Invalid || !strings.Contains(err.Error(), "billing.over_open") {
		t.Errorf("more than is open: %v", err)
	}
	s.sound()
}

func TestDigestIsTheDatabases(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("EUR", line("1000.10", "19"), line("0.03", "19"), line("20", "7"), line("5.5", "0")))
	var lines []billing.AdjustLine
	for k, net := range []string{"1000.10", "0.01", "10.50", "5.50"} {
		lines = append([]billing.AdjustLine{{InvoiceLineID: i.Lines[k].ID, Amount: d(net)}}, lines...)
	}
	request, a := s.reserve(credit(billing.SLACredit, i.ID, lines...))
	memo, err := s.post(billing.PostAdjustment{CreditRequestID: request, ApprovalID: s.approve(request, a), Adjustment: a, Explanation: "Because.", By: controller()})
	s.must(err)
	if got := value[[]byte](t, s.db, `select credit_memo_digest($1)`, memo.ID); !bytes.Equal(got, a.Digest(request)) {
		t.Errorf("database %x, ours %x", got, a.Digest(request))
	}
}

func TestMemoIsRenderedOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i := s.issue(s.invoice("USD", line("100", "19")))
	memo := s.give(credit(billing.BillingError, i.ID, billing.AdjustLine{InvoiceLineID: i.Lines[0].ID, Amount: d("10"), Quantity: new(d("0.1"))}))
	docs := together(4, func(int) (billing.StoredDocument, error) { return s.billing.RenderMemo(t.Context(), memo.ID) })
	for _, doc := range docs {
		s.must(doc.err)
		if doc.value.ID != docs[0].value.ID || !bytes.HasPrefix(doc.value.Content, []byte("%PDF")) || doc.value.Filename != memo.Number+".pdf" {
			t.Errorf("stored %d %s %d bytes", doc.value.ID, doc.value.Filename, len(doc.value.Content))
		}
	}
	s.sound()
}
