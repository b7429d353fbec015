package configfile

import (
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/credits"
	"makegood/internal/errs"
	"makegood/internal/people"
)

// Budget is what a team may give away in each month from one on, in the currency of authority; without each_month it has none from then on.
// A single month's own figure is no setting to carry.
type Budget struct {
	Team string           `yaml:"team"`
	From string           `yaml:"from"` // 2026-05
	Each *decimal.Decimal `yaml:"each_month,omitempty"`
}

func (s Services) budgets(ctx context.Context, h *here, f *File) error {
	list, err := s.Credits.EachMonths(ctx, h.by)
	for _, b := range list {
		f.Budgets = append(f.Budgets, Budget{Team: b.TeamName, From: b.FromMonth.Format("2006-01"), Each: b.Amount})
	}
	return err
}

func (s Services) planBudgets(now, want File) []Change {
	return differing("concession_budgets", now.Budgets, want.Budgets, func(b Budget) string { return b.Team + ", " + b.From },
		func(_ *Budget, b Budget) func(context.Context, Order) (string, error) {
			return func(ctx context.Context, o Order) (string, error) { return s.keepBudget(ctx, o, b) }
		})
}

func (s Services) keepBudget(ctx context.Context, o Order, b Budget) (string, error) {
	h, err := s.look(ctx, o.By)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(h.teams, func(t people.Team) bool { return t.Name == b.Team })
	if at < 0 {
		return "", errs.InvalidField("team", "configfile.no_team", "team", b.Team)
	}
	in := credits.SetBudget{By: o.By, TeamID: h.teams[at].ID, Each: b.Each != nil, Ends: b.Each == nil}
	if in.Month, err = time.Parse("2006-01", b.From); err != nil {
		return "", errs.InvalidField("from", "error.not_a_month", "text", b.From)
	}
	if b.Each != nil {
		in.Amount = *b.Each
	}
	list, err := s.Credits.Budgets(ctx, in.Month, o.By)
	if err != nil {
		return "", err
	}
	for _, one := range list {
		if one.TeamID == in.TeamID {
			in.Version = one.EachVersion
		}
	}
	_, err = s.Credits.SetBudget(ctx, in)
	return "changed", err
}
