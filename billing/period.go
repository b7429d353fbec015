package billing

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
)

// PeriodState says whether a month of an entity's books takes entries.
type PeriodState string

// The states of a period. A month nobody has closed is open. A soft-closed one takes entries of controllers alone.
const (
	PeriodOpen       PeriodState = "open"
	PeriodSoftClosed PeriodState = "soft_closed"
	PeriodClosed     PeriodState = "closed"
)

type period struct {
	Month time.Time
	State PeriodState
}

// booking is the day an entry goes into the books. Soft tells that its period is closed for all but a controller.
type booking struct {
	Day  time.Time
	Soft bool
}

// tell notes on an audit event that something of it went into a soft-closed month.
func (b booking) tell(data map[string]any) {
	if b.Soft {
		data["soft_closed"] = true
	}
}

// bookingDay is the wanted day while its period takes entries from this actor, else the first day that does.
func bookingDay(ctx context.Context, r db.Reader, entity EntityID, want time.Time, by Actor) (booking, error) {
	shut, err := db.List[period](ctx, r, `select month, state from periods
		where entity_id = $1 and month >= date_trunc('month', $2::date) and state <> 'open' order by month`, entity, want)
	if err != nil {
		return booking{}, fmt.Errorf("read periods: %w", err)
	}
	return firstOpen(shut, want, by.Has(access.Controller)), nil
}

// WantsClosedPeriod tells whether the month in which an adjustment would be booked, were it posted now, is closed or
// soft-closed: of an error the month of the invoice it corrects, unless the entity books memos on their own day.
func (s *Service) WantsClosedPeriod(ctx context.Context, r db.Reader, a Adjustment) (bool, error) {
	found, err := db.One[struct {
		TimeZone         string
		MemoPeriodPolicy string
		IssuedOn         *time.Time
	}](ctx, r, `select time_zone, memo_period_policy, (select issued_on from invoices where id = $2) as issued_on from legal_entities where id = $1`,
		a.EntityID, a.InvoiceID)
	if err != nil {
		return false, fmt.Errorf("find where it would be booked: %w", err)
	}
	entity := Entity{TimeZone: found.TimeZone, MemoPeriodPolicy: found.MemoPeriodPolicy}
	want := entity.Day(r.Now())
	if a.Kind.Credits() {
		want = entity.memoDay(taxPoint(a.Kind, found.IssuedOn, want), want)
	}
	shut, err := db.Value[bool](ctx, r, `select exists (select from periods where entity_id = $1 and month = date_trunc('month', $2::date)::date and state <> 'open')`,
		a.EntityID, want)
	if err != nil {
		return false, fmt.Errorf("read period: %w", err)
	}
	return shut, nil
}

func firstOpen(shut []period, want time.Time, controller bool) booking {
	day := want
	for _, p := range shut {
		if !p.Month.Equal(firstOfMonth(day)) {
			break
		}
		if p.State == PeriodSoftClosed && controller {
			return booking{Day: day, Soft: true}
		}
		day = p.Month.AddDate(0, 1, 0)
	}
	return booking{Day: day}
}

func firstOfMonth(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// lastDayFor is the latest day of the tax point's month that is not after the document's own date: where a
// correction is booked while that month is open.
func lastDayFor(taxPoint, date time.Time) time.Time {
	end := firstOfMonth(taxPoint).AddDate(0, 1, -1)
	if end.After(date) {
		return date
	}
	return end
}
