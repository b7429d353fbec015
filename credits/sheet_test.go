package credits_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/credits"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// The same outage is credited once: whoever proposes it a second time is refused, until the first request is withdrawn.
func TestAnIncidentIsCreditedOnce(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.outage()
	sheet := k.sheet()
	equal(t, "two hours in April", "1000", sheet.Amount)
	in := k.proposal(k.invoice(k.customer, "2000"), "1000")
	id := int64(sheet.ID)
	in.Kind = billing.SLACredit
	in.Evidence = []credits.NewEvidence{{Kind: credits.Calculation, Label: "Sheet for April", SheetID: &id, SHA256: make([]byte, 32)}}
	if _, err := k.credits.Submit(t.Context(), in); problem(err) != "evidence.0.sha256 credits.evidence.other_sheet" {
		t.Errorf("with another sheet's hash: %v", err)
	}
	in.Evidence[0].SHA256 = sheet.SHA256
	first := k.submit(in)
	again := in
	other := k.proposal(k.invoice(k.customer, "2000"), "1000")
	again.InvoiceID, again.Lines = other.InvoiceID, other.Lines
	if _, err := k.credits.Submit(t.Context(), again); !errors.Is(err, billing.ErrIncidentCredited) && !errors.Is(err, billing.ErrSheetStale) {
		t.Errorf("a second time: %v", err)
	}
	_, err := k.credits.Withdraw(t.Context(), credits.WithdrawInput{By: k.agent, ID: first.ID, Comment: "wrong invoice"})
	k.must(err)
	k.submit(again)
	k.sound()
}

// A service credit is held to its sheet: to its customer, its currency and what it proposes. What an approver makes less of it counts
// as that, and the rest stays owed. A sheet that is not there or belongs to somebody else proves nothing of any kind.
func TestAServiceCreditGivesWhatItsSheetProposes(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.outage()
	sheet := k.sheet()
	refused := func(name, want string, change func(in *credits.ProposeInput)) {
		t.Helper()
		in := k.serviceCredit(sheet)
		change(&in)
		if _, err := k.credits.Submit(t.Context(), in); problem(err) != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
		if _, err := k.credits.Preview(t.Context(), in); problem(err) != want {
			t.Errorf("%s, in the preview: %v, want %s", name, err, want)
		}
	}
	refused("a cent more", "lines credits.more_than_sheets", func(in *credits.ProposeInput) { in.Lines[0].Net = d("1000.01") })
	refused("the same sheet twice", "lines credits.more_than_sheets", func(in *credits.ProposeInput) {
		in.Lines[0].Net, in.Evidence = d("1500"), append(in.Evidence, in.Evidence[0])
	})
	refused("no such sheet", "evidence.0.sheet_id billing.no_sheet", func(in *credits.ProposeInput) { in.Evidence[0].SheetID = new(int64(4711)) })
	refused("of another customer", "evidence.0.sheet_id credits.evidence.sheet_of_another", func(in *credits.ProposeInput) {
		other := k.proposal(k.invoice(k.partner, "2000"), "10")
		in.InvoiceID, in.Lines = other.InvoiceID, other.Lines
	})
	refused("of another customer, for a mistake", "evidence.0.sheet_id credits.evidence.sheet_of_another", func(in *credits.ProposeInput) {
		other := k.proposal(k.invoice(k.partner, "2000"), "10")
		in.Kind, in.InvoiceID, in.Lines = billing.BillingError, other.InvoiceID, other.Lines
	})
	refused("another sheet's hash, for a mistake", "evidence.0.sha256 credits.evidence.other_sheet", func(in *credits.ProposeInput) {
		in.Kind, in.Evidence[0].SHA256 = billing.BillingError, make([]byte, 32)
	})

	req := k.submit(k.serviceCredit(sheet))
	late := credits.EvidenceInput{By: k.agent, ID: req.ID, NewEvidence: credits.NewEvidence{Kind: credits.Calculation, Label: "x", SheetID: new(int64(4711)), SHA256: make([]byte, 32)}}
	if err := k.credits.AddEvidence(t.Context(), late); problem(err) != "evidence.0.sheet_id billing.no_sheet" {
		t.Errorf("added later: %v", err)
	}
	_, err := k.credits.ApproveLess(t.Context(), credits.LessInput{
		DecideInput: credits.DecideInput{By: k.senior, ID: req.ID, Comment: "the second hour was maintenance"},
		Lines:       []credits.ProposeLine{{InvoiceLineID: req.Content.Lines[0].InvoiceLineID, Net: d("600")}},
	})
	k.must(err)
	equal(t, "the rest is owed", "400", k.sheet().Amount)
	equal(t, "given", "600", value[decimal.Decimal](t, k.db, `select sum(amount) from incident_credits where released_at is null`))
	k.submit(k.serviceCredit(k.sheet()))
	equal(t, "nothing is owed", "0", k.sheet().Amount)
	k.sound()
}

