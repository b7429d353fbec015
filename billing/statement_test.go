package billing_test

import (
	"errors"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/errs"
)

func TestStatementOfAccount(t *testing.T) {
	t.Parallel()
	s := setup(t)
	old := s.invoice("EUR", line("100", "0"))
	old.IssuedOn = day("2026-03-10")
	first := s.issue(old)
	second := s.issue(s.invoice("EUR", line("50", "0")))
	s.paid("30", billing.Allocate{InvoiceID: first.ID, Amount: d("30")})
	s.hold(second.ID, nil, 1, "20")
	s.carried(credit(billing.BillingError, second.ID, billing.AdjustLine{InvoiceLineID: second.Lines[0].ID, Amount: d("10")}))
	st, err := s.billing.Statement(t.Context(), s.db, s.customer, "", day("2026-05-01"), day("2026-05-31"))
	s.must(err)
	equal(t, "opening", "100", st.Opening)
	equal(t, "closing", "110", st.Closing)
	asked := st.Asked()
	equal(t, "undisputed", "90", asked.Undisputed())
	equal(t, "due", "90", asked.Due)
	equal(t, "to pay now", "90", asked.Now())
	want := []string{"2026-05-01 invoice DE-2026-00002 150", "2026-05-08 payment PAY-DE-2026-00001 120", "2026-05-12 credit_memo CM-DE-2026-00001 110"}
	if len(st.Lines) != len(want) {
		t.Fatalf("%d lines", len(st.Lines))
	}
	for i, l := range st.Lines {
		if got := l.On.Format("2006-01-02") + " " + l.Kind + " " + l.Number + " " + l.Balance.String(); got != want[i] {
			t.Errorf("line %d: %s", i, got)
		}
	}
	if st.Lines[2].Refers != second.Number || len(st.Items) != 2 {
		t.Errorf("refers to %q; %d open items", st.Lines[2].Refers, len(st.Items))
	}
}

// What is due, less what the customer has with us, is what a statement asks for: not what is in dispute, nor what is not due
// yet. A hold that was lowered later counts with what it was on the day.
func TestStatementAsksForWhatIsDueNow(t *testing.T) {
	t.Parallel()
	s := open(t)
	at := func(issued, due, net string) billing.InvoiceDetail {
		in := s.invoice("EUR", line(net, "0"))
		in.IssuedOn, in.DueOn = day(issued), day(due)
		return s.issue(in)
	}
	late := at("2026-03-10", "2026-04-09", "100")
	at("2026-04-12", "2026-05-12", "50") // due on the last day
	at("2026-05-01", "2026-05-31", "200")
	s.hold(late.ID, nil, 1, "30")
	_, err := s.billing.RecordPayment(t.Context(), s.pay("EUR", "45.50", "2026-05-11"))
	s.must(err)
	read := func(to string) billing.Statement {
		st, err := s.billing.Statement(t.Context(), s.db, s.customer, "EUR", day("2026-03-01"), day(to))
		s.must(err)
		return st
	}
	asked := read("2026-05-12").Asked()
	for name, c := range map[string]struct {
		want string
		got  decimal.Decimal
	}{
		"open": {"350", asked.Open}, "disputed": {"30", asked.Disputed}, "not due": {"200", asked.NotDue}, "due": {"120", asked.Due},
		"unapplied": {"45.5", asked.Unapplied}, "to pay now": {"74.5", asked.Now()},
	} {
		equal(t, name, c.want, c.got)
	}
	p, err := s.billing.Position(t.Context(), s.db, s.customer)
	s.must(err)
	equal(t, "collectible", "320", p.Collectible)
	equal(t, "pay now", "74.5", p.PayNow)
	if st := read("2026-05-12"); st.PayLink != "" {
		t.Errorf("without a link of the entity: %q", st.PayLink)
	}
	s.must(s.billing.SetCollectionPolicy(t.Context(), billing.CollectionPolicy{
		EntityID: s.entity, LevelDays: []int{1}, PaymentLink: " https://pay.example/{account}?i={reference}&a={amount}&c={currency} ",
	}, controller()))
	st := read("2026-05-12")
	if want := "https://pay.example/" + st.Customer.Account + "?i=" + st.Customer.Account + "&a=74.50&c=EUR"; st.PayLink != want {
		t.Errorf("link %q, want %q", st.PayLink, want)
	}
	then, err := s.billing.StatementOf(t.Context(), s.db, billing.StatementInput{CustomerID: s.customer, From: day("2026-03-01"), To: day("2026-05-12"), KnownOn: day("2026-05-12")})
	s.must(err)
	if then.PayLink != "" {
		t.Errorf("a statement as it was known then leads to %q", then.PayLink)
	}
	list, err := s.billing.Collectible(t.Context(), s.db, billing.CollectQuery{InvoiceID: late.ID})
	s.must(err)
	if want := "https://pay.example/" + st.Customer.Account + "?i=" + late.Number + "&a=70.00&c=EUR"; len(list) != 1 || list[0].PayLink != want {
		t.Errorf("the invoice leads to %+v, want %q", list, want)
	}
	bad := billing.CollectionPolicy{EntityID: s.entity, LevelDays: []int{1}, PaymentLink: "http://pay.example/?i={reference}&a={amount}&c={currency}"}
	var refused *errs.Error
	if err := s.billing.SetCollectionPolicy(t.Context(), bad, controller()); !errors.As(err, &refused) || len(refused.Fields) != 1 || refused.Fields[0].Name != "payment_link" {
		t.Errorf("a link without https: %v", err)
	}
	s.on("2026-05-14")
	s.hold(late.ID, nil, 1, "10")
	equal(t, "to pay then", "74.5", read("2026-05-12").Asked().Now())
	equal(t, "to pay now", "94.5", read("2026-05-14").Asked().Now())
	was, err := s.billing.PositionAsOf(t.Context(), s.db, s.customer, day("2026-05-12"), billing.KnownNow)
	s.must(err)
	equal(t, "disputed then", "30", was.Disputed)
	equal(t, "collectible then", "320", was.Collectible)
}

// A payment of April is recorded in May: April was one thing as it was known then, and is another as it is known now.
func TestAPastDayIsToldTwoWays(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.invoice("EUR", line("100", "0"))
	in.IssuedOn = day("2026-04-01")
	i := s.issue(in) // on 12 May, like everything here
	_, err := s.billing.RecordPayment(t.Context(), s.pay("EUR", "40", "2026-04-20", billing.Allocate{InvoiceID: i.ID, Amount: d("40")}))
	s.must(err)
	for _, c := range []struct {
		on                        string
		basis                     billing.Basis
		open, aged, notDue, owing string
	}{
		{"2026-04-10", billing.KnownNow, "100", "0", "100", "100"},
		{"2026-04-30", billing.KnownNow, "60", "0", "60", "60"},
		{"2026-05-20", billing.KnownNow, "60", "60", "0", "60"},
		{"2026-04-30", billing.KnownThen, "0", "0", "0", "0"},
		{"2026-05-12", billing.KnownThen, "60", "60", "0", "60"},
	} {
		p, err := s.billing.PositionAsOf(t.Context(), s.db, s.customer, day(c.on), c.basis)
		s.must(err)
		equal(t, c.on+" open", c.open, p.Open)
		equal(t, c.on+" 1 to 30", c.aged, p.Days1to30)
		equal(t, c.on+" not due", c.notDue, p.NotDue)
		equal(t, c.on+" collectible", c.owing, p.Collectible)
	}
}
