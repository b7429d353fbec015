package billing

import (
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/commitment"
	"makegood/internal/money"
)

// What contracts and incidents are named by.
type (
	// ContractID names a contract.
	ContractID int64
	// ContractServiceID names a service of a contract.
	ContractServiceID int64
	// IncidentID names something that went wrong.
	IncidentID int64
)

// Contract is what a customer was promised, and what is owed when a promise is broken (see package commitment). It never
// changes: an amendment is a contract of its own.
type Contract struct {
	ID              ContractID
	EntityID        EntityID
	CustomerID      CustomerID
	Number          string
	Currency        money.Currency
	FromOn          time.Time
	UntilOn         *time.Time // the last day; nil is open-ended
	TimeZone        string     // its months and days begin at this zone's midnight
	Excludes        []string   `gorm:"type:text[]"`
	MinMinutes      int64
	Combination     commitment.Combination
	FeeBase         commitment.FeeBase
	MonthCapPercent *decimal.Decimal
	MonthCapAmount  *decimal.Decimal
	YearCapPercent  *decimal.Decimal
	YearCapAmount   *decimal.Decimal
	AboveFee        bool
	ClaimDays       int
	ClaimFrom       commitment.ClaimStart
	Digest          []byte
	CreatedAt       time.Time
	CreatedBy       int64
}

// Terms are the contract's rules as the calculator takes them.
func (c Contract) Terms() commitment.Terms {
	t := commitment.Terms{
		Currency: c.Currency, Zone: c.TimeZone, From: c.FromOn, Until: timeOr(c.UntilOn), MinMinutes: c.MinMinutes, Combination: c.Combination,
		FeeBase: c.FeeBase, AboveFee: c.AboveFee, ClaimDays: c.ClaimDays, ClaimFrom: c.ClaimFrom,
		MonthCap: commitment.Cap{Percent: c.MonthCapPercent, Amount: c.MonthCapAmount},
		YearCap:  commitment.Cap{Percent: c.YearCapPercent, Amount: c.YearCapAmount},
	}
	for _, kind := range c.Excludes {
		t.Excludes = append(t.Excludes, commitment.ExclusionKind(kind))
	}
	return t
}

// Year is the contract year that a month belongs to: twelve months from the day the contract began, or its anniversary.
func (c Contract) Year(month time.Time) (from, until time.Time) {
	day := firstOfMonth(month)
	if day.Before(c.FromOn) {
		day = c.FromOn
	}
	years := day.Year() - c.FromOn.Year()
	if c.FromOn.AddDate(years, 0, 0).After(day) {
		years--
	}
	return c.FromOn.AddDate(years, 0, 0), c.FromOn.AddDate(years+1, 0, -1)
}

// ContractService is a service that a contract sells, with its fees and promises.
type ContractService struct {
	ID         ContractServiceID
	ContractID ContractID
	Position   int
	Name       string
	Product    string
	FromOn     *time.Time
	UntilOn    *time.Time
}

// ServiceDetail is a service with its fees by day and its commitments in the contract's order.
type ServiceDetail struct {
	ContractService
	Fees        []commitment.Fee
	Commitments []commitment.Commitment
}

// Terms is the service as the calculator takes it.
func (s ServiceDetail) Terms() commitment.Service {
	return commitment.Service{
		Name: s.Name, Product: s.Product, From: timeOr(s.FromOn), Until: timeOr(s.UntilOn), Fees: s.Fees, Commitments: s.Commitments,
	}
}

// ContractDetail is a contract with everything it says and whose it is.
type ContractDetail struct {
	Contract
	Customer   Customer
	Services   []ServiceDetail
	Exclusions []ContractExclusion
}

// Service finds a service by name; ErrNoService when the contract has none of it.
func (d ContractDetail) Service(name string) (ServiceDetail, error) {
	for _, s := range d.Services {
		if s.Name == name {
			return s, nil
		}
	}
	return ServiceDetail{}, ErrNoService
}

// ContractExclusion is a window in which time does not count, for one service or (nil) all.
type ContractExclusion struct {
	ID         int64
	ContractID ContractID
	ServiceID  *ContractServiceID
	Kind       commitment.ExclusionKind
	FromAt     time.Time
	UntilAt    time.Time
	Reason     string
	RecordedAt time.Time
	RecordedBy int64
}

// Incident is something that went wrong, as its source tells it. UntilAt is nil while it is not over.
type Incident struct {
	ID         IncidentID
	EntityID   EntityID
	Source     string
	Reference  string
	Title      string
	Kind       commitment.IncidentKind
	FromAt     time.Time
	UntilAt    *time.Time
	Cause      commitment.ExclusionKind
	RecordedAt time.Time
	RecordedBy int64
	Version    int
}

// IncidentRow is an incident in a list, with the services it concerns.
type IncidentRow struct {
	Incident
	Services []IncidentService `db:"-"`
}

// IncidentService is a service that an incident concerns, and whose it is.
type IncidentService struct {
	IncidentID IncidentID
	ServiceID  ContractServiceID
	Service    string
	Contract   string
	Account    string
	Customer   string
}

func timeOr(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