// Who computed what is given does not sign it, neither by themselves nor through somebody, and stays barred when the chain is drawn anew.
func TestWhoComputedAServiceCreditDoesNotSignIt(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.outage()
	sheet, err := k.billing.ComputeServiceCredit(t.Context(), billing.ComputeInput{By: k.senior, Contract: "K-7", Service: "Rack 4", Month: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)})
	k.must(err)
	k.standsIn(k.senior, k.second)
	in := k.serviceCredit(sheet)
	in.Lines[0].Net = d("600") // 714.00: within the limit of L2
	req := k.submit(in)
	k.must(k.credits.SweepNow(t.Context()))
	if got := levelsOf(k.read(req.ID)); !slices.Equal(got, []string{"L3 supervisor"}) {
		t.Errorf("what the only senior computed goes to %v", got)
	}
	for _, by := range []access.Actor{k.senior, k.second} {
		if _, err := k.credits.Approve(t.Context(), credits.DecideInput{By: by, ID: req.ID}); err == nil {
			t.Errorf("%s signed it", by.Name)
		}
	}
	step, _ := k.read(req.ID).Open()
	insert := `insert into credit_decisions (credit_request_id, content_version, step_id, user_id, on_behalf_of, decision, digest, decided_at) values ($1, 1, $2, $3, $4, 'approve', '\x00', now())`
	if err := k.try(insert, req.ID, step.ID, k.lead.UserID, k.senior.UserID); !db.Violates(err, "no_decision_on_own_request") {
		t.Errorf("the database let it pass: %v", err)
	}
	if got := k.approve(req.ID, k.lead); got.State != credits.Approved {
		t.Errorf("%s", got.State)
	}
}

// outage is a contract of the first customer with a service that promises 99.9 %, 5 % of 20,000 a month below, and an
// outage of two hours in April: 1,000.00 are owed.
func (k *desk) outage() (billing.ContractServiceID, billing.IncidentID) {
	k.t.Helper()
	service := k.rack(commitment.Cap{})
	return service, k.powerLost(service, "out-1", time.Date(2026, 4, 10, 8, 0, 0, 0, time.UTC), time.Date(2026, 4, 10, 10, 0, 0, 0, time.UTC))
}

// rack is that contract with a limit of its year.
func (k *desk) rack(year commitment.Cap) billing.ContractServiceID {
	k.t.Helper()
	since := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := k.billing.CreateContract(k.t.Context(), billing.NewContract{
		By: k.control, EntityID: k.entity, CustomerID: k.customer, Number: "K-7",
		Terms: commitment.Terms{
			Excludes: []commitment.ExclusionKind{commitment.Maintenance}, Currency: "EUR", Zone: "Europe/Berlin", From: since, Combination: commitment.Cumulative, FeeBase: commitment.FeeProRata, ClaimDays: 60, ClaimFrom: commitment.FromMonthEnd, YearCap: year,
		},
		Services: []commitment.Service{{
			Name: "Rack 4", Product: "compute", Fees: []commitment.Fee{{From: since, Amount: d("20000")}},
			Commitments: []commitment.Commitment{{
				Ref: "4.1", Metric: commitment.Availability, Target: d("99.9"), Digits: 3, Formula: commitment.TierPercent,
				Tiers: []commitment.Tier{{Below: d("99.9"), Percent: d("5")}},
			}},
		}},
	})
	k.must(err)
	c, err := k.billing.ContractByNumber(k.t.Context(), k.db, "K-7")
	k.must(err)
	service, err := c.Service("Rack 4")
	k.must(err)
	return service.ID
}

