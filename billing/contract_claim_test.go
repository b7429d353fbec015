package billing_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/internal/db"
	"makegood/internal/errs"
)

func TestNothingIsGivenTwice(t *testing.T) {
	t.Parallel()
	s := setup(t)
	c := s.sign("K-1")
	s.down(c, "T-1", "2026-04-10 10:00", "2026-04-10 15:00", "Line 7")
	sheet := s.compute("K-1", "Line 7", "2026-04")
	equal(t, "one breach", "150", sheet.Amount)
	s.must(s.claim(sheet, 1))
	s.must(s.claim(sheet, 1))
	if err := s.claim(sheet, 2); err == nil {
		t.Error("claimed by a second request")
	}
	if sheet := s.compute("K-1", "Line 7", "2026-04"); !sheet.Amount.IsZero() {
		t.Errorf("still proposed: %s", sheet.Amount)
	}

	t.Run("one more incident, and goodwill for it", func(t *testing.T) {
		second := s.down(c, "T-2", "2026-04-20 10:00", "2026-04-20 15:00", "Line 7")
		// Two breaches are 300.00, the month's limit is 200.00, 150.00 of it are given.
		equal(t, "what is left of the month's limit", "50", s.compute("K-1", "Line 7", "2026-04").Amount)
		s.do(func(tx *db.Tx) error {
			return s.billing.LinkGoodwillTx(t.Context(), tx, billing.Goodwill{
				By: controller(), CreditRequestID: 3, Incident: second.ID, ServiceID: c.Services[1].ID, Amount: d("20"),
			})
		})
		sheet := s.compute("K-1", "Line 7", "2026-04")
		equal(t, "less goodwill", "30", sheet.Amount)
		s.must(s.claim(sheet, 4))
		parts := value[int](t, s.db, `select count(*) from incident_credit_parts where kind = 'service_credit' and not released`)
		if parts != 2 {
			t.Errorf("%d incidents credited, want each once", parts)
		}
	})

	t.Run("a request that ends lets go", func(t *testing.T) {
		s.do(func(tx *db.Tx) error { return s.billing.ReleaseIncidentCreditsTx(t.Context(), tx, 1) })
		sheet := s.compute("K-1", "Line 7", "2026-04")
		equal(t, "first request let go: 200.00 less 20.00 and 30.00", "150", sheet.Amount)
		s.must(s.claim(sheet, 5))
	})
}

// What is claimed is what a request gives. The rest stays owed, may be given by its own sheet, and no goodwill comes beside it.
func TestAPartOfASheetIsGiven(t *testing.T) {
	t.Parallel()
	s := setup(t)
	c := s.sign("K-1")
	first := s.down(c, "T-1", "2026-04-10 10:00", "2026-04-10 15:00", "Line 7")
	sheet := s.compute("K-1", "Line 7", "2026-04")
	for amount, want := range map[string]string{"150.01": "billing.more_than_owed", "0": "billing.bad_amount", "-1": "billing.bad_amount", "0.001": "billing.bad_amount"} {
		var refused *errs.Error
		if err := s.claimPart(sheet, 1, d(amount)); !errors.As(err, &refused) || len(refused.Fields) != 1 || refused.Fields[0].Key != want {
			t.Errorf("%s: %v, want %s", amount, err, want)
		}
	}
	s.must(s.claimPart(sheet, 1, d("90")))
	rest := s.compute("K-1", "Line 7", "2026-04")
	equal(t, "the rest", "60", rest.Amount)
	s.must(s.claim(rest, 2))
	equal(t, "nothing left", "0", s.compute("K-1", "Line 7", "2026-04").Amount)
	s.do(func(tx *db.Tx) error { return s.billing.ReleaseIncidentCreditsTx(t.Context(), tx, 1) })
	err := s.db.Do(t.Context(), func(tx *db.Tx) error {
		return s.billing.LinkGoodwillTx(t.Context(), tx, billing.Goodwill{By: controller(), CreditRequestID: 3, Incident: first.ID, ServiceID: c.Services[1].ID, Amount: d("5")})
	})
	if !errors.Is(err, billing.ErrIncidentCredited) {
		t.Errorf("goodwill beside the rest: %v", err)
	}
}

