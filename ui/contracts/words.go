package contracts

import (
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/commitment"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/ui/desk"
	"makegood/ui/kit"
)

// reader is how somebody reads figures and times.
type reader struct {
	lang string
	now  time.Time
	zone *time.Location
	may  bool // work a sheet out and keep it
}

func (r reader) day(t time.Time) string { return kit.FormatDate(t, time.UTC, r.lang) }

// money writes an amount of a sheet; text that is none stays as it is.
func (r reader) money(text string, cur money.Currency) string {
	d, err := decimal.NewFromString(text)
	if err != nil {
		return text
	}
	return kit.FormatMoney(money.Of(d, cur), r.lang)
}

// exact writes an amount with all the decimals it has, at least the currency's.
func (r reader) exact(text string, cur money.Currency) string {
	d, err := decimal.NewFromString(text)
	if err != nil {
		return text
	}
	return kit.FormatDecimal(d, max(places(d), cur.Digits()), r.lang)
}

// places is how many decimals a figure has, without zeros at its end.
func places(d decimal.Decimal) int32 {
	_, fraction, _ := strings.Cut(d.String(), ".")
	return int32(len(fraction))
}

func (r reader) percent(d decimal.Decimal) string {
	return kit.FormatDecimal(d, places(d), r.lang) + " %"
}

// promise says a commitment in words: what is promised, and what is owed when it is broken.
func (r reader) promise(c commitment.Commitment, cur money.Currency) (promised, owed string) {
	switch c.Metric {
	case commitment.Availability:
		promised = i18n.F("{percent} available in a calendar month", "percent", r.percent(c.Target))
	case commitment.Restore:
		promised = i18n.F("Restored within {hours}", "hours", hours(c.Target))
	case commitment.Response:
		promised = i18n.F("Answered within {hours}", "hours", hours(c.Target))
	case commitment.Delivery:
		promised = i18n.F("Delivered by {day}", "day", r.day(c.DeliverBy))
	}
	owed = r.consequence(c, cur)
	if c.EventCap.Set() {
		owed += i18n.F(", at most {limit} for one event", "limit", r.limit(c.EventCap, cur, i18n.T("the month's fee")))
	}
	return promised, owed
}

func (r reader) consequence(c commitment.Commitment, cur money.Currency) string {
	switch c.Formula {
	case commitment.TierPercent:
		var tiers []string
		for _, t := range c.Tiers {
			tiers = append(tiers, i18n.F("{percent} below {percent_2}", "percent", r.percent(t.Percent), "percent_2", r.percent(t.Below)))
		}
		return i18n.F("a part of the month's fee: {tiers}", "tiers", strings.Join(tiers, ", "))
	case commitment.PercentPerHour:
		return i18n.F("{percent} of the month's fee for {unit} late", "percent", r.percent(c.Percent), "unit", unit(c))
	case commitment.DayFraction:
		return i18n.F("a day's fee for {unit} late", "unit", unit(c))
	case commitment.FixedAmount:
		return i18n.F("{money} for each breach", "money", r.money(c.Amount.String(), cur))
	default:
		return i18n.T("the whole fee of the month")
	}
}

func hours(d decimal.Decimal) string {
	if d.Equal(decimal.NewFromInt(1)) {
		return i18n.T("1 hour")
	}
	return i18n.F("{d} hours", "d", d.String())
}

// unit says what late time is counted in: each full hour, each day begun, each 15 minutes to the minute.
func unit(c commitment.Commitment) string {
	if c.Counting == commitment.CalendarDays {
		return i18n.T("each calendar day")
	}
	name := i18n.F("{unit} minutes", "unit", strconv.FormatInt(c.Unit(), 10))
	switch c.Unit() {
	case 60:
		name = i18n.T("hour")
	case 1440:
		name = i18n.T("24 hours")
	}
	switch c.Counting {
	case commitment.FullUnits:
		return i18n.F("each full {name}", "name", name)
	case commitment.BegunUnits:
		return i18n.F("each {name} begun", "name", name)
	default:
		return i18n.F("each {name} (to the minute)", "name", name)
	}
}

func (r reader) limit(c commitment.Cap, cur money.Currency, of string) string {
	var parts []string
	if c.Percent != nil {
		parts = append(parts, i18n.F("{percent} of {of}", "percent", r.percent(*c.Percent), "of", of))
	}
	if c.Amount != nil {
		parts = append(parts, r.money(c.Amount.String(), cur))
	}
	return desk.Or(parts)
}