func (k *desk) powerLost(service billing.ContractServiceID, reference string, from, until time.Time) billing.IncidentID {
	k.t.Helper()
	i, err := k.billing.RecordIncident(k.t.Context(), billing.NewIncident{
		By: k.control, EntityID: k.entity, Source: "monitor", Reference: reference, Title: "Power lost", Kind: commitment.Outage,
		From: from, Until: until, Services: []billing.ContractServiceID{service},
	})
	k.must(err)
	return i.ID
}

func (k *desk) sheet() billing.CreditSheet {
	k.t.Helper()
	return k.sheetOf(time.April)
}

func (k *desk) sheetOf(month time.Month) billing.CreditSheet {
	k.t.Helper()
	sheet, err := k.billing.ComputeServiceCredit(k.t.Context(), billing.ComputeInput{By: k.control, Contract: "K-7", Service: "Rack 4", Month: time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC)})
	k.must(err)
	return sheet
}

// goodwill proposes a concession on an invoice for an incident.
func (k *desk) goodwill(incident billing.IncidentID, net string) credits.ProposeInput {
	in := k.proposal(k.invoice(k.customer, "2000"), net)
	in.Kind, in.Evidence, in.For = billing.Concession, nil, &billing.GoodwillFor{IncidentID: incident}
	return in
}

func (k *desk) serviceCredit(sheet billing.CreditSheet) credits.ProposeInput {
	in := k.proposal(k.invoice(k.customer, "2000"), sheet.Amount.String())
	id := int64(sheet.ID)
	in.Kind, in.Evidence = billing.SLACredit, []credits.NewEvidence{{Kind: credits.Calculation, Label: "Sheet for April", SheetID: &id, SHA256: sheet.SHA256}}
	return in
}

// Goodwill comes first: the service credit is what it left, while the goodwill stands, and for ever once it is posted.
func TestAServiceCreditAfterGoodwillPaysTheRest(t *testing.T) {
	t.Parallel()
	k := setup(t)
	_, incident := k.outage()
	equal(t, "owed", "1000", k.sheet().Amount)
	before := k.sheet()
	first := k.submit(k.goodwill(incident, "400"))
	equal(t, "less what is asked for", "600", k.sheet().Amount)
	if _, err := k.credits.Submit(t.Context(), k.serviceCredit(before)); !errors.Is(err, billing.ErrSheetStale) {
		t.Errorf("the sheet of before: %v", err)
	}
	if notes := k.read(first.ID).Evidence; len(notes) != 1 || notes[0].Label != "Power lost, 2026-04-10 (monitor out-1): Rack 4 of K-7" {
		t.Errorf("approvers read %+v", notes)
	}
	_, err := k.credits.Withdraw(t.Context(), credits.WithdrawInput{By: k.agent, ID: first.ID, Comment: "too much"})
	k.must(err)
	equal(t, "withdrawn", "1000", k.sheet().Amount)

	second := k.submit(k.goodwill(incident, "300"))
	k.approve(second.ID, k.senior)
	k.work()
	if got := k.read(second.ID); got.State != credits.Posted {
		t.Fatalf("%s %s", got.State, got.Failure)
	}
	equal(t, "less what was given", "700", k.sheet().Amount)
	k.submit(k.serviceCredit(k.sheet()))
	equal(t, "paid in full", "0", k.sheet().Amount)
	equal(t, "in all, what was owed", "1000", value[decimal.Decimal](t, k.db, `select sum(amount) from incident_credits where released_at is null`))
	if _, err := k.credits.Submit(t.Context(), k.goodwill(incident, "10")); !errors.Is(err, billing.ErrIncidentCredited) {
		t.Errorf("goodwill once more: %v", err)
	}
	k.sound()
}

