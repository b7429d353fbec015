package billing

import (
	"context"
	"fmt"
	"time"

	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// EntityID names a legal entity.
type EntityID int64

// AuthorityCurrency is the currency in which authority limits are written and compared.
const AuthorityCurrency money.Currency = "EUR"

// Entity is a legal entity: the company that issues invoices and keeps books of its own.
type Entity struct {
	ID             EntityID
	Code           string
	Name           string
	BaseCurrency   money.Currency
	Country        string
	TaxID          string
	Address        string
	SupportAddress string
	SupportName    string
	Signature      string
	BrandColor     string
	BankDetails    string
	TimeZone       string
	Language       string
	FiscalMonth    int
	Version        int

	Phone          string // EN 16931 BT-42
	EndpointScheme string // where electronic documents come from (BT-34); "" derives it from the tax number
	EndpointID     string

	WriteOffTaxRelief bool   // the tax of what is written off comes back
	MemoPeriodPolicy  string // tax_point, or memo_day

	DocumentRules   string // YAML over the rules of the country (document/jurisdiction); "" for those alone
	ExemptionReason string // why nothing is charged where tax is exempt (BT-120)

	Gateway        GatewayKind // where its credit memos are issued besides
	GatewayAccount string      // which account there; "" for builtin
}

// TableName tells GORM where entities live.
func (Entity) TableName() string { return "legal_entities" }

// Zone is where the entity's clock hangs. An unknown time zone counts as UTC.
func (e Entity) Zone() *time.Location {
	zone, err := time.LoadLocation(e.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Day is the calendar day at the entity at a moment, as midnight UTC.
func (e Entity) Day(at time.Time) time.Time { return Date(at.In(e.Zone())) }

// TodayAt is today where a legal entity is.
func (s *Service) TodayAt(ctx context.Context, r db.Reader, id EntityID) (time.Time, error) {
	e, err := s.EntityByID(ctx, r, id)
	return e.Day(r.Now()), err
}

// bankDay refuses a day on which a bank cannot have done anything yet: one to come, where the entity is and by UTC.
func (e Entity) bankDay(field string, on, now time.Time) error {
	if on.After(lastOf(e.Day(now), now)) {
		return errs.InvalidField(field, "billing.money_not_yet")
	}
	return nil
}

// dayOr is a day as told, or today at the entity.
func dayOr(on time.Time, e Entity, now time.Time) time.Time {
	if on.IsZero() {
		return e.Day(now)
	}
	return Date(on)
}

// FiscalYear names the entity's fiscal year of a day by the calendar year in which it begins.
func (e Entity) FiscalYear(day time.Time) int {
	if int(day.Month()) < e.FiscalMonth {
		return day.Year() - 1
	}
	return day.Year()
}

// Date is the calendar day of t in t's own zone, as midnight UTC: the way dates of documents are kept.
func Date(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// numberOf writes a document number: series, fiscal year and place in the series, such as DE-2026-00042.
func numberOf(series string, year int, place int64) string {
	return fmt.Sprintf("%s-%d-%05d", series, year, place)
}
