package billing_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
	"makegood/internal/errs"
)

func ptr(text string) *decimal.Decimal {
	v := d(text)
	return &v
}

func hamburg(text string) time.Time {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		panic(err)
	}
	return at
}

// contract is a rack at 1,000.00 a month (availability by tiers) and a line at 400.00 (150.00 when it is not restored
// within four hours); claims within 30 days of the month's end, 20 % of a year's fees at most.
func (s *shop) contract(number string) billing.NewContract {
	return billing.NewContract{
		By: controller(), EntityID: s.entity, CustomerID: s.customer, Number: number,
		Terms: commitment.Terms{
			Currency: "EUR", Zone: "Europe/Berlin", From: day("2025-07-01"), Combination: commitment.Cumulative, FeeBase: commitment.FeeProRata,
			Excludes:  []commitment.ExclusionKind{commitment.Maintenance, commitment.CustomerCaused},
			MonthCap:  commitment.Cap{Percent: ptr("50")},
			YearCap:   commitment.Cap{Percent: ptr("20"), Amount: ptr("5000")},
			ClaimDays: 30, ClaimFrom: commitment.FromMonthEnd,
		},
		Services: []commitment.Service{
			{
				Name: "Rack 4", Product: "COLO-R", Fees: []commitment.Fee{{From: day("2025-07-01"), Amount: d("1000")}},
				Commitments: []commitment.Commitment{{
					Ref: "Schedule 2, 4.1", Metric: commitment.Availability, Target: d("99.9"), Digits: 3, Formula: commitment.TierPercent,
					Tiers: []commitment.Tier{{Below: d("99.9"), Percent: d("5")}, {Below: d("99"), Percent: d("25")}},
				}},
			},
			{
				Name: "Line 7", Product: "XCON", From: day("2025-07-01"), Fees: []commitment.Fee{
					{From: day("2025-07-01"), Until: day("2025-12-31"), Amount: d("350.50")}, {From: day("2026-01-01"), Amount: d("400")},
				},
				Commitments: []commitment.Commitment{{
					Metric: commitment.Restore, Target: d("4"), Formula: commitment.FixedAmount, Amount: d("150"), EventCap: commitment.Cap{Amount: ptr("200")},
				}},
			},
		},
	}
}

// sign enters the contract and gives it back as stored.
func (s *shop) sign(number string) billing.ContractDetail {
	s.t.Helper()
	_, err := s.billing.CreateContract(s.t.Context(), s.contract(number))
	s.must(err)
	c, err := s.billing.ContractByNumber(s.t.Context(), s.db, number)
	s.must(err)
	return c
}

// down records an outage of the contract's services; an empty end is not over.
func (s *shop) down(c billing.ContractDetail, reference, from, until string, services ...string) billing.Incident {
	s.t.Helper()
	i, err := s.billing.RecordIncident(s.t.Context(), s.incident(c, reference, from, until, services...))
	s.must(err)
	return i
}

func (s *shop) incident(c billing.ContractDetail, reference, from, until string, services ...string) billing.NewIncident {
	s.t.Helper()
	in := billing.NewIncident{
		By: controller(), EntityID: s.entity, Source: "monitor", Reference: reference, Title: "Power lost", Kind: commitment.Outage, From: hamburg(from),
	}
	if until != "" {
		in.Until = hamburg(until)
	}
	for _, name := range services {
		service, err := c.Service(name)
		s.must(err)
		in.Services = append(in.Services, service.ID)
	}
	return in
}

func (s *shop) compute(number, service, month string) billing.CreditSheet {
	s.t.Helper()
	sheet, err := s.billing.ComputeServiceCredit(s.t.Context(), billing.ComputeInput{By: controller(), Contract: number, Service: service, Month: day(month + "-01")})
	s.must(err)
	return sheet
}

func (s *shop) owed() []billing.OwedCredit {
	s.t.Helper()
	list, err := s.billing.ServiceCreditsOwed(s.t.Context(), billing.OwedFilter{By: controller()})
	s.must(err)
	return list
}

func (s *shop) claim(sheet billing.CreditSheet, request int64) error {
	return s.claimPart(sheet, request, sheet.Amount)
}

