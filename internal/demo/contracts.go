package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/internal/access"
)

func figure(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func figureAt(text string) *decimal.Decimal { return new(figure(text)) }

// pledge is a contract of the demo: whose it is, what it sells and promises.
type pledge struct {
	number   string
	code     string
	tier     billing.Tier
	place    int // the n-th direct customer of the tier
	claim    int
	from     commitment.ClaimStart
	rule     commitment.Combination
	yearCap  bool
	services []commitment.Service
}

// monthly is a service with the fee it has always had.
func (f *filler) monthly(name, product, fee string, promises ...commitment.Commitment) commitment.Service {
	return commitment.Service{
		Name: name, Product: product, Fees: []commitment.Fee{{From: billing.Date(f.founded()), Amount: figure(fee)}}, Commitments: promises,
	}
}

// available gives a tenth of the fee below what is promised, a quarter below 99.0 %, and all of it below 95 %.
func available(ref, target string) commitment.Commitment {
	return commitment.Commitment{
		Ref: ref, Metric: commitment.Availability, Target: figure(target), Digits: 3, Formula: commitment.TierPercent,
		Tiers: []commitment.Tier{
			{Below: figure(target), Percent: figure("10")}, {Below: figure("99"), Percent: figure("25")}, {Below: figure("95"), Percent: figure("100")},
		},
	}
}

func (f *filler) pledges() []pledge {
	restored := commitment.Commitment{
		Ref: "Annex B, 3", Metric: commitment.Restore, Target: figure("4"), Formula: commitment.PercentPerHour, Percent: figure("5"), Counting: commitment.FullUnits,
		EventCap: commitment.Cap{Percent: figureAt("50")},
	}
	answered := commitment.Commitment{Ref: "Annex B, 5", Metric: commitment.Response, Target: figure("1"), Formula: commitment.FixedAmount, Amount: figure("75")}
	delivered := commitment.Commitment{
		Ref: "Order 7", Metric: commitment.Delivery, DeliverBy: f.lastMonth(5, 0, 0), Formula: commitment.DayFraction, Counting: commitment.CalendarDays,
	}
	waived := commitment.Commitment{Ref: "Schedule 2, 6", Metric: commitment.Restore, Target: figure("8"), Formula: commitment.Waiver}
	return []pledge{
		{"NW-DE-4711", codeDE, billing.Platinum, 0, 60, commitment.FromMonthEnd, commitment.Cumulative, true, []commitment.Service{
			f.monthly("Kubernetes FRA", "K8S-STD", "14900", available("Schedule 2, 4.1", "99.95")),
			f.monthly("Cross-connect FRA-2", "XCON", "580", restored),
			f.monthly("Premium support", "SUP-PREM", "490", answered),
		}},
		{"NW-DE-4802", codeDE, billing.Platinum, 1, 45, commitment.FromIncidentEnd, commitment.HighestOnly, false, []commitment.Service{
			f.monthly("Rack FRA-2/14", "COLO-R", "2360", available("Schedule 2, 4.1", "99.99"), waived),
		}},
		{"NW-DE-4950", codeDE, billing.Gold, 0, 0, "", commitment.OnePerIncident, false, []commitment.Service{
			f.monthly("PostgreSQL HAM", "DB-PG", "876", available("Service description, 2", "99.9"), restored),
			f.monthly("Site-to-site VPN", "VPN", "135", delivered),
		}},
		{"NW-SG-0218", codeSG, billing.Platinum, 0, 60, commitment.FromMonthEnd, commitment.Cumulative, true, []commitment.Service{
			f.monthly("Compute SIN", "VM-C4", "6420", available("Schedule 2, 4.1", "99.9")),
			f.monthly("Load balancer SIN", "LB-L7", "226.20", restored),
		}},
	}
}

// lastMonth is a day and time of the month before this one, in UTC.
func (f *filler) lastMonth(day, hour, minute int) time.Time {
	return time.Date(f.now.Year(), f.now.Month()-1, day, hour, minute, 0, 0, time.UTC)
}

// planContracts notes when contracts are entered, and what goes wrong with their services in the last months.
func (f *filler) planContracts() {
	f.agenda.at(f.now.AddDate(0, 0, -200), func(ctx context.Context) error {
		for _, p := range f.pledges() {
			if err := f.pledge(ctx, p); err != nil {
				return err
			}
		}
		return nil
	})
	for _, m := range f.mishaps() {
		noted := m.from.Add(35 * time.Minute)
		if !m.until.IsZero() {
			noted = m.until.Add(35 * time.Minute)
		}
		f.agenda.at(noted, func(ctx context.Context) error { return f.mishap(ctx, m) })
	}
	f.agenda.at(f.lastMonth(2, 9, 0), func(ctx context.Context) error {
		c, err := f.Billing.ContractByNumber(ctx, f.DB, "NW-SG-0218")
		if err != nil {
			return err
		}
		_, err = f.Billing.RecordExclusion(ctx, billing.NewExclusion{
			By: f.agentOf(codeSG), Contract: c.ID, Kind: commitment.Maintenance, From: f.lastMonth(17, 18, 0), Until: f.lastMonth(17, 20, 0),
			Reason: "Announced on the 2nd",
		})
		return err
	})
	f.agenda.at(f.now.Add(-3*time.Hour), func(ctx context.Context) error {
		_, err := f.Billing.ComputeServiceCredit(ctx, billing.ComputeInput{
			By: f.agentOf(codeDE), Contract: "NW-DE-4711", Service: "Cross-connect FRA-2", Month: f.lastMonth(1, 0, 0),
		})
		return err
	})
}

// agentOf is an agent of a legal entity, always the same.
func (f *filler) agentOf(code string) access.Actor {
	for _, m := range f.users {
		if m.role == access.Agent && (len(m.codes) == 0 || slices.Contains(m.codes, code)) {
			return m.actor
		}
	}
	return f.controllerOf(code)
}

// pledge enters a contract.
func (f *filler) pledge(ctx context.Context, p pledge) error {
	c := f.nth(p.code, p.tier, p.place)
	in := billing.NewContract{
		By: f.controllerOf(p.code), EntityID: c.EntityID, CustomerID: c.ID, Number: p.number, Services: p.services,
		Terms: commitment.Terms{
			Currency: c.Currency, Zone: f.entities[p.code].TimeZone, From: billing.Date(f.founded()), Combination: p.rule, FeeBase: commitment.FeeProRata,
			Excludes:   []commitment.ExclusionKind{commitment.Maintenance, commitment.CustomerCaused, commitment.ForceMajeure},
			MinMinutes: 5, MonthCap: commitment.Cap{Percent: figureAt("50")}, ClaimDays: p.claim, ClaimFrom: p.from,
		},
	}
	if p.yearCap {
		in.Terms.YearCap = commitment.Cap{Percent: figureAt("15")}
	}
	if _, err := f.Billing.CreateContract(ctx, in); err != nil {
		return fmt.Errorf("enter contract %s: %w", p.number, err)
	}
	return nil
}

// nth is a direct customer of a tier, by place.
func (f *filler) nth(code string, tier billing.Tier, place int) *customer {
	for _, c := range f.customers {
		if c.code != code || c.Tier != tier || c.Kind != billing.Direct {
			continue
		}
		if place == 0 {
			return c
		}
		place--
	}
	return f.customers[0]
}

// mishap is something that goes wrong: with which services of which contract.
type mishap struct {
	code, reference, title string
	kind                   commitment.IncidentKind
	from, until            time.Time
	cause                  commitment.ExclusionKind
	hit                    [][2]string // contract and service
}

func (f *filler) mishaps() []mishap {
	first := f.lastMonth(1, 0, 0)
	rack, kubernetes, line := [2]string{"NW-DE-4802", "Rack FRA-2/14"}, [2]string{"NW-DE-4711", "Kubernetes FRA"}, [2]string{"NW-DE-4711", "Cross-connect FRA-2"}
	return []mishap{
		{codeDE, "INC-2381", "Power feed A lost in FRA-2", commitment.Outage, first.Add(-200 * time.Minute), first.Add(70 * time.Minute), "", [][2]string{rack, kubernetes}},
		{codeDE, "INC-2394", "Control plane unreachable", commitment.Outage, f.lastMonth(9, 13, 5), f.lastMonth(9, 13, 52), "", [][2]string{kubernetes}},
		{codeDE, "INC-2395", "API errors in FRA", commitment.Outage, f.lastMonth(9, 13, 20), f.lastMonth(9, 14, 10), "", [][2]string{kubernetes}},
		{codeDE, "INC-2402", "Fibre cut on the way to FRA-2", commitment.Outage, f.lastMonth(12, 7, 40), f.lastMonth(12, 16, 30), "", [][2]string{line, rack}},
		{codeDE, "INC-2410", "Firewall rule of the customer", commitment.Outage, f.lastMonth(19, 9, 0), f.lastMonth(19, 11, 30), commitment.CustomerCaused, [][2]string{kubernetes}},
		{codeDE, "TCK-88120", "Ticket answered late", commitment.SlowResponse, f.lastMonth(13, 10, 2), f.lastMonth(13, 14, 31), "", [][2]string{{"NW-DE-4711", "Premium support"}}},
		{codeDE, "ORD-7", "VPN delivered late", commitment.LateDelivery, f.lastMonth(1, 8, 0), f.lastMonth(9, 15, 0), "", [][2]string{{"NW-DE-4950", "Site-to-site VPN"}}},
		{codeDE, "INC-2417", "Failover of PostgreSQL did not start", commitment.Outage, f.lastMonth(22, 21, 15), f.lastMonth(23, 3, 5), "", [][2]string{{"NW-DE-4950", "PostgreSQL HAM"}}},
		{codeSG, "INC-7130", "Host failures in SIN", commitment.Outage, f.lastMonth(17, 17, 10), f.lastMonth(17, 20, 40), "", [][2]string{{"NW-SG-0218", "Compute SIN"}, {"NW-SG-0218", "Load balancer SIN"}}},
		{codeDE, "INC-2440", "Degraded cross-connect in FRA-2", commitment.Outage, f.now.Add(-2 * time.Hour), time.Time{}, "", [][2]string{line}},
	}
}

func (f *filler) mishap(ctx context.Context, m mishap) error {
	in := billing.NewIncident{
		By: f.agentOf(m.code), EntityID: f.entities[m.code].ID, Source: "status page", Reference: m.reference, Title: m.title, Kind: m.kind,
		From: m.from, Until: m.until, Cause: m.cause,
	}
	for _, hit := range m.hit {
		c, err := f.Billing.ContractByNumber(ctx, f.DB, hit[0])
		if err != nil {
			return err
		}
		service, err := c.Service(hit[1])
		if err != nil {
			return err
		}
		in.Services = append(in.Services, service.ID)
	}
	if _, err := f.Billing.RecordIncident(ctx, in); err != nil {
		return fmt.Errorf("record %s: %w", m.reference, err)
	}
	return nil
}