// terms are a contract's rules in words.
func (r reader) terms(t commitment.Terms) []kit.KV {
	list := []kit.KV{
		{Label: i18n.T("Months of"), Value: t.Zone},
		{Label: i18n.T("Several credits"), Value: map[commitment.Combination]string{
			commitment.Cumulative: i18n.T("add up"), commitment.HighestOnly: i18n.T("only the highest counts"), commitment.OnePerIncident: i18n.T("one for each incident"),
		}[t.Combination]},
		{Label: i18n.T("Fee base"), Value: map[commitment.FeeBase]string{
			commitment.FeeProRata: i18n.T("by days in force"), commitment.FeeWhole: i18n.T("the last fee, whole"),
		}[t.FeeBase]},
	}
	if len(t.Excludes) > 0 {
		var kinds []string
		for _, k := range t.Excludes {
			kinds = append(kinds, exclusion(string(k)))
		}
		list = append(list, kit.KV{Label: i18n.T("Left out"), Value: strings.Join(kinds, ", ")})
	}
	if t.MinMinutes > 0 {
		list = append(list, kit.KV{Label: i18n.T("Least outage"), Value: i18n.F("{min_minutes} minutes", "min_minutes", strconv.FormatInt(t.MinMinutes, 10))})
	}
	if t.MonthCap.Set() {
		list = append(list, kit.KV{Label: i18n.T("Month's limit"), Value: r.limit(t.MonthCap, t.Currency, i18n.T("the fee"))})
	}
	if t.YearCap.Set() {
		list = append(list, kit.KV{Label: i18n.T("Year's limit"), Value: r.limit(t.YearCap, t.Currency, i18n.T("a year's fees"))})
	}
	above := i18n.T("never above the fee")
	if t.AboveFee {
		above = i18n.T("may pass the fee")
	}
	return append(list, kit.KV{Label: i18n.T("In a month"), Value: above}, kit.KV{Label: i18n.In("contract", "Claim"), Value: window(t)})
}

func window(t commitment.Terms) string {
	if t.ClaimDays == 0 {
		return i18n.T("no window")
	}
	from := i18n.T("the month's end")
	if t.ClaimFrom == commitment.FromIncidentEnd {
		from = i18n.T("the incident's end")
	}
	return i18n.F("within {claim_days} days of {from}", "claim_days", strconv.Itoa(t.ClaimDays), "from", from)
}

// exclusion names a kind of time that does not count.
func exclusion(kind string) string {
	switch commitment.ExclusionKind(kind) {
	case commitment.Maintenance:
		return i18n.T("planned maintenance")
	case commitment.CustomerCaused:
		return i18n.T("caused by the customer")
	case commitment.ForceMajeure:
		return i18n.T("force majeure")
	case commitment.Dates:
		return i18n.T("dates agreed")
	}
	return kind
}

// reason says why a part of an incident does not count.
func reason(code string) string {
	switch code {
	case "other_month":
		return i18n.T("in another month")
	case "not_in_force":
		return i18n.T("service not in force")
	case commitment.CountedAlready:
		return i18n.T("counted with another incident")
	case "too_short":
		return i18n.T("shorter than the contract counts")
	}
	return exclusion(code)
}

// note says why a line of a sheet does not count.
func note(code string) string {
	switch code {
	case string(commitment.HighestOnly):
		return i18n.T("another is higher")
	case string(commitment.OnePerIncident):
		return i18n.T("the incident is credited by another")
	case "waived_already":
		return i18n.T("the month's fee is waived already")
	case "too_short":
		return i18n.T("shorter than the contract counts")
	}
	return code
}

func kindOf(k commitment.IncidentKind) string {
	switch k {
	case commitment.LateDelivery:
		return i18n.T("Late delivery")
	case commitment.SlowResponse:
		return i18n.T("Slow answer")
	default:
		return i18n.T("Outage")
	}
}

// minutes writes a length: 100 min, 26 h 40 min.
func minutes(n int64) string {
	if n < 120 {
		return i18n.F("{n} min", "n", strconv.FormatInt(n, 10))
	}
	text := strconv.FormatInt(n/60, 10) + " h"
	if n%60 != 0 {
		text += " " + i18n.F("{n} min", "n", strconv.FormatInt(n%60, 10))
	}
	return text
}
