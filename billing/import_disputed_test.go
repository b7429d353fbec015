package billing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/internal/db"
	"makegood/internal/jobs/jobstest"
)

// saidThere is the shop under a clock, with an invoice of 8,000 that was due long ago, of which a file says that 5,000 are in dispute.
func saidThere(t *testing.T) (*shop, *jobstest.Clock) {
	t.Helper()
	clock := jobstest.NewClock(time.Date(2026, 5, 12, 7, 30, 0, 0, time.UTC))
	s := setupAt(t, clock.Now)
	s.must(s.billing.SetCollectionPolicy(t.Context(), billing.CollectionPolicy{
		EntityID: s.entity, LevelDays: []int{1}, LateFeePercent: d("36.5"), PaymentLink: "https://pay.example/{account}?i={reference}&a={amount}&c={currency}",
	}, controller()))
	planned := s.stage(s.file(importer.OpenBalances), "customer,number,type,currency,date,due date,original amount,open amount,disputed amount\nC-1,OLD-1,Invoice,EUR,2025-11-05,2025-12-05,8000,8000,5000\n")
	s.must(s.billing.StartImport(t.Context(), planned.ID, controller()))
	s.run(planned.ID)
	return s, clock
}

// asked is what the customer is asked for of its one invoice, wherever it is shown: by reminders, the account, a statement, the invoice and lists.
func (s *shop) asked(on time.Time) string {
	s.t.Helper()
	ctx := s.t.Context()
	list, err := s.billing.Collectible(ctx, s.db, billing.CollectQuery{CustomerID: s.customer})
	s.must(err)
	position, err := s.billing.Position(ctx, s.db, s.customer)
	s.must(err)
	then, err := s.billing.PositionAsOf(ctx, s.db, s.customer, on, billing.KnownNow)
	s.must(err)
	st, err := s.billing.Statement(ctx, s.db, s.customer, "EUR", on.AddDate(0, 0, -1), on)
	s.must(err)
	i := s.importedInvoice("OLD-1")
	bench, err := s.billing.Workbench(ctx, s.customer, "EUR", controller())
	s.must(err)
	rows, err := s.billing.Invoices(ctx, billing.InvoiceFilter{CustomerID: s.customer})
	s.must(err)
	customer, err := s.billing.CustomerByID(ctx, s.db, s.customer)
	s.must(err)
	theirs, err := s.billing.InvoicesConcerning(ctx, customer, true, "", 10)
	s.must(err)
	asked := []string{
		list[0].Collectible().String(), position.PayNow.String(), position.ToPay().String(), then.PayNow.String(), st.Asked().Now().String(),
		st.Items[0].Collectible().String(), i.Open.Collectible().String(), bench.Invoices[0].Collectible().String(),
		rows.Rows[0].Open.Sub(rows.Rows[0].Held).String(), theirs.Rows[0].Open.Sub(theirs.Rows[0].Held).String(),
	}
	for _, one := range asked[1:] {
		if one != asked[0] {
			s.t.Errorf("asked for %v", asked)
			break
		}
	}
	for _, link := range []string{list[0].PayLink, st.PayLink} {
		if !strings.Contains(link, "a="+asked[0]) {
			s.t.Errorf("%s links to %s", asked[0], link)
		}
	}
	return fmt.Sprint(asked[0], " of ", position.Open, " disputed ", position.Disputed, " ", st.Asked().Disputed)
}

func TestWhatAFileSaysIsInDisputeIsAskedForNowhere(t *testing.T) {
	t.Parallel()
	s, clock := saidThere(t)
	for _, c := range []struct{ on, want string }{
		{"2026-05-12", "3000 of 8000 disputed 5000 5000"},
		{"2026-08-10", "3000 of 8000 disputed 5000 5000"}, // its last day
		{"2026-08-11", "8000 of 8000 disputed 0 0"},
	} {
		clock.Set(day(c.on).Add(9 * time.Hour))
		if got := s.asked(day(c.on)); got != c.want {
			t.Errorf("%s: %s, want %s", c.on, got, c.want)
		}
	}
	if then, err := s.billing.PositionAsOf(t.Context(), s.db, s.customer, day("2026-08-01"), billing.KnownNow); err != nil || then.PayNow.String() != "3000" {
		t.Errorf("looked back at: %s, %v", then.PayNow, err)
	}
	// 3.65 % of the whole from 6 December to 11 May, of the rest to 10 August, of the whole on the 11th: at 36.5 % a year 0.1 % a day.
	fee, err := s.billing.LateFee(t.Context(), s.importedInvoice("OLD-1").ID, time.Time{}, controller())
	s.must(err)
	spans := ""
	for _, span := range fee.Spans {
		spans += fmt.Sprint(span.Days, " days of ", span.Base, ", ")
	}
	if spans != "157 days of 8000, 91 days of 3000, 1 days of 8000, " {
		t.Errorf("late fee on %s", spans)
	}
	s.sound()
}

func TestACaseTakesThePlaceOfWhatAFileSaid(t *testing.T) {
	t.Parallel()
	s, clock := saidThere(t)
	clock.Add(24 * time.Hour)
	invoice := s.importedInvoice("OLD-1")
	s.do(func(tx *db.Tx) error {
		return s.billing.PlaceHoldTx(t.Context(), tx, billing.HoldInput{InvoiceID: invoice.ID, DisputeLineID: 1, CaseID: 1, Amount: d("700"), ReasonCode: "wrong_price"})
	})
	if got := s.asked(day("2026-05-13")); got != "7300 of 8000 disputed 700 700" {
		t.Errorf("held: %s", got)
	}
	clock.Add(24 * time.Hour)
	s.do(func(tx *db.Tx) error { return s.billing.ReleaseHoldTx(t.Context(), tx, 1, "decided") })
	if got := s.asked(day("2026-05-14")); got != "8000 of 8000 disputed 0 0" {
		t.Errorf("decided: %s", got)
	}
	if then, err := s.billing.PositionAsOf(t.Context(), s.db, s.customer, day("2026-05-12"), billing.KnownNow); err != nil || then.PayNow.String() != "3000" {
		t.Errorf("the day before: %s, %v", then.PayNow, err)
	}
	s.sound()
}

func TestWhatAFileSaidIsAskedForAgainOnceItsBlockIsLifted(t *testing.T) {
	t.Parallel()
	s, clock := saidThere(t)
	clock.Add(24 * time.Hour)
	blocks, err := s.billing.Blocks(t.Context(), billing.BlockQuery{CustomerID: s.customer, By: controller()})
	s.must(err)
	_, err = s.billing.LiftBlock(t.Context(), blocks.Rows[0].ID, "settled between us", controller())
	s.must(err)
	if got := s.asked(day("2026-05-13")); got != "8000 of 8000 disputed 0 0" {
		t.Errorf("lifted: %s", got)
	}
	// What is paid lowers what is left of it: never more is in dispute than is open.
	s, _ = saidThere(t)
	_, err = s.billing.RecordPayment(t.Context(), s.pay("EUR", "4000", "2026-05-12", billing.Allocate{InvoiceID: s.importedInvoice("OLD-1").ID, Amount: d("4000")}))
	s.must(err)
	position, err := s.billing.Position(t.Context(), s.db, s.customer)
	s.must(err)
	equal(t, "disputed of the rest", "4000", position.Disputed)
	equal(t, "to pay", "0", position.PayNow)
}
