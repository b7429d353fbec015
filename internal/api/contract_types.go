package api

import (
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// Contract is what a customer was promised, and what is owed when a promise is broken.
type Contract struct {
	Number      string            `json:"number" minLength:"1" maxLength:"100"`
	Customer    string            `json:"customer" doc:"account number"`
	EntityID    int64             `json:"entity_id,omitempty" readOnly:"true"`
	Currency    string            `json:"currency" minLength:"3" maxLength:"3"`
	TimeZone    string            `json:"time_zone" example:"Europe/Berlin" doc:"months and days begin at its midnight"`
	From        string            `json:"from" example:"2026-01-01" doc:"first day in force"`
	Until       string            `json:"until,omitempty" doc:"last day in force; open-ended without it"`
	Excludes    []string          `json:"excludes,omitempty" enum:"maintenance,customer,force_majeure,dates" doc:"kinds of time that do not count"`
	MinMinutes  int64             `json:"min_minutes,omitempty" minimum:"0" doc:"a shorter outage does not count"`
	Combination string            `json:"combination" enum:"cumulative,highest_only,one_per_incident"`
	FeeBase     string            `json:"fee_base" enum:"pro_rata,whole"`
	MonthCap    *Limit            `json:"month_cap,omitempty" doc:"of one service and month"`
	YearCap     *Limit            `json:"year_cap,omitempty" doc:"of the contract and its year"`
	AboveFee    bool              `json:"above_fee,omitempty" doc:"credits of a month may pass its fee"`
	ClaimDays   int               `json:"claim_days,omitempty" minimum:"0" doc:"0 is no window"`
	ClaimFrom   string            `json:"claim_from,omitempty" enum:"incident_end,month_end"`
	Services    []ContractService `json:"services,omitempty" maxItems:"500"`
	Exclusions  []Exclusion       `json:"exclusions,omitempty" readOnly:"true"`
}

// Limit is a per cent of a fee, an amount, or the lower of both.
type Limit struct {
	Percent string `json:"percent,omitempty" example:"50"`
	Amount  *Money `json:"amount,omitempty"`
}

// ContractService is a service of a contract with its fees and promises.
type ContractService struct {
	Name        string       `json:"name" minLength:"1"`
	Product     string       `json:"product,omitempty"`
	From        string       `json:"from,omitempty"`
	Until       string       `json:"until,omitempty"`
	Fees        []MonthlyFee `json:"fees" minItems:"1"`
	Commitments []Commitment `json:"commitments,omitempty" maxItems:"50"`
}

// MonthlyFee is a fee and the days it is in force.
type MonthlyFee struct {
	From   string `json:"from"`
	Until  string `json:"until,omitempty"`
	Amount Money  `json:"amount"`
}

// Commitment is one promise about a service, and what is owed when it is broken.
type Commitment struct {
	Ref         string           `json:"ref,omitempty" doc:"where the contract says it"`
	Metric      string           `json:"metric" enum:"availability,restore,delivery,response"`
	Target      string           `json:"target,omitempty" example:"99.9" doc:"per cent for availability, hours for restore and response"`
	DeliverBy   string           `json:"deliver_by,omitempty"`
	Digits      int32            `json:"digits,omitempty" doc:"decimals of the availability"`
	Formula     string           `json:"formula" enum:"tier_percent,percent_per_hour,day_fraction,fixed,waiver"`
	Tiers       []CommitmentTier `json:"tiers,omitempty" maxItems:"20"`
	Percent     string           `json:"percent,omitempty"`
	Amount      *Money           `json:"amount,omitempty"`
	UnitMinutes int64            `json:"unit_minutes,omitempty" minimum:"0"`
	Counting    string           `json:"counting,omitempty" enum:"full,begun,exact,calendar_days"`
	EventCap    *Limit           `json:"event_cap,omitempty"`
}

// CommitmentTier gives a per cent of the fee for an availability below a bound.
type CommitmentTier struct {
	Below   string `json:"below"`
	Percent string `json:"percent"`
}

// Exclusion is a window in which time does not count.
type Exclusion struct {
	Service string    `json:"service,omitempty" doc:"all services without it"`
	Kind    string    `json:"kind" enum:"maintenance,customer,force_majeure,dates"`
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
	Reason  string    `json:"reason,omitempty"`
}

func contractOf(c billing.Contract, account string) Contract {
	t := c.Terms()
	out := Contract{
		Number: c.Number, Customer: account, EntityID: int64(c.EntityID), Currency: string(c.Currency), TimeZone: c.TimeZone, From: dateOf(c.FromOn),
		Until: dayOrNone(t.Until), Excludes: c.Excludes, MinMinutes: c.MinMinutes, Combination: string(c.Combination), FeeBase: string(c.FeeBase),
		MonthCap: limitOf(t.MonthCap, c.Currency), YearCap: limitOf(t.YearCap, c.Currency), AboveFee: c.AboveFee, ClaimDays: c.ClaimDays, ClaimFrom: string(c.ClaimFrom),
	}
	return out
}

func dayOrNone(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return dateOf(t)
}

func limitOf(c commitment.Cap, cur money.Currency) *Limit {
	if !c.Set() {
		return nil
	}
	l := &Limit{}
	if c.Percent != nil {
		l.Percent = c.Percent.String()
	}
	if c.Amount != nil {
		l.Amount = new(amountOf(*c.Amount, cur))
	}
	return l
}

func serviceOf(s billing.ServiceDetail, cur money.Currency) ContractService {
	t := s.Terms()
	out := ContractService{Name: s.Name, Product: s.Product, From: dayOrNone(t.From), Until: dayOrNone(t.Until)}
	for _, f := range s.Fees {
		out.Fees = append(out.Fees, MonthlyFee{From: dateOf(f.From), Until: dayOrNone(f.Until), Amount: amountOf(f.Amount, cur)})
	}
	for _, c := range s.Commitments {
		one := Commitment{
			Ref: c.Ref, Metric: string(c.Metric), Target: c.Target.String(), DeliverBy: dayOrNone(c.DeliverBy), Digits: c.Digits, Formula: string(c.Formula),
			UnitMinutes: c.UnitMinutes, Counting: string(c.Counting), EventCap: limitOf(c.EventCap, cur),
		}
		for _, tier := range c.Tiers {
			one.Tiers = append(one.Tiers, CommitmentTier{Below: tier.Below.String(), Percent: tier.Percent.String()})
		}
		if c.Percent.IsPositive() {
			one.Percent = c.Percent.String()
		}
		if c.Amount.IsPositive() {
			one.Amount = new(amountOf(c.Amount, cur))
		}
		out.Commitments = append(out.Commitments, one)
	}
	return out
}

// contractReader reads a contract's figures and days, and keeps what is wrong with the first field it cannot read.
type contractReader struct {
	currency money.Currency
	err      error
}

func (r *contractReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *contractReader) day(field, text string) time.Time {
	t, err := parseDate(field, text)
	if err != nil {
		r.fail(err)
	}
	return t
}

func (r *contractReader) figure(field, text string) decimal.Decimal {
	if text == "" {
		return decimal.Zero
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		r.fail(errs.InvalidField(field, money.ErrSyntax.Key, "text", text))
	}
	return d
}

func (r *contractReader) money(field string, m *Money) decimal.Decimal {
	if m == nil {
		return decimal.Zero
	}
	a, err := m.parse(field)
	switch {
	case err != nil:
		r.fail(err)
	case a.Currency() != r.currency:
		r.fail(errs.InvalidField(field, money.ErrMixed.Key, "one", string(a.Currency()), "other", string(r.currency)))
	}
	return a.Decimal()
}

func (r *contractReader) limit(field string, l *Limit) commitment.Cap {
	var c commitment.Cap
	if l == nil {
		return c
	}
	if l.Percent != "" {
		c.Percent = new(r.figure(field+".percent", l.Percent))
	}
	if l.Amount != nil {
		c.Amount = new(r.money(field+".amount", l.Amount))
	}
	return c
}

func (r *contractReader) terms(c Contract) commitment.Terms {
	t := commitment.Terms{
		Currency: r.currency, Zone: c.TimeZone, From: r.day("from", c.From), Until: r.day("until", c.Until), MinMinutes: c.MinMinutes,
		Combination: commitment.Combination(c.Combination), FeeBase: commitment.FeeBase(c.FeeBase), AboveFee: c.AboveFee, ClaimDays: c.ClaimDays,
		ClaimFrom: commitment.ClaimStart(c.ClaimFrom), MonthCap: r.limit("month_cap", c.MonthCap), YearCap: r.limit("year_cap", c.YearCap),
	}
	for _, kind := range c.Excludes {
		t.Excludes = append(t.Excludes, commitment.ExclusionKind(kind))
	}
	return t
}

func (r *contractReader) service(i int, s ContractService) commitment.Service {
	at := "services." + strconv.Itoa(i) + "."
	out := commitment.Service{Name: s.Name, Product: s.Product, From: r.day(at+"from", s.From), Until: r.day(at+"until", s.Until)}
	for k, f := range s.Fees {
		place := at + "fees." + strconv.Itoa(k)
		out.Fees = append(out.Fees, commitment.Fee{From: r.day(place+".from", f.From), Until: r.day(place+".until", f.Until), Amount: r.money(place, &f.Amount)})
	}
	for k, c := range s.Commitments {
		place := at + "commitments." + strconv.Itoa(k) + "."
		one := commitment.Commitment{
			Ref: c.Ref, Metric: commitment.Metric(c.Metric), Target: r.figure(place+"target", c.Target), DeliverBy: r.day(place+"deliver_by", c.DeliverBy),
			Digits: c.Digits, Formula: commitment.Formula(c.Formula), Percent: r.figure(place+"percent", c.Percent), Amount: r.money(place+"amount", c.Amount),
			UnitMinutes: c.UnitMinutes, Counting: commitment.Counting(c.Counting), EventCap: r.limit(place+"event_cap", c.EventCap),
		}
		for n, tier := range c.Tiers {
			one.Tiers = append(one.Tiers, commitment.Tier{
				Below: r.figure(place+"tiers."+strconv.Itoa(n)+".below", tier.Below), Percent: r.figure(place+"tiers."+strconv.Itoa(n)+".percent", tier.Percent),
			})
		}
		out.Commitments = append(out.Commitments, one)
	}
	return out
}
