package reports_test

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/reports"
)

// credits counts what is asked for and decided.
func (k *slowly) credits(f reports.Fact, from, to time.Time) []counted {
	in := func(at *time.Time) bool { return at != nil && !at.Before(from) && at.Before(to) }
	var asked []rawRequest
	var list []counted
	for _, r := range k.requests {
		if in(r.SubmittedAt) && r.State != "draft" && r.State != "withdrawn" {
			asked = append(asked, r)
		}
		if f == reports.CreditsApproved && in(r.ApprovedAt) {
			row := k.asked(r, *r.ApprovedAt).took(*r.SubmittedAt, *r.ApprovedAt).of(r.Kind)
			for _, s := range k.steps {
				if s.RequestID == r.ID && s.State == "approved" {
					row.decider = s.By
				}
			}
			if row.decider == "" {
				row.decider = k.users[r.RequesterID].Name
			}
			list = append(list, row)
		}
		for _, s := range k.steps {
			if f == reports.StepsDecided && s.RequestID == r.ID && in(s.DecidedAt) && (s.State == "approved" || s.State == "rejected") {
				row := k.asked(r, *s.DecidedAt).took(*s.OpenedAt, *s.DecidedAt).of(s.Level).judged(s.State == "approved")
				row.decider = s.By
				list = append(list, row)
			}
		}
	}
	for _, r := range asked {
		if level, near := k.justBelow(r); f == reports.JustBelow && near {
			list = append(list, k.asked(r, *r.SubmittedAt).of(level))
		}
		same, billed := 0, 0
		for _, o := range asked {
			if o.RequesterID == r.RequesterID && o.CustomerID == r.CustomerID {
				same++
			}
			if o.InvoiceID == r.InvoiceID {
				billed++
			}
		}
		if f == reports.Repeated && same >= 3 {
			list = append(list, k.asked(r, *r.SubmittedAt).of("customer"))
		}
		if f == reports.Repeated && billed >= 2 {
			list = append(list, k.asked(r, *r.SubmittedAt).of("invoice"))
		}
	}
	return list
}

func (k *slowly) asked(r rawRequest, at time.Time) counted {
	row := k.row(k.cases[r.CaseID], at, r.RequesterID)
	row.amount, row.entity, row.account, row.tier, row.country, row.cause, row.reasons = r.Amount, r.Entity, r.Account, r.Tier, r.Country, r.Cause, []string{r.Reason}
	return row
}

// justBelow goes through the limits of the demo's levels by hand.
func (k *slowly) justBelow(r rawRequest) (string, bool) {
	best, whose := decimal.Decimal{}, ""
	for _, v := range list[struct {
		Name   string
		Limits json.RawMessage
	}](k, `select l.name, v.limits from authority_level_versions v join authority_levels l on l.id = v.level_id order by l.rank`) {
		var limits []struct {
			Kind string           `json:"kind"`
			Max  *decimal.Decimal `json:"max"`
			Own  decimal.Decimal  `json:"own"`
		}
		if err := json.Unmarshal(v.Limits, &limits); err != nil {
			k.t.Fatal(err)
		}
		for _, l := range limits {
			consider := func(amount decimal.Decimal, name string) {
				if amount.GreaterThanOrEqual(r.Amount) && (whose == "" || amount.LessThan(best)) {
					best, whose = amount, name
				}
			}
			if l.Kind == r.AuthorityKind && l.Max != nil {
				consider(*l.Max, v.Name)
			}
			if l.Kind == r.AuthorityKind && l.Own.IsPositive() {
				consider(l.Own, v.Name+", own")
			}
		}
	}
	return whose, whose != "" && r.Amount.GreaterThanOrEqual(best.Mul(d("0.9")))
}