func TestAPostedMemoIsGivenUntilItIsReversed(t *testing.T) {
	t.Parallel()
	s := setup(t)
	c := s.sign("K-1")
	s.down(c, "T-1", "2026-04-10 10:00", "2026-04-10 15:00", "Line 7")
	sheet := s.compute("K-1", "Line 7", "2026-04")
	detail := s.issue(s.invoice("EUR", line("1000", "19")))
	request, a := s.reserve(credit(billing.SLACredit, detail.ID, billing.AdjustLine{InvoiceLineID: detail.Lines[0].ID, Amount: d("150")}))
	s.must(s.claim(sheet, request))
	state := func() string {
		read, err := s.compute("K-1", "Line 7", "2026-04").Read()
		s.must(err)
		if len(read.Given) == 0 {
			return "none " + read.Proposed
		}
		return read.Given[0].State + " " + read.Proposed
	}
	if got := state(); got != "pending 0.00" {
		t.Error(got)
	}
	memo, err := s.post(billing.PostAdjustment{CreditRequestID: request, ApprovalID: s.approve(request, a), Adjustment: a, Explanation: "Service credit.", By: controller()})
	s.must(err)
	if got := state(); got != "posted 0.00" {
		t.Error(got)
	}
	other, _ := s.reserve(credit(billing.SLACredit, detail.ID, billing.AdjustLine{InvoiceLineID: detail.Lines[0].ID, Amount: d("10")}))
	s.down(c, "T-2", "2026-04-20 10:00", "2026-04-20 15:00", "Line 7")
	s.must(s.claim(s.compute("K-1", "Line 7", "2026-04"), other))
	s.do(func(tx *db.Tx) error { return s.billing.ReleaseReservationTx(t.Context(), tx, other) })
	if got := state(); got != "posted 50.00" { // the reservation went, and the claim with it
		t.Error(got)
	}
	s.takeBack(billing.DocumentRef{Kind: billing.MemoDoc, ID: int64(memo.ID)})
	if got := state(); got != "none 200.00" {
		t.Error(got)
	}
	s.must(s.claim(s.compute("K-1", "Line 7", "2026-04"), 999)) // all of it may be claimed anew
}

func TestTwoRequestsCannotClaimTheSame(t *testing.T) {
	t.Parallel()
	s := setup(t)
	c := s.sign("K-1")
	s.down(c, "T-1", "2026-04-10 10:00", "2026-04-10 15:00", "Line 7")
	sheet := s.compute("K-1", "Line 7", "2026-04")
	results := make([]error, 8)
	var group sync.WaitGroup
	for i := range results {
		group.Go(func() { results[i] = s.claim(sheet, int64(100+i)) })
	}
	group.Wait()
	won := 0
	for _, err := range results {
		if err == nil {
			won++
		} else if errs.KindOf(err) != errs.Conflict {
			t.Error(err)
		}
	}
	if sum := value[decimal.Decimal](t, s.db, `select sum(amount) from incident_credits`); won != 1 || !sum.Equal(d("150")) {
		t.Errorf("%d claims, %s", won, sum)
	}
}

func TestYearsLimitCountsAllServices(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.contract("K-1")
	in.Terms.YearCap = commitment.Cap{Percent: ptr("1")} // of 12 × 1,350.50 when the year began: 162.06
	_, err := s.billing.CreateContract(t.Context(), in)
	s.must(err)
	c, err := s.billing.ContractByNumber(t.Context(), s.db, "K-1")
	s.must(err)
	s.down(c, "T-1", "2026-04-10 10:00", "2026-04-10 15:00", "Line 7", "Rack 4")
	s.must(s.claim(s.compute("K-1", "Line 7", "2026-04"), 1))
	equal(t, "150.00 of 162.06 are used", "12.06", s.compute("K-1", "Rack 4", "2026-04").Amount)
}

