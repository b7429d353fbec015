package demo

import (
	"context"
	"fmt"
	"time"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/clock"
	"makegood/cases/escalation"
	"makegood/internal/db"
)

const (
	calendarDE     = "Hamburg office"
	calendarSG     = "Singapore office"
	calendarAlways = "Around the clock"
)

// promises makes the calendars, the service levels, and the codes that cases are sorted by.
func (f *filler) promises(ctx context.Context) error {
	err := f.DB.Do(ctx, func(tx *db.Tx) error {
		ids, err := f.keepCalendars(ctx, tx)
		if err != nil {
			return err
		}
		for i, p := range f.policies() {
			p.Position, p.CalendarID = i+1, ids[p.Definition.Calendar]
			if _, err := f.Cases.SavePolicyTx(ctx, tx, p); err != nil {
				return fmt.Errorf("policy %s: %w", p.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.sorted(ctx)
}

// sorted gives the company the reasons and root causes that every new one is offered.
func (f *filler) sorted(ctx context.Context) error {
	if _, err := f.Cases.AddStarterReasons(ctx, f.admin, false); err != nil {
		return fmt.Errorf("reasons: %w", err)
	}
	if err := f.guides(ctx); err != nil {
		return err
	}
	list, err := f.Cases.RootCauses(ctx)
	f.causes = map[string]int64{}
	for _, cause := range list {
		f.causes[cause.Code] = cause.ID
	}
	return err
}

func (f *filler) keepCalendars(ctx context.Context, tx *db.Tx) (map[string]int64, error) {
	ids := map[string]int64{}
	f.calendars = map[string]*clock.Compiled{}
	list, err := calendars(f.founded().Year(), f.now.Year()+2)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		if ids[c.Name], err = f.Cases.SaveCalendarTx(ctx, tx, c); err != nil {
			return nil, fmt.Errorf("calendar %s: %w", c.Name, err)
		}
		if f.calendars[c.Name], err = clock.Compile(c); err != nil {
			return nil, fmt.Errorf("calendar %s: %w", c.Name, err)
		}
	}
	return ids, nil
}

// officeOf is the calendar of a legal entity's office.
func officeOf(code string) string {
	if code == codeSG {
		return calendarSG
	}
	return calendarDE
}

// promised is what a tier is promised for each priority, P1 first.
type promised struct {
	first, next, resolution, approval [4]time.Duration
	posting                           time.Duration
}

func hours(p1, p2, p3, p4 time.Duration) [4]time.Duration {
	return [4]time.Duration{p1 * time.Hour, p2 * time.Hour, p3 * time.Hour, p4 * time.Hour}
}

func promisedTo(tier billing.Tier) promised {
	switch tier {
	case billing.Platinum:
		return promised{hours(1, 2, 4, 8), hours(1, 2, 8, 12), hours(48, 72, 120, 240), hours(4, 8, 24, 24), time.Hour}
	case billing.Gold:
		return promised{hours(2, 4, 8, 16), hours(4, 6, 12, 20), hours(20, 40, 60, 100), hours(4, 8, 12, 16), 2 * time.Hour}
	case billing.Silver:
	}
	return promised{hours(4, 8, 12, 20), hours(6, 10, 16, 24), hours(30, 50, 80, 120), hours(8, 10, 16, 20), 4 * time.Hour}
}

func (p promised) policy(name, calendar string) clock.Policy {
	targets := map[clock.Kind]map[clock.Priority]clock.Target{}
	set := func(kind clock.Kind, target func(i int) clock.Target) {
		targets[kind] = map[clock.Priority]clock.Target{}
		for i, priority := range clock.Priorities() {
			targets[kind][priority] = target(i)
		}
	}
	set(clock.FirstResponse, func(i int) clock.Target { return clock.Within(p.first[i]) })
	set(clock.NextResponse, func(i int) clock.Target { return clock.Within(p.next[i]) })
	set(clock.Resolution, func(i int) clock.Target { return clock.Within(p.resolution[i]) })
	set(clock.ApprovalStep, func(i int) clock.Target { return clock.Within(p.approval[i]) })
	set(clock.Posting, func(int) clock.Target { return clock.Within(p.posting) })
	set(clock.Statutory, func(int) clock.Target { return clock.WithinDays(30) })
	return clock.Policy{
		Name: name, Calendar: calendar, Targets: targets, ReopenWithin: clock.WithinDays(14),
		Pauses: map[clock.Kind]clock.PauseRule{clock.Resolution: {On: []clock.WaitingOn{clock.OnCustomer, clock.OnThirdParty}}},
	}
}

// policies are tried in this order; the last is for those whose customer is not known yet.
func (f *filler) policies() []cases.Policy {
	list := []cases.Policy{{
		Name: "Platinum", Match: cases.Match{Tiers: []billing.Tier{billing.Platinum}},
		Definition: promisedTo(billing.Platinum).policy("Platinum", calendarAlways), Ladder: escalation.Default(),
	}}
	for _, tier := range []billing.Tier{billing.Gold, billing.Silver} {
		for _, code := range []string{codeDE, codeSG} {
			name := map[billing.Tier]string{billing.Gold: "Gold ", billing.Silver: "Silver "}[tier] + code
			list = append(list, cases.Policy{
				Name: name, Match: cases.Match{Tiers: []billing.Tier{tier}, Entities: []billing.EntityID{f.entities[code].ID}},
				Definition: promisedTo(tier).policy(name, officeOf(code)), Ladder: escalation.Default(),
			})
		}
	}
	return append(list, cases.Policy{
		Name: "Everybody else", Definition: promisedTo(billing.Silver).policy("Everybody else", calendarDE), Ladder: escalation.Default(),
	})
}

// causeOf is what was usually wrong behind a claim that was right.
func causeOf(reason string) string {
	switch reason {
	case "duplicate_charge", "unknown_charge":
		return "order_keyed_twice"
	case "charged_after_cancellation":
		return "cancellation_not_passed_on"
	case "not_delivered":
		return "late_activation"
	case "usage_wrong":
		return "meter_gap"
	case "discount_missing":
		return "discount_not_flagged"
	case "tax_wrong":
		return "tax_setup"
	case "sla_credit":
		return "outage"
	case "payment_not_applied", "refund_not_received":
		return "remittance_unclear"
	}
	return "price_list_stale"
}
