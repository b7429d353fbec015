package billing_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// TestSmallBalances: of invoices that are overdue for thirty days, those with a small rest are listed, the longest overdue
// first; what is disputed, promised, kept back, too large, too young or of another currency is not. The rest is given up in
// one write-off over all customers, and the list is empty.
func TestSmallBalances(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 12, 7, 30, 0, 0, time.UTC)
	s := setupAt(t, func() time.Time { return now })
	rest := func(customer billing.CustomerID, currency money.Currency, net, paid string) billing.InvoiceDetail {
		n := s.invoice(currency, line(net, "0"))
		n.CustomerID = customer
		i := s.issue(n)
		if paid != "" {
			s.paidBy(customer, paid, billing.Allocate{InvoiceID: i.ID, Amount: d(paid)})
		}
		return i
	}
	first := rest(s.customer, "EUR", "100", "95.01")
	second := rest(s.partner, "EUR", "5", "")
	large := rest(s.customer, "EUR", "100", "94.99")
	disputed, promised, blocked := rest(s.customer, "EUR", "4", ""), rest(s.customer, "EUR", "3", ""), rest(s.customer, "EUR", "2", "")
	rest(s.customer, "USD", "4", "")
	s.hold(disputed.ID, nil, 1, "1")
	now = now.AddDate(0, 2, 0)
	late := s.invoice("EUR", line("1", "0"))
	late.IssuedOn, late.DueOn = day("2026-07-01"), day("2026-07-10")
	young := s.issue(late)
	by := controller()
	promise, err := s.billing.MakePromise(t.Context(), billing.NewPromise{InvoiceID: promised.ID, Amount: d("3"), On: now.AddDate(0, 0, 3), PromisedBy: "Ada", By: by})
	s.must(err)
	_, err = s.billing.BlockDunning(t.Context(), billing.NewBlock{InvoiceID: blocked.ID, CustomerID: s.customer, Until: now.AddDate(0, 0, 3), Reason: "Waits for a copy", By: by})
	s.must(err)
	s.paidBy(s.partner, "0.70")

	ask := billing.SmallBalanceFilter{EntityID: s.entity, Currency: "EUR", Threshold: d("5"), DaysOverdue: 30}
	list, err := s.billing.SmallBalances(t.Context(), ask, by)
	s.must(err)
	if got := numbersOf(list.Rows); !slices.Equal(got, []string{first.Number, second.Number}) {
		t.Fatalf("%v, want %s and %s; not %s, %s, %s, %s, %s", got, first.Number, second.Number, large.Number, disputed.Number, promised.Number, blocked.Number, young.Number)
	}
	equal(t, "rest of the first", "4.99", list.Rows[0].Open)
	equal(t, "nothing unapplied", "0", list.Rows[0].Unapplied)
	equal(t, "the partner's own money", "0.70", list.Rows[1].Unapplied)
	if list.More || list.Rows[0].Account != "C-1" || list.Rows[0].Overdue != 42 {
		t.Errorf("%+v", list.Rows[0])
	}
	_, err = s.billing.WithdrawPromise(t.Context(), promise.ID, "Written down twice", by)
	s.must(err)
	if list, err = s.billing.SmallBalances(t.Context(), ask, by); err != nil || len(list.Rows) != 3 {
		t.Errorf("a promise withdrawn: %v %v", numbersOf(list.Rows), err)
	}
	var parts []billing.ItemPart
	for _, row := range list.Rows {
		parts = append(parts, billing.ItemPart{Kind: billing.InvoiceItem, ID: int64(row.InvoiceID), Amount: row.Open})
	}
	s.carried(billing.AdjustmentInput{Kind: billing.WriteOff, ReasonCode: "overcharge", Items: parts})
	equal(t, "bad debt", "12.99", s.ledger("bad_debt"))
	if list, err = s.billing.SmallBalances(t.Context(), ask, by); err != nil || len(list.Rows) != 0 {
		t.Errorf("after the write-off: %v %v", numbersOf(list.Rows), err)
	}
	s.sound()
}

func numbersOf(rows []billing.SmallBalance) []string {
	var list []string
	for _, row := range rows {
		list = append(list, row.Number)
	}
	return list
}

// TestSmallBalancesRefused: what is no threshold, currency or age is refused by its name, and another's books are not there.
func TestSmallBalancesRefused(t *testing.T) {
	t.Parallel()
	s := setup(t)
	good := billing.SmallBalanceFilter{EntityID: s.entity, Currency: "EUR", Threshold: d("5"), DaysOverdue: 1}
	for name, spoil := range map[string]func(*billing.SmallBalanceFilter){
		"currency":     func(f *billing.SmallBalanceFilter) { f.Currency = "EURO" },
		"threshold":    func(f *billing.SmallBalanceFilter) { f.Threshold = d("0.001") },
		"days_overdue": func(f *billing.SmallBalanceFilter) { f.DaysOverdue = 0 },
	} {
		f := good
		spoil(&f)
		_, err := s.billing.SmallBalances(t.Context(), f, access.SystemActor("test"))
		if e, ok := errors.AsType[*errs.Error](err); !ok || len(e.Fields) != 1 || e.Fields[0].Name != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := access.Actor{Kind: access.Person, UserID: 8, Roles: []access.Role{access.Controller}, EntityIDs: []int64{999}}
	if _, err := s.billing.SmallBalances(t.Context(), good, other); errs.KindOf(err) != errs.NotFound {
		t.Errorf("another's books: %v", err)
	}
}

// paidBy records a payment of a customer.
func (s *shop) paidBy(customer billing.CustomerID, amount string, allocate ...billing.Allocate) {
	s.t.Helper()
	in := s.pay("EUR", amount, "2026-05-08", allocate...)
	in.CustomerID = customer
	_, err := s.billing.RecordPayment(s.t.Context(), in)
	s.must(err)
}