// A request that gives by two sheets under the limit of a contract's year: the sheets were worked out side by side, and the limit is held
// over both together.
func TestOneRequestGivesByTwoSheetsOfAYear(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.contract("K-1")
	in.Terms.YearCap = commitment.Cap{Percent: ptr("1")} // 162.06
	_, err := s.billing.CreateContract(t.Context(), in)
	s.must(err)
	c, err := s.billing.ContractByNumber(t.Context(), s.db, "K-1")
	s.must(err)
	s.down(c, "T-1", "2026-04-10 10:00", "2026-04-10 15:00", "Line 7", "Rack 4")
	line, rack := s.compute("K-1", "Line 7", "2026-04"), s.compute("K-1", "Rack 4", "2026-04")
	equal(t, "of the line", "150", line.Amount)
	equal(t, "of the rack", "50", rack.Amount)
	s.must(s.claim(line, 1))
	if err := s.claimPart(rack, 1, d("12.07")); fieldKey(err) != "billing.more_than_year_leaves" {
		t.Errorf("a cent over the year's limit: %v", err)
	}
	s.must(s.claimPart(rack, 1, d("12.06")))
	if err := s.claimPart(rack, 2, d("1")); !errors.Is(err, billing.ErrSheetStale) {
		t.Errorf("by another request: %v", err)
	}
	equal(t, "nothing is left", "0", s.compute("K-1", "Rack 4", "2026-04").Amount)
}

// Goodwill for an incident over a month's end counts as given in each month, by the minutes in it.
func TestGoodwillOverAMonthsEndCountsInBothMonths(t *testing.T) {
	t.Parallel()
	s := setup(t)
	c := s.sign("K-1")
	night := s.down(c, "T-1", "2026-03-31 23:00", "2026-04-02 00:00", "Rack 4") // 60 and 1,440 minutes
	link := func(request int64, amount string) error {
		return s.db.Do(t.Context(), func(tx *db.Tx) error {
			return s.billing.LinkGoodwillTx(t.Context(), tx, billing.Goodwill{
				By: controller(), CreditRequestID: request, Incident: night.ID, ServiceID: c.Services[0].ID, Amount: d(amount),
			})
		})
	}
	march, april := s.compute("K-1", "Rack 4", "2026-03").Amount, s.compute("K-1", "Rack 4", "2026-04").Amount
	equal(t, "owed for March", "50", march)
	equal(t, "owed for April", "250", april)
	s.must(link(1, "20.01"))
	equal(t, "March less its 0.80", "49.20", s.compute("K-1", "Rack 4", "2026-03").Amount)
	equal(t, "April less its 19.21", "230.79", s.compute("K-1", "Rack 4", "2026-04").Amount)
	s.do(func(tx *db.Tx) error { return s.billing.ReleaseIncidentCreditsTx(t.Context(), tx, 1) })

	s.must(link(2, "0.01"))
	equal(t, "one cent is not divided", "50", s.compute("K-1", "Rack 4", "2026-03").Amount)
	equal(t, "it is April's", "249.99", s.compute("K-1", "Rack 4", "2026-04").Amount)
	s.do(func(tx *db.Tx) error { return s.billing.ReleaseIncidentCreditsTx(t.Context(), tx, 2) })

	for _, month := range []string{"2026-03", "2026-04"} {
		s.must(s.claim(s.compute("K-1", "Rack 4", month), 3))
		for _, amount := range []string{"20", "0.01"} {
			if err := link(4, amount); !errors.Is(err, billing.ErrIncidentCredited) {
				t.Errorf("%s beside the service credit for %s: %v", amount, month, err)
			}
		}
		s.do(func(tx *db.Tx) error { return s.billing.ReleaseIncidentCreditsTx(t.Context(), tx, 3) })
	}
}
