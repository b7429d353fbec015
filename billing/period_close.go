package billing

import (
	"context"
	"strconv"
	"strings"

	"makegood/internal/access"
	"makegood/internal/errs"
)

// SoftClose lets only controllers book into a month that has ended. A month soft-closed already stays as it is; a closed
// one is refused with ErrPeriodMove.
func (s *Service) SoftClose(ctx context.Context, in PeriodMove) (Period, error) {
	return s.movePeriod(ctx, access.ManagePeriods, in, func(m *moving) error {
		switch m.period.State {
		case PeriodSoftClosed:
			return nil
		case PeriodClosed:
			return m.illegal(PeriodSoftClosed)
		case PeriodOpen:
		}
		if err := m.isOver(); err != nil {
			return err
		}
		return m.to(ctx, PeriodSoftClosed, nil, "period.soft_closed", nil)
	})
}

// LiftSoftClose opens a soft-closed month again, for a reason. An open month stays as it is; a closed one takes two
// persons (RequestReopen).
func (s *Service) LiftSoftClose(ctx context.Context, in PeriodMove) (Period, error) {
	return s.movePeriod(ctx, access.ManagePeriods, in, func(m *moving) error {
		switch m.period.State {
		case PeriodOpen:
			return nil
		case PeriodClosed:
			return m.illegal(PeriodOpen)
		case PeriodSoftClosed:
		}
		if strings.TrimSpace(in.Reason) == "" {
			return errs.InvalidField("reason", "error.required")
		}
		return m.to(ctx, PeriodOpen, nil, "period.soft_close_lifted", nil)
	})
}

// Close shuts a soft-closed month for every entry. It is refused with ErrPeriodBlocked while a blocking point is open
// (see PeriodPoints), unless the controller overrides that with a reason, which stands in the history beside the points
// it overrode. A closed month stays as it is. Entries on their way into the month are waited for.
func (s *Service) Close(ctx context.Context, in PeriodMove) (Period, error) {
	return s.movePeriod(ctx, access.ManagePeriods, in, func(m *moving) error {
		switch m.period.State {
		case PeriodClosed:
			return nil
		case PeriodOpen:
			return m.illegal(PeriodClosed)
		case PeriodSoftClosed:
		}
		points, err := s.PeriodPoints(ctx, m.tx, m.in.EntityID, m.in.Month)
		if err != nil {
			return err
		}
		override := strings.TrimSpace(in.Reason) != ""
		if len(points) > 0 && (!override || !in.By.Has(access.Controller)) {
			return errs.New(ErrPeriodBlocked.Kind, ErrPeriodBlocked.Key,
				"month", monthOf(m.in.Month), "count", strconv.Itoa(len(points)), "points", pointNames(points))
		}
		data := map[string]any{}
		if len(points) > 0 {
			overridden := map[string]int{}
			for _, p := range points {
				overridden[string(p.Kind)] = p.Count
			}
			data["overridden"] = overridden
		}
		return m.to(ctx, PeriodClosed, nil, "period.closed", data)
	})
}

func pointNames(points []PeriodPoint) string {
	names := make([]string, len(points))
	for i, p := range points {
		names[i] = strings.ReplaceAll(string(p.Kind), "_", " ") + " (" + strconv.Itoa(p.Count) + ")"
	}
	return strings.Join(names, ", ")
}
