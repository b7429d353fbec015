package cases

import (
	"context"
	"slices"
	"strings"

	"makegood/billing"
	"makegood/cases/clock"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// SetPriority overrides the computed priority, which needs a reason, or takes the override back. Clocks that run are
// superseded: they go on under the new targets with the time already used.
func (s *Service) SetPriority(ctx context.Context, in PriorityInput) (Case, error) {
	in.Reason = strings.TrimSpace(in.Reason)
	return s.command(ctx, in.On, true, func(w *work) error {
		if in.Computed {
			customer, err := s.customerOf(ctx, w.tx, w.c)
			if err != nil {
				return err
			}
			p, _ := ComputePriority(w.c.Type, customer.Tier, w.c.RiskBase)
			w.setPriority(p, "")
			return s.repin(ctx, w, customer)
		}
		if !slices.Contains(clock.Priorities(), in.Priority) {
			return errs.InvalidField("priority", "case.unknown_priority")
		}
		if in.Reason == "" {
			return errs.InvalidField("reason", "case.override_needs_reason")
		}
		customer, err := s.customerOf(ctx, w.tx, w.c)
		if err != nil {
			return err
		}
		w.setPriority(in.Priority, in.Reason)
		return s.repin(ctx, w, customer)
	})
}

// setPriority notes a priority; a reason marks it as overridden.
func (w *work) setPriority(p Priority, reason string) {
	if p == w.c.Priority && reason == w.c.PriorityReason {
		return
	}
	w.note(evPriority, map[string]any{"from": w.c.Priority, "priority": p, "reason": reason})
	w.c.Priority, w.c.PriorityReason = p, reason
}

// repin finds the policy that is for the case as it is now, and puts the clocks under it when it is another one.
func (s *Service) repin(ctx context.Context, w *work, customer billing.Customer) error {
	policy, err := s.matchPolicy(ctx, w.tx, w.c, customer)
	if err != nil {
		return err
	}
	return s.pinTo(ctx, w, policy)
}

// pinTo puts the clocks under a policy, nil for none. Under the one they are measured by already, nothing changes.
func (s *Service) pinTo(ctx context.Context, w *work, policy *int64) error {
	if same(policy, w.c.PolicyID) {
		return nil
	}
	calendar, err := s.calendarOf(ctx, w.tx, policy)
	if err != nil {
		return err
	}
	data := map[string]any{"from_policy": w.c.PolicyID, "calendar": calendar}
	if policy != nil {
		data["policy"] = *policy
	}
	w.c.PolicyID = policy
	w.note(evPolicy, data)
	return nil
}

// customerOf is the case's customer, the zero Customer when it has none yet.
func (s *Service) customerOf(ctx context.Context, r db.Reader, c Case) (billing.Customer, error) {
	if c.CustomerID == nil {
		return billing.Customer{}, nil
	}
	return s.billing.CustomerByID(ctx, r, *c.CustomerID)
}