// The service credit comes first: goodwill for the same incident is refused, in the preview already, until it is let go of.
func TestGoodwillAfterAServiceCreditIsRefused(t *testing.T) {
	t.Parallel()
	k := setup(t)
	service, incident := k.outage()
	first := k.submit(k.serviceCredit(k.sheet()))
	in := k.goodwill(incident, "400")
	if _, err := k.credits.Preview(t.Context(), in); !errors.Is(err, billing.ErrIncidentCredited) {
		t.Errorf("preview: %v", err)
	}
	if _, err := k.credits.Submit(t.Context(), in); !errors.Is(err, billing.ErrIncidentCredited) {
		t.Errorf("submitted: %v", err)
	}
	list, err := k.billing.StruckServices(t.Context(), k.db, k.customer)
	k.must(err)
	if len(list) != 1 || !list[0].Credited || list[0].ServiceID != service {
		t.Errorf("offered: %+v", list)
	}
	_, err = k.credits.Withdraw(t.Context(), credits.WithdrawInput{By: k.agent, ID: first.ID, Comment: "other way"})
	k.must(err)
	k.submit(in)
	equal(t, "left", "600", k.sheet().Amount)
	k.sound()
}

func TestGoodwillNamesAnIncidentOfItsCustomer(t *testing.T) {
	t.Parallel()
	k := setup(t)
	_, incident := k.outage()
	other := k.proposal(k.invoice(k.partner, "2000"), "10")
	other.Kind, other.Evidence, other.For = billing.Concession, nil, &billing.GoodwillFor{IncidentID: incident}
	if _, err := k.credits.Submit(t.Context(), other); problem(err) != "incident billing.no_incident" {
		t.Errorf("of another customer: %v", err)
	}
	wrong := k.goodwill(incident, "10")
	wrong.Kind, wrong.Evidence = billing.BillingError, []credits.NewEvidence{{Kind: credits.Note, Label: "x"}}
	if _, err := k.credits.Submit(t.Context(), wrong); problem(err) != "incident credits.incident_of_goodwill_only" {
		t.Errorf("for an error: %v", err)
	}
	draft, err := k.credits.CreateDraft(t.Context(), k.goodwill(incident, "100"))
	k.must(err)
	equal(t, "a draft gives nothing yet", "1000", k.sheet().Amount)
	_, err = k.credits.SubmitDraft(t.Context(), draft.ID, k.agent)
	k.must(err)
	equal(t, "submitted", "900", k.sheet().Amount)
}

// A service credit within its requester's own limit, of a sheet they computed themselves, that failed is posted again as what it was; once a
// fact of its sheet has changed it is not.
func TestASmallServiceCreditIsPostedAgain(t *testing.T) {
	t.Parallel()
	for name, changed := range map[string]bool{"as it was": false, "its contract pays less": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			k.outage()
			in := k.serviceCredit(k.sheet())
			in.Lines[0].Net = d("50")
			req := k.submit(in)
			if !req.OwnLimit {
				t.Fatalf("not within the own limit: %s", req.State)
			}
			dbtest.AsOwner(t, k.db, `update credit_request_lines set net = 900`)
			k.work()
			if got := k.read(req.ID); got.State != credits.Failed {
				t.Fatalf("%s %s", got.State, got.Failure)
			}
			dbtest.AsOwner(t, k.db, `update credit_request_lines set net = 50`)
			if changed {
				dbtest.AsOwner(t, k.db, `update commitments set target = 90`)
			}
			_, err := k.credits.Retry(t.Context(), k.agent, req.ID)
			k.must(err)
			k.work()
			if got, want := k.read(req.ID), map[bool]credits.State{false: credits.Posted, true: credits.Expired}[changed]; got.State != want {
				t.Errorf("%s %s, want %s", got.State, got.Failure, want)
			}
			k.sound()
		})
	}
}
