package credits

import (
	"context"

	"makegood/billing"
	"makegood/internal/db"
)

// workGoodwill finds what a concession is given for and says so among the evidence, where approvers read it.
func (s *Service) workGoodwill(ctx context.Context, r db.Reader, p *proposal) error {
	if p.in.For == nil {
		return nil
	}
	struck, err := s.billing.GoodwillTarget(ctx, r, p.adjustment.CustomerID, p.adjustment.Currency, *p.in.For)
	if err != nil {
		return err
	}
	p.struck = &struck
	p.evidence = append(p.evidence, NewEvidence{Kind: Note, Label: struck.Text()})
	return nil
}

// linkGoodwillTx notes the incident that a concession is given for, so that a service credit for it counts the net as given
// from now on, until the request leaves the chain or its memo is taken back.
func (s *Service) linkGoodwillTx(ctx context.Context, tx *db.Tx, p proposal, req Request) error {
	if p.struck == nil {
		return nil
	}
	return s.billing.LinkGoodwillTx(ctx, tx, billing.Goodwill{
		By: p.in.By, CreditRequestID: int64(req.ID), Incident: p.struck.IncidentID, ServiceID: p.struck.ServiceID, Amount: req.Net,
	})
}
