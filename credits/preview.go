package credits

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/internal/access"
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
	p, err := s.begin(ctx, s.db, in)
	if err != nil {
		return Preview{}, err
	}
	if err := s.work(ctx, s.db, &p, 0); err != nil {
		return Preview{}, err
	}
	view := Preview{
		Adjustment: p.adjustment, AuthorityAmount: p.amount, Rate: p.rate, RateOn: p.rateOn, Window: p.window,
		Chain: p.chain, Warnings: p.warnings,
		InvoiceOpen: Change{Now: p.adjustment.InvoiceOpen, After: p.adjustment.InvoiceOpen.Sub(p.adjustment.ToInvoice)},
	}
	for _, rule := range p.missingEvidence() {
		view.EvidenceMissing = append(view.EvidenceMissing, rule.key)
	}
	if view.Before, err = s.billing.Position(ctx, s.db, p.customer.ID); err != nil {
		return Preview{}, err
	}
	view.After, err = s.after(ctx, p, view.Before)
	return view, err
}

// after is how the customer stands once the proposal is posted.
func (s *Service) after(ctx context.Context, p proposal, at billing.Position) (billing.Position, error) {
	rate := decimal.NewFromInt(1)
	if at.Currency != p.adjustment.Currency {
		var err error
		if rate, _, err = s.billing.Rate(ctx, s.db, p.adjustment.Currency, at.Currency, billing.Date(s.db.Now())); err != nil {
			return at, err
		}
	}
	in := func(amount decimal.Decimal) decimal.Decimal {
		return p.adjustment.SumOf(amount).Convert(rate, at.Currency).Decimal()
	}
	toInvoice := in(p.adjustment.ToInvoice)
	at.Open = at.Open.Sub(toInvoice)
	at.Unapplied = at.Unapplied.Add(in(p.adjustment.ToBalance))
	bucket := ageBucket(&at, p.invoice.DueOn, s.db.Now())
	*bucket = bucket.Sub(toInvoice)
	given := p.givenByDispute()
	for _, d := range p.disputes {
		if _, ok := given[d.ID]; ok {
			at.Disputed = decimal.Max(at.Disputed.Sub(in(d.Contested)), decimal.Zero)
		}
	}
	at.Disputed = decimal.Min(at.Disputed, at.Open)
	at.Collectible = at.Open.Sub(at.Disputed)
	at.CreditsIn12Months.Count++
	at.CreditsIn12Months.Sum = at.CreditsIn12Months.Sum.Add(in(p.adjustment.Total))
	return at, nil
}

// ageBucket is the age group an invoice due on a day belongs to.
func ageBucket(p *billing.Position, due, now time.Time) *decimal.Decimal {
	switch days := int(billing.Date(now).Sub(due).Hours() / 24); {
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
