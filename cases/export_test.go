package cases

import (
	"context"
	"strings"

	"makegood/internal/access"
	"makegood/internal/db"
)

// SimilarPlan is how the database would look for what is similar to a case.
func (s *Service) SimilarPlan(ctx context.Context, c Case, by access.Actor) (string, error) {
	q, err := s.sought(ctx, s.db, c)
	if err != nil {
		return "", err
	}
	lines, err := db.Values[string](ctx, s.db, "explain "+similarQuery, c.ID, c.CustomerID, q.Invoices, q.Reasons, c.Topic, q.Words, by.SeenEntities(),
		similarEach, familyLooked, similarWrites)
	return strings.Join(lines, "\n"), err
}

// ClosingPlan is how the database would look for what is to be closed.
func (s *Service) ClosingPlan(ctx context.Context) (string, error) {
	lines, err := db.Values[string](ctx, s.db, "explain "+casesToClose, s.db.Now(), 500)
	return strings.Join(lines, "\n"), err
}

// ListPlan is how the database would find all cases of a filter.
func (s *Service) ListPlan(ctx context.Context, f Filter, by access.Actor) (string, error) {
	a, err := s.asked(ctx, f, by)
	if err != nil {
		return "", err
	}
	q := a.where()
	lines, err := db.Values[string](ctx, s.db, "explain select c.id from cases c where "+q.text(), q.plannedAnew()...)
	return strings.Join(lines, "\n"), err
}
