package reports_test

import (
	"encoding/json"
	"slices"
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
	if f == reports.Overrides {
		return k.overrides(from, to)
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

// overrides goes through every step, decision and earlier version by itself.
func (k *slowly) overrides(from, to time.Time) (found []counted) {
	in := func(at time.Time) bool { return !at.Before(from) && at.Before(to) }
	late := map[[2]int64]bool{}
	for _, s := range k.steps {
		late[[2]int64{s.RequestID, int64(s.Version)}] = late[[2]int64{s.RequestID, int64(s.Version)}] || s.ClimbedAt != nil
	}
	ranks := map[string]int{}
	for _, l := range list[struct {
		Name string
		Rank int
	}](k, `select name, rank from authority_levels`) {
		ranks[l.Name] = l.Rank
	}
	held := list[struct{ UserID, Rank int64 }](k, `select h.user_id, l.rank from authority_holders h join authority_levels l on l.id = h.level_id`)
	decisions := list[struct {
		StepID, UserID int64
		OnBehalfOf     *int64
		DecidedAt      time.Time
	}](k, `select step_id, user_id, on_behalf_of, decided_at from credit_decisions`)
	for _, r := range k.requests {
		add := func(at time.Time, part, level, decider string) {
			row := k.asked(r, at).of(part)
			row.level, row.decider = level, decider
			found = append(found, row)
		}
		for _, s := range k.steps {
			if s.RequestID != r.ID {
				continue
			}
			if s.ClimbedAt != nil && in(*s.ClimbedAt) {
				add(*s.ClimbedAt, "late", s.Level, "")
				found[len(found)-1] = found[len(found)-1].took(*s.OpenedAt, *s.ClimbedAt)
			}
			up := map[string]string{"authority.step.climbed": s.Params["below"], "authority.step.extra_climbed": s.Params["from"]}[s.Rule]
			if up != "" && in(*r.SubmittedAt) && !late[[2]int64{r.ID, int64(s.Version)}] {
				add(*r.SubmittedAt, "nobody_there", up, "")
			}
			for _, d := range decisions {
				if d.StepID != s.ID || !in(d.DecidedAt) {
					continue
				}
				whose := d.UserID
				if d.OnBehalfOf != nil {
					whose = *d.OnBehalfOf
					add(d.DecidedAt, "through_a_stand_in", s.Level, k.users[d.UserID].Name)
				}
				for _, h := range held {
					if h.UserID == whose && h.Rank > int64(ranks[s.Level]) {
						add(d.DecidedAt, "holds_a_higher_level", s.Level, k.users[d.UserID].Name)
						break
					}
				}
			}
		}
	}
	return append(found, k.lowered(in)...)
}

// lowered are the versions of which an approver approved less; the level is that of the first step at which they could decide.
func (k *slowly) lowered(in func(time.Time) bool) (found []counted) {
	candidates := list[struct{ StepID, UserID int64 }](k, `select step_id, user_id from credit_step_candidates`)
	for _, v := range list[struct {
		RequestID, By int64
		Version       int
		At            time.Time
	}](k, `select credit_request_id as request_id, content_version as version, replaced_by as by, replaced_at as at from credit_request_versions where why = 'less'`) {
		for _, r := range k.requests {
			if r.ID != v.RequestID || !in(v.At) {
				continue
			}
			row := k.asked(r, v.At).of("less")
			row.decider = k.users[v.By].Name
			for _, s := range slices.Backward(k.steps) { // the first is what is left
				for _, c := range candidates {
					if s.RequestID == r.ID && s.Version == v.Version && c.StepID == s.ID && c.UserID == v.By {
						row.level = s.Level
					}
				}
			}
			found = append(found, row)
		}
	}
	return found
}
