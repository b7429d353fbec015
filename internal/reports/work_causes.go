package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"makegood/internal/db"
)

// CauseReport is what one root cause cost: the cases resolved with it and the credits approved for it, the period beside the
// one before.
type CauseReport struct {
	Code    string
	Name    string
	Owner   string // the upstream team
	Cases   GroupPair
	Credits GroupPair // the amount is in billing.AuthorityCurrency
}

// Causes lists the root causes of a period, the one that cost most money first.
func (w *Work) Causes(ctx context.Context, s WorkScope) ([]CauseReport, error) {
	cases, err := w.Report(ctx, s, Resolutions, ByCause)
	if err != nil {
		return nil, err
	}
	credits, err := w.Report(ctx, s, CreditsApproved, ByCause)
	if err != nil {
		return nil, err
	}
	owners, err := db.List[struct{ Code, Name, UpstreamOwner string }](ctx, w.db, `select code, name, upstream_owner from root_causes`)
	if err != nil {
		return nil, fmt.Errorf("list root causes: %w", err)
	}
	of := map[string]*CauseReport{}
	for _, o := range owners {
		of[o.Code] = &CauseReport{Code: o.Code, Name: o.Name, Owner: o.UpstreamOwner}
	}
	for _, g := range cases.Groups {
		if c := of[g.Now.Key]; c != nil {
			c.Cases = g
		}
	}
	for _, g := range credits.Groups {
		if c := of[g.Now.Key]; c != nil {
			c.Credits = g
		}
	}
	var list []CauseReport
	for _, c := range of {
		if c.Cases.Now.Count+c.Cases.Before.Count+c.Credits.Now.Count+c.Credits.Before.Count > 0 {
			list = append(list, *c)
		}
	}
	slices.SortFunc(list, func(a, b CauseReport) int {
		return cmp.Or(b.Credits.Now.Amount.Cmp(a.Credits.Now.Amount), cmp.Compare(b.Cases.Now.Count, a.Cases.Now.Count), cmp.Compare(a.Code, b.Code))
	})
	return list, nil
}