func (s *shop) claimPart(sheet billing.CreditSheet, request int64, amount decimal.Decimal) error {
	return s.db.Do(s.t.Context(), func(tx *db.Tx) error {
		return s.billing.ClaimSheetTx(s.t.Context(), tx, billing.SheetClaim{By: controller(), SheetID: sheet.ID, CreditRequestID: request, Amount: amount})
	})
}

func events(s *shop, what string) int {
	return value[int](s.t, s.db, `select count(*) from audit_log where what = $1`, what)
}

func TestContractIsEnteredOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	c := s.sign("K-1")
	again, err := s.billing.CreateContract(t.Context(), s.contract("K-1"))
	s.must(err)
	if again.ID != c.ID || events(s, "contract.created") != 1 {
		t.Errorf("entered again: %d and %d, %d events", c.ID, again.ID, events(s, "contract.created"))
	}
	other := s.contract("K-1")
	other.Services[1].Commitments[0].Amount = d("151")
	if _, err := s.billing.CreateContract(t.Context(), other); !errors.Is(err, billing.ErrContractDiffers) {
		t.Errorf("another contract under the number: %v", err)
	}

	t.Run("it reads back as it was entered", func(t *testing.T) {
		want := s.contract("K-1")
		terms := c.Terms()
		if terms.MonthCap.Percent == nil || !terms.MonthCap.Percent.Equal(d("50")) || terms.YearCap.Amount == nil || terms.ClaimDays != 30 ||
			!slices.Equal(terms.Excludes, want.Terms.Excludes) || len(c.Services) != 2 {
			t.Errorf("terms %+v", terms)
		}
		line := c.Services[1]
		if line.Name != "Line 7" || len(line.Fees) != 2 || !line.Fees[0].Amount.Equal(d("350.5")) || line.Fees[0].Until != day("2025-12-31") ||
			!line.Fees[1].Until.IsZero() || !line.Commitments[0].EventCap.Amount.Equal(d("200")) {
			t.Errorf("line %+v", line)
		}
		rack := c.Services[0].Commitments[0]
		if len(rack.Tiers) != 2 || !rack.Tiers[1].Percent.Equal(d("25")) || rack.Ref != "Schedule 2, 4.1" {
			t.Errorf("rack %+v", rack)
		}
	})

	t.Run("only a controller enters one, and only for a customer of the entity", func(t *testing.T) {
		in := s.contract("K-2")
		in.By.Roles = []access.Role{access.Supervisor}
		if _, err := s.billing.CreateContract(t.Context(), in); !errors.Is(err, access.ErrForbidden) {
			t.Errorf("a supervisor: %v", err)
		}
		in = s.contract("K-2")
		s.do(func(tx *db.Tx) error { in.EntityID = s.addEntity(tx, "SG"); return nil })
		if _, err := s.billing.CreateContract(t.Context(), in); errs.KindOf(err) != errs.Invalid {
			t.Errorf("another entity: %v", err)
		}
	})

	t.Run("each wrong field is named", func(t *testing.T) {
		in := s.contract("")
		in.Terms.Zone = "Mars"
		in.Services[1].Name = "Rack 4"
		in.Services[1].Commitments[0].Amount = d("0")
		_, err := s.billing.CreateContract(t.Context(), in)
		e, _ := errors.AsType[*errs.Error](err)
		if e == nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range e.Fields {
			names = append(names, f.Name)
		}
		if want := "number services.1.name services.1.commitments.0.amount zone"; strings.Join(names, " ") != want {
			t.Errorf("fields %v", names)
		}
	})
}

func TestIncidentIsRecordedOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	c := s.sign("K-1")
	open := s.down(c, "T-1", "2026-04-10 10:00", "", "Rack 4")
	ended := s.down(c, "T-1", "2026-04-10 10:00", "2026-04-10 12:00", "Rack 4")
	if ended.ID != open.ID || ended.UntilAt == nil || ended.Version != 2 {
		t.Errorf("ended: %+v", ended)
	}
	wider := s.down(c, "T-1", "2026-04-10 10:00", "2026-04-10 12:00", "Rack 4", "Line 7")
	same := s.down(c, "T-1", "2026-04-10 10:00", "2026-04-10 12:00", "Rack 4")
	row, err := s.billing.IncidentByID(t.Context(), s.db, open.ID)
	s.must(err)
	if wider.ID != open.ID || same.Version != 3 || len(row.Services) != 2 || row.Services[0].Customer != "Customer C-1" {
		t.Errorf("widened: %+v", row)
	}
	if events(s, "incident.recorded") != 1 || events(s, "incident.amended") != 2 {
		t.Error("events do not tell it")
	}
	for name, spoil := range map[string]func(*billing.NewIncident){
		"another end":   func(i *billing.NewIncident) { i.Until = hamburg("2026-04-10 13:00") },
		"open again":    func(i *billing.NewIncident) { i.Until = time.Time{} },
		"another cause": func(i *billing.NewIncident) { i.Cause = commitment.CustomerCaused },
	} {
		in := s.incident(c, "T-1", "2026-04-10 10:00", "2026-04-10 12:00", "Rack 4")
		spoil(&in)
		if _, err := s.billing.RecordIncident(t.Context(), in); !errors.Is(err, billing.ErrIncidentDiffers) {
			t.Errorf("%s: %v", name, err)
		}
	}
	in := s.incident(c, "T-2", "2026-05-12 10:00", "", "Rack 4") // the clock shows 09:30 in Berlin
	in.Services = append(in.Services, 999)
	if _, err := s.billing.RecordIncident(t.Context(), in); errs.KindOf(err) != errs.Invalid {
		t.Errorf("in the future, of a service that is not: %v", err)
	}
}

