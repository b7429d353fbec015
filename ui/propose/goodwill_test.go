package propose_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/ui/screentest"
)

// outage is an incident that struck a service of Lumen, for which 5 % of 2,000.00 a month are owed.
func outage(t *testing.T, r *screentest.Room) {
	t.Helper()
	since := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := r.Billing.CreateContract(t.Context(), billing.NewContract{
		By: r.Actor(access.Controller), EntityID: r.Company.Entity.ID, CustomerID: r.Company.Lumen.ID, Number: "K-7",
		Terms: commitment.Terms{Currency: "EUR", Zone: "Europe/Berlin", From: since, Combination: commitment.Cumulative, FeeBase: commitment.FeeProRata},
		Services: []commitment.Service{{
			Name: "Rack 4", Product: "compute", Fees: []commitment.Fee{{From: since, Amount: decimal.NewFromInt(2000)}},
			Commitments: []commitment.Commitment{{
				Ref: "4.1", Metric: commitment.Availability, Target: decimal.RequireFromString("99.9"), Digits: 3, Formula: commitment.TierPercent,
				Tiers: []commitment.Tier{{Below: decimal.RequireFromString("99.9"), Percent: decimal.NewFromInt(5)}},
			}},
		}},
	})
	r.Must(err)
	c, err := r.Billing.ContractByNumber(t.Context(), r.DB, "K-7")
	r.Must(err)
	_, err = r.Billing.RecordIncident(t.Context(), billing.NewIncident{
		By: r.Actor(access.Controller), EntityID: r.Company.Entity.ID, Source: "monitor", Reference: "out-1", Title: "Power lost", Kind: commitment.Outage,
		From: time.Date(2026, 4, 10, 8, 0, 0, 0, time.UTC), Until: time.Date(2026, 4, 10, 10, 0, 0, 0, time.UTC), Services: []billing.ContractServiceID{c.Services[0].ID},
	})
	r.Must(err)
}

func TestGoodwillNamesItsIncident(t *testing.T) {
	t.Parallel()
	r, lines := open(t)
	path := "/invoices/" + r.Company.LumenBill.Number + "/credit"
	agent := r.As(access.Agent)
	if page := agent.Get(path); strings.Contains(page.HTML, `name="incident"`) {
		t.Error("incidents are asked for where there are none")
	}
	outage(t, r)
	page := agent.Get(path)
	for _, want := range []string{"Given for an incident", "Power lost, 2026-04-10 (monitor out-1): Rack 4 of K-7"} {
		if !strings.Contains(page.Text, want) {
			t.Errorf("the form lacks %q", want)
		}
	}
	form := proposal(lines[0], "30")
	form.Set("kind", "concession")
	form.Set("incident", "1-1")
	if a := agent.Post(path, form); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	sheet, err := r.Billing.ComputeServiceCredit(t.Context(), billing.ComputeInput{By: r.Actor(access.Controller), Contract: "K-7", Service: "Rack 4", Month: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)})
	r.Must(err)
	if !sheet.Amount.Equal(decimal.NewFromInt(70)) {
		t.Errorf("the calculator proposes %s of 100 less 30", sheet.Amount)
	}
}

// What the law asks of the document is told while the proposal is typed.
func TestThePreviewSaysWhatTheLawAsks(t *testing.T) {
	t.Parallel()
	r, lines := open(t)
	dbtest.AsOwner(t, r.DB, `update legal_entities set country = 'BR'`, `update customers set tax_id = '12.345.678/0001-95'`)
	path := "/invoices/" + r.Company.LumenBill.Number + "/credit"
	agent := r.As(access.Agent)
	const sentence = "The law asks for the tax authority's key of each original invoice."
	if part := agent.HTMX().Post(path+"/preview", proposal(lines[0], "30")); !strings.Contains(part.Text, sentence) {
		t.Errorf("preview: %s", part.Text)
	}
	if a := agent.Post(path, proposal(lines[0], "30")); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text, sentence) {
		t.Errorf("submitted: %d %s", a.Status, a.Text)
	}
	r.Must(r.Billing.RecordStamp(t.Context(), billing.StampInput{By: r.Actor(access.Controller), Invoice: r.Company.LumenBill.Number, Stamp: strings.Repeat("35260612345", 4)}))
	if part := agent.HTMX().Post(path+"/preview", proposal(lines[0], "30")); strings.Contains(part.Text, sentence) || !strings.Contains(part.Text, "35.70") {
		t.Errorf("with its stamp: %s", part.Text)
	}
}
