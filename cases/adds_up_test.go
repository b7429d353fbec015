package cases_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
)

func (o *round) controller() access.Actor {
	return access.Actor{Kind: access.Person, UserID: o.agent.UserID, Name: o.agent.Name, Roles: []access.Role{access.Controller}}
}

// moves pays a part of the disputed invoice, or takes a payment off it again.
func (o *round) moves() {
	invoice, err := o.billing.InvoiceDetail(o.t.Context(), o.db, o.bill)
	o.must(err)
	if list := invoice.Allocations; len(list) > 0 && rapid.Bool().Draw(o.r, "taken back") {
		id := rapid.SampledFrom(list).Draw(o.r, "allocation").ID
		_ = o.billing.Unapply(o.t.Context(), billing.UnapplyInput{By: o.controller(), IDs: []int64{id}, Reason: "wrong invoice"}) // or it was before
		return
	}
	part := o.part("paid", invoice.Open.Open)
	if !part.IsPositive() {
		return
	}
	_, err = o.billing.RecordPayment(o.t.Context(), billing.NewPayment{
		EntityID: invoice.EntityID, CustomerID: invoice.CustomerID, Currency: invoice.Currency, Amount: part, ReceivedOn: invoice.IssuedOn,
		Allocate: []billing.Allocate{{InvoiceID: invoice.ID, Amount: part}}, By: o.controller(),
	})
	o.must(err)
}

// part is one to a hundred per cent of an amount.
func (o *round) part(name string, of decimal.Decimal) decimal.Decimal {
	return of.Mul(decimal.New(rapid.Int64Range(1, 100).Draw(o.r, name), -2)).Round(2)
}

// decideAny decides a dispute line of a case, or contests a further part of the invoice in it.
func (o *round) decideAny(c cases.Case) error {
	lines, err := o.cases.Disputes(o.t.Context(), o.db, c.ID)
	o.must(err)
	for _, d := range lines {
		if !d.Status.Decided() {
			_, err := o.cases.DecideDispute(o.t.Context(), cases.DecideDisputeInput{
				On: o.on(c), DisputeID: d.ID, Accepted: o.part("accepted", d.Contested), Explanation: "As agreed", Withdrawn: rapid.Bool().Draw(o.r, "withdrawn"),
			})
			return err
		}
	}
	_, err = o.cases.AddDispute(o.t.Context(), cases.AddDisputeInput{On: o.on(c), NewDispute: cases.NewDispute{
		InvoiceID: o.bill, Contested: d("1").Add(o.part("contested", d("30"))), ReasonCode: "wrong_price",
	}})
	return err
}

// addsUp holds every dispute of the round against what became of it, and all of them against what is held and open of the invoice.
func (o *round) addsUp() {
	invoice, err := o.billing.InvoiceDetail(o.t.Context(), o.db, o.bill)
	o.must(err)
	held := decimal.Zero
	for _, id := range o.ids {
		lines, err := o.cases.Disputes(o.t.Context(), o.db, id)
		o.must(err)
		undecided := decimal.Zero
		for _, line := range lines {
			holds, err := db.List[billing.Hold](o.t.Context(), o.db, `select * from holds where dispute_line_id = $1`, line.ID)
			o.must(err)
			if len(holds) != 1 {
				o.r.Fatalf("dispute %d has %d holds", line.ID, len(holds))
			}
			h := holds[0]
			if kept := decimal.Sum(h.Amount, h.Paid, h.Credited, h.WrittenOff); !kept.Equal(line.Contested) {
				o.r.Errorf("dispute %d of %s, its hold accounts for %s", line.ID, line.Contested, kept)
			}
			if !line.Status.Decided() {
				undecided = undecided.Add(line.Contested)
				held = held.Add(line.Parts(h).Disputed)
			}
		}
		if c := o.reload(id); !c.Disputed.Equal(undecided) {
			o.r.Errorf("%s has %s in dispute, its lines %s", c.Number, c.Disputed, undecided)
		}
	}
	if !held.Equal(invoice.Open.Held) || held.GreaterThan(invoice.Open.Open) {
		o.r.Errorf("disputes hold %s, the invoice %s of %s open", held, invoice.Open.Held, invoice.Open.Open)
	}
}

// What a line contests is its parts, whatever its hold says.
func TestPartsAddUpToWhatIsContested(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		amount := func(name string) decimal.Decimal { return decimal.New(rapid.Int64Range(0, 200).Draw(r, name), -2) }
		line := cases.DisputeLine{
			Contested: amount("contested"), Credited: amount("credited"),
			Status: rapid.SampledFrom([]cases.DisputeStatus{cases.DisputeOpen, cases.DisputeUnderReview, cases.DisputePartlyAccepted, cases.DisputeWithdrawn}).Draw(r, "status"),
		}
		hold := billing.Hold{Amount: amount("held"), Paid: amount("paid"), Credited: amount("credited elsewhere"), WrittenOff: amount("written off")}
		p := line.Parts(hold)
		if sum := decimal.Sum(p.Disputed, p.Credited, p.Paid, p.WrittenOff, p.Ended); !sum.Equal(line.Contested) {
			r.Fatalf("%+v of %s", p, line.Contested)
		}
		for _, one := range []decimal.Decimal{p.Disputed, p.Credited, p.Paid, p.WrittenOff, p.Ended} {
			if one.IsNegative() {
				r.Fatalf("a part below zero: %+v", p)
			}
		}
		if line.Status.Decided() && !p.Disputed.IsZero() || !line.Status.Decided() && !p.Ended.IsZero() {
			r.Fatalf("%s: %+v", line.Status, p)
		}
	})
}