func TestSheetIsKeptAndHashed(t *testing.T) {
	t.Parallel()
	s := setup(t)
	c := s.sign("K-1")
	s.down(c, "T-1", "2026-04-10 14:00", "2026-04-10 15:40", "Rack 4")
	sheet := s.compute("K-1", "Rack 4", "2026-04")
	equal(t, "5 % of 1,000.00", "50", sheet.Amount)
	if again := s.compute("K-1", "Rack 4", "2026-04"); again.ID != sheet.ID || events(s, "service_credit.computed") != 1 {
		t.Errorf("worked out again: %d and %d", sheet.ID, again.ID)
	}
	s.sound()
	hash, err := s.billing.SheetHash(t.Context(), s.db, sheet.ID)
	s.must(err)
	read, err := sheet.Read()
	s.must(err)
	canonical, err := read.Canonical()
	s.must(err)
	if hash != commitment.Hash(canonical) || read.Month != "2026-04" || read.Intervals[0].Minutes != 100 {
		t.Errorf("hash %s, sheet %s", hash, canonical)
	}

	t.Run("maintenance known later gives another sheet, the first stays", func(t *testing.T) {
		window := billing.NewExclusion{
			By: controller(), Contract: c.ID, Kind: commitment.Maintenance, From: hamburg("2026-04-10 14:00"), Until: hamburg("2026-04-10 15:30"), Reason: "Announced on 2 April",
		}
		one, err := s.billing.RecordExclusion(t.Context(), window)
		s.must(err)
		two, err := s.billing.RecordExclusion(t.Context(), window)
		s.must(err)
		if one.ID != two.ID || events(s, "contract.exclusion_recorded") != 1 {
			t.Errorf("recorded twice: %+v %+v", one, two)
		}
		later := s.compute("K-1", "Rack 4", "2026-04") // 10 minutes
		if later.ID == sheet.ID || !later.Amount.IsZero() {
			t.Errorf("later: %+v", later)
		}
		if err := s.claim(sheet, 1); !errors.Is(err, billing.ErrSheetStale) {
			t.Errorf("claiming the first: %v", err)
		}
	})

	t.Run("nobody changes it", func(t *testing.T) {
		for _, statement := range []string{`update service_credit_sheets set amount = 1`, `delete from service_credit_sheets`, `update contracts set claim_days = 90`} {
			if err := s.db.Do(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), statement); return err }); err == nil {
				t.Errorf("%s was allowed", statement)
			}
		}
		dbtest.AsOwner(t, s.db, `alter table service_credit_sheets disable trigger immutable_rows;
			update service_credit_sheets set sheet = jsonb_set(sheet, '{owed}', '"5000.00"') where id = `+id(int(sheet.ID))+`;
			alter table service_credit_sheets enable trigger immutable_rows`)
		if _, err := s.billing.SheetHash(t.Context(), s.db, sheet.ID); !errors.Is(err, billing.ErrSheetAltered) {
			t.Errorf("altered: %v", err)
		}
		faults, err := s.billing.Verify(t.Context())
		if err != nil || len(faults) != 1 || faults[0].Check != "sheet_is_what_was_kept" || faults[0].Row != "sheet "+id(int(sheet.ID)) {
			t.Errorf("verified: %+v, %v", faults, err)
		}
	})

	t.Run("refusals", func(t *testing.T) {
		ask := billing.ComputeInput{By: controller(), Contract: "K-1", Service: "Rack 4", Month: day("2026-04-01")}
		for name, c := range map[string]struct {
			spoil func(*billing.ComputeInput)
			want  error
		}{
			"an auditor":        {func(i *billing.ComputeInput) { i.By.Roles = []access.Role{access.Auditor} }, access.ErrForbidden},
			"out of scope":      {func(i *billing.ComputeInput) { i.By.EntityIDs = []int64{99} }, access.ErrOutOfScope},
			"no such contract":  {func(i *billing.ComputeInput) { i.Contract = "K-9" }, billing.ErrNoContract},
			"no such service":   {func(i *billing.ComputeInput) { i.Service = "Rack 5" }, billing.ErrNoService},
			"a month that runs": {func(i *billing.ComputeInput) { i.Month = day("2026-05-01") }, commitment.ErrMonthNotOver},
			"before it began":   {func(i *billing.ComputeInput) { i.Month = day("2025-06-01") }, commitment.ErrNotInForce},
		} {
			in := ask
			c.spoil(&in)
			if _, err := s.billing.ComputeServiceCredit(t.Context(), in); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestOwedAndNotClaimed(t *testing.T) {
	t.Parallel()
	s := setup(t)
	c := s.sign("K-1")
	late := s.contract("K-2")
	late.Terms.ClaimFrom, late.CustomerID = commitment.FromIncidentEnd, s.partner
	_, err := s.billing.CreateContract(t.Context(), late)
	s.must(err)
	c2, err := s.billing.ContractByNumber(t.Context(), s.db, "K-2")
	s.must(err)
	s.down(c, "T-1", "2026-04-30 22:00", "2026-05-01 03:30", "Line 7", "Rack 4") // Rack 4: 120 min; Line 7: broken at 02:00 in May
	s.down(c2, "T-2", "2026-04-12 10:00", "2026-04-12 15:00", "Line 7")          // to be claimed by 12 May
	s.down(c2, "T-3", "2026-03-12 10:00", "2026-03-12 15:00", "Line 7")          // too late since 11 April
	s.down(c, "T-4", "2026-04-20 10:00", "2026-04-20 10:05", "Rack 4")
	s.down(c, "T-5", "2026-03-20 10:00", "", "Rack 4") // not over: all of April and the rest of March
	var got []string
	for _, o := range s.owed() {
		got = append(got, strings.Join([]string{o.Contract.Number, o.Service, o.Month.Format("2006-01"), o.Proposed().Plain(), o.ClaimBy.Format(time.DateOnly), id(o.DaysLeft)}, " "))
	}
	want := []string{"K-2 Line 7 2026-04 150.00 2026-05-12 0", "K-1 Rack 4 2026-04 250.00 2026-05-30 18"}
	if !slices.Equal(got, want) {
		t.Errorf("owed\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	s.must(s.claim(s.compute("K-2", "Line 7", "2026-04"), 1))
	if list := s.owed(); len(list) != 1 || list[0].Contract.Number != "K-1" {
		t.Errorf("after the claim: %+v", list)
	}
	none, err := s.billing.ServiceCreditsOwed(t.Context(), billing.OwedFilter{By: controller(), EntityIDs: []billing.EntityID{99}})
	if err != nil || len(none) != 0 {
		t.Errorf("another entity: %v, %v", none, err)
	}
}

func id(n int) string { return decimal.NewFromInt(int64(n)).String() }
