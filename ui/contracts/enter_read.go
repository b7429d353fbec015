package contracts

import (
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/internal/errs"
	"makegood/internal/money"
)

// contractReading makes a contract of what was typed and gathers what cannot be read.
type contractReading struct {
	enterForm
	currency money.Currency
	wrong    []errs.Field
}

// contract reads the form; the error names each field that cannot be read. Whether it makes sense is billing's to say.
func (f enterForm) contract() (billing.NewContract, error) {
	r := contractReading{enterForm: f}
	code, err := money.ParseCurrency(strings.ToUpper(f.values["currency"]))
	if err != nil {
		return billing.NewContract{}, errs.InvalidField("currency", money.ErrCurrency.Key, "currency", f.values["currency"])
	}
	r.currency = code
	in := billing.NewContract{Number: f.values["number"], Terms: r.terms()}
	for i, promises := range f.promises {
		in.Services = append(in.Services, r.service(i, promises, in.Terms.From))
	}
	if len(r.wrong) > 0 {
		return in, errs.InvalidFields(r.wrong...)
	}
	return in, nil
}

func (r *contractReading) terms() commitment.Terms {
	t := commitment.Terms{
		Currency: r.currency, Zone: r.values["zone"], From: r.day("from"), Until: r.day("until"), MinMinutes: r.whole("min_minutes"),
		Combination: commitment.Combination(r.values["combination"]), FeeBase: commitment.FeeBase(r.values["fee_base"]), AboveFee: r.values["above_fee"] != "",
		ClaimDays: int(r.whole("claim_days")), MonthCap: r.limit("month_cap"), YearCap: r.limit("year_cap"),
	}
	if t.ClaimDays != 0 {
		t.ClaimFrom = commitment.ClaimStart(r.values["claim_from"])
	}
	for _, kind := range r.excludes {
		t.Excludes = append(t.Excludes, commitment.ExclusionKind(kind))
	}
	return t
}

func (r *contractReading) service(i, promises int, from time.Time) commitment.Service {
	s := commitment.Service{Name: r.values[serviceField(i, "name")], Product: r.values[serviceField(i, "product")]}
	s.From, s.Until = r.day(serviceField(i, "from")), r.day(serviceField(i, "until"))
	begins := from
	if !s.From.IsZero() {
		begins = s.From
	}
	name := serviceField(i, "fee")
	if r.values[name] == "" {
		r.wrong = append(r.wrong, errs.Field{Name: name, Key: "error.required"})
	}
	s.Fees = []commitment.Fee{{From: begins, Amount: r.money(name)}}
	for k := range promises {
		s.Commitments = append(s.Commitments, r.promise(func(field string) string { return promiseField(i, k, field) }))
	}
	return s
}

func (r *contractReading) promise(at func(string) string) commitment.Commitment {
	c := commitment.Commitment{
		Ref: r.values[at("ref")], Metric: commitment.Metric(r.values[at("metric")]), Target: r.figure(at("target")), DeliverBy: r.day(at("deliver_by")),
		Formula: commitment.Formula(r.values[at("formula")]), EventCap: r.limit(at("event_cap")),
	}
	if c.Metric == commitment.Availability {
		c.Digits = int32(min(r.whole(at("digits")), 99))
	}
	switch c.Formula {
	case commitment.TierPercent:
		c.Tiers = r.tiers(at("tiers"))
	case commitment.PercentPerHour, commitment.DayFraction:
		c.Percent, c.UnitMinutes, c.Counting = r.figure(at("percent")), r.whole(at("unit_minutes")), commitment.Counting(r.values[at("counting")])
	case commitment.FixedAmount:
		c.Amount = r.money(at("amount"))
	case commitment.Waiver:
	}
	return c
}

// tiers reads one tier a line: the bound and the per cent of the fee.
func (r *contractReading) tiers(field string) []commitment.Tier {
	var list []commitment.Tier
	for line := range strings.Lines(r.values[field]) {
		parts := strings.FieldsFunc(line, func(c rune) bool { return c != '.' && c != '-' && (c < '0' || c > '9') })
		if len(parts) == 0 && strings.TrimSpace(line) == "" {
			continue
		}
		if len(parts) != 2 {
			r.unread(field, strings.TrimSpace(line))
			continue
		}
		below, wrong := decimal.NewFromString(parts[0])
		percent, err := decimal.NewFromString(parts[1])
		if err != nil || wrong != nil {
			r.unread(field, strings.TrimSpace(line))
			continue
		}
		list = append(list, commitment.Tier{Below: below, Percent: percent})
	}
	return list
}

func (r *contractReading) unread(field, text string) {
	r.wrong = append(r.wrong, errs.Field{Name: field, Key: "error.not_a_number", Params: errs.Params{"text": text}})
}

func (r *contractReading) day(field string) time.Time {
	text := r.values[field]
	if text == "" {
		return time.Time{}
	}
	on, err := time.Parse(time.DateOnly, text)
	if err != nil {
		r.wrong = append(r.wrong, errs.Field{Name: field, Key: "error.not_a_date", Params: errs.Params{"text": text}})
	}
	return on
}

func (r *contractReading) whole(field string) int64 {
	text := r.values[field]
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		r.unread(field, text)
	}
	return n
}

func (r *contractReading) figure(field string) decimal.Decimal {
	text := r.values[field]
	if text == "" {
		return decimal.Zero
	}
	n, err := decimal.NewFromString(text)
	if err != nil {
		r.unread(field, text)
	}
	return n
}

func (r *contractReading) money(field string) decimal.Decimal {
	text := r.values[field]
	if text == "" {
		return decimal.Zero
	}
	amount, err := money.Parse(text, r.currency)
	if err != nil {
		r.wrong = append(r.wrong, errs.Field{Name: field, Key: errs.KeyOf(err), Params: errs.Params{"text": text, "amount": text, "currency": string(r.currency)}})
	}
	return amount.Decimal()
}

func (r *contractReading) limit(field string) commitment.Cap {
	var c commitment.Cap
	if r.values[field+".percent"] != "" {
		c.Percent = new(r.figure(field + ".percent"))
	}
	if r.values[field+".amount"] != "" {
		c.Amount = new(r.money(field + ".amount"))
	}
	return c
}
