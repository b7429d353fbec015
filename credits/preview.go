package credits

import (
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
)

// Preview works out a proposal without storing anything: sums, tax, where the money goes, who must agree and why, and
// what is missing or odd. It refuses what Submit would refuse for its figures, but not for want of evidence.
func (s *Service) Preview(ctx context.Context, in ProposeInput) (Preview, error) {
	if err := access.Can(in.By, access.Propose, access.Object{}); err != nil {
		return Preview{}, err
	}
	if err := in.check(); err != nil {
		return Preview{}, err
	}
	p, err := s.start(ctx, s.db, in)
	if err != nil {
		return Preview{}, err
	}
	if err := s.begin(ctx, s.db, &p); err != nil {
		return Preview{}, err
	}
	if err := s.work(ctx, s.db, &p, 0); err != nil {
		return Preview{}, err
	}
	return s.shown(ctx, s.db, p)
}

// shown is a proposal that was worked out, as people see it.
func (s *Service) shown(ctx context.Context, r db.Reader, p proposal) (Preview, error) {
	a := p.adjustment
	var err error
	view := Preview{
		Adjustment: a, Invoices: p.concerned.Invoices, Customers: p.concerned.Customers, AuthorityKind: p.authorityKind(),
		AuthorityAmount: p.amount, Rate: p.rate, RateOn: p.rateOn, Window: p.window, Budget: p.budget, Chain: p.chain, Warnings: seenBy(p.warnings, p.in.By), Evidence: p.required(),
		InvoiceOpen: Change{Now: a.InvoiceOpen, After: a.InvoiceOpen.Sub(a.ToInvoice)},
	}
	if a.CustomerID == 0 {
		return view, nil
	}
	if view.Before, err = s.billing.Position(ctx, r, a.CustomerID); err != nil {
		return Preview{}, err
	}
	view.After, err = s.after(ctx, r, p, view.Before)
	return view, err
}

// after is how the customer stands once the proposal is posted. What a reversal brings back depends on what became of
// it meanwhile, so it leaves the position as it is.
func (s *Service) after(ctx context.Context, r db.Reader, p proposal, at billing.Position) (billing.Position, error) {
	today, err := s.billing.TodayAt(ctx, r, p.adjustment.EntityID)
	if err != nil {
		return at, err
	}
	rate := decimal.NewFromInt(1)
	if at.Currency != p.adjustment.Currency {
		if rate, _, err = s.billing.Rate(ctx, r, p.adjustment.Currency, at.Currency, today); err != nil {
			return at, err
		}
	}
	e := effect{p: p, at: &at, today: today, rate: rate}
	a := p.adjustment
	switch a.Kind {
	case billing.BillingError, billing.Concession, billing.SLACredit:
		e.credit()
	case billing.Rebill:
		e.credit()
		e.bill(decimal.Min(a.ToBalance, a.BilledTotal()))
	case billing.Debit:
		e.bill(decimal.Zero)
	case billing.RefundOut, billing.TransferOver:
		at.Unapplied = at.Unapplied.Sub(e.in(a.Total))
	case billing.WriteOff:
		for _, item := range a.Items {
			if at := slices.IndexFunc(p.concerned.Invoices, func(i billing.Invoice) bool { return int64(i.ID) == item.ID }); at >= 0 {
				e.settle(p.concerned.Invoices[at].DueOn, item.Amount)
			}
		}
	case billing.Reverse:
		return at, nil
	}
	at.Disputed = decimal.Min(at.Disputed, at.Open)
	at.Collectible = at.Open.Sub(at.Disputed)
	return at, nil
}

// effect is what a proposal does to a customer's position, in the position's currency.
type effect struct {
	p     proposal
	at    *billing.Position
	today time.Time // where the legal entity is
	rate  decimal.Decimal
}

func (e effect) in(amount decimal.Decimal) decimal.Decimal {
	return e.p.adjustment.SumOf(amount).Convert(e.rate, e.at.Currency).Decimal()
}

// settle takes an amount off what is open on an invoice.
func (e effect) settle(due time.Time, amount decimal.Decimal) {
	e.at.Open = e.at.Open.Sub(e.in(amount))
	bucket := ageBucket(e.at, due, e.today)
	*bucket = bucket.Sub(e.in(amount))
}

func (e effect) credit() {
	a := e.p.adjustment
	e.settle(e.p.invoice().DueOn, a.ToInvoice)
	e.at.Unapplied = e.at.Unapplied.Add(e.in(a.ToBalance))
	given := e.p.givenByDispute()
	for _, d := range e.p.disputes {
		if _, ok := given[d.ID]; ok {
			e.at.Disputed = decimal.Max(e.at.Disputed.Sub(e.in(d.Contested)), decimal.Zero)
		}
	}
	e.at.CreditsIn12Months.Count++
	e.at.CreditsIn12Months.Sum = e.at.CreditsIn12Months.Sum.Add(e.in(a.Total))
}

// bill adds a new bill, of which credit pays a part at once.
func (e effect) bill(paid decimal.Decimal) {
	e.settle(e.p.adjustment.Bill.DueOn, paid.Sub(e.p.adjustment.BilledTotal()))
	e.at.Unapplied = e.at.Unapplied.Sub(e.in(paid))
}

// ageBucket is the age group an invoice due on a day belongs to.
func ageBucket(p *billing.Position, due, today time.Time) *decimal.Decimal {
	switch days := int(today.Sub(due).Hours() / 24); {
	case days <= 0:
		return &p.NotDue
	case days <= 30:
		return &p.Days1to30
	case days <= 60:
		return &p.Days31to60
	case days <= 90:
		return &p.Days61to90
	case days <= 120:
		return &p.Days91to120
	}
	return &p.Over120
}
