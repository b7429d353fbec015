package contracts

import (
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/commitment"
	"makegood/internal/money"
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
		promised = r.percent(c.Target) + " available in a calendar month"
	case commitment.Restore:
		promised = "Restored within " + hours(c.Target)
	case commitment.Response:
		promised = "Answered within " + hours(c.Target)
	case commitment.Delivery:
		promised = "Delivered by " + r.day(c.DeliverBy)
	}
	owed = r.consequence(c, cur)
	if c.EventCap.Set() {
		owed += ", at most " + r.limit(c.EventCap, cur, "the month's fee") + " for one event"
	}
	return promised, owed
}

func (r reader) consequence(c commitment.Commitment, cur money.Currency) string {
	switch c.Formula {
	case commitment.TierPercent:
		var tiers []string
		for _, t := range c.Tiers {
			tiers = append(tiers, r.percent(t.Percent)+" below "+r.percent(t.Below))
		}
		return "a part of the month's fee: " + strings.Join(tiers, ", ")
	case commitment.PercentPerHour:
		return r.percent(c.Percent) + " of the month's fee for " + unit(c) + " late"
	case commitment.DayFraction:
		return "a day's fee for " + unit(c) + " late"
	case commitment.FixedAmount:
		return r.money(c.Amount.String(), cur) + " for each breach"
	default:
		return "the whole fee of the month"
	}
}

func hours(d decimal.Decimal) string {
	if d.Equal(decimal.NewFromInt(1)) {
		return "1 hour"
	}
	return d.String() + " hours"
}

// unit says what late time is counted in: each full hour, each day begun, each 15 minutes to the minute.
func unit(c commitment.Commitment) string {
	if c.Counting == commitment.CalendarDays {
		return "each calendar day"
	}
	name := strconv.FormatInt(c.Unit(), 10) + " minutes"
	switch c.Unit() {
	case 60:
		name = "hour"
	case 1440:
		name = "24 hours"
	}
	switch c.Counting {
	case commitment.FullUnits:
		return "each full " + name
	case commitment.BegunUnits:
		return "each " + name + " begun"
	default:
		return "each " + name + " (to the minute)"
	}
}

func (r reader) limit(c commitment.Cap, cur money.Currency, of string) string {
	var parts []string
	if c.Percent != nil {
		parts = append(parts, r.percent(*c.Percent)+" of "+of)
	}
	if c.Amount != nil {
		parts = append(parts, r.money(c.Amount.String(), cur))
	}
	return strings.Join(parts, " or ")
}

// terms are a contract's rules in words.
func (r reader) terms(t commitment.Terms) []kit.KV {
	list := []kit.KV{
		{Label: "Months of", Value: t.Zone},
		{Label: "Several credits", Value: map[commitment.Combination]string{
			commitment.Cumulative: "add up", commitment.HighestOnly: "only the highest counts", commitment.OnePerIncident: "one for each incident",
		}[t.Combination]},
		{Label: "Fee base", Value: map[commitment.FeeBase]string{
			commitment.FeeProRata: "by days in force", commitment.FeeWhole: "the last fee, whole",
		}[t.FeeBase]},
	}
	if len(t.Excludes) > 0 {
		var kinds []string
		for _, k := range t.Excludes {
			kinds = append(kinds, exclusion(string(k)))
		}
		list = append(list, kit.KV{Label: "Left out", Value: strings.Join(kinds, ", ")})
	}
	if t.MinMinutes > 0 {
		list = append(list, kit.KV{Label: "Least outage", Value: strconv.FormatInt(t.MinMinutes, 10) + " minutes"})
	}
	if t.MonthCap.Set() {
		list = append(list, kit.KV{Label: "Month's limit", Value: r.limit(t.MonthCap, t.Currency, "the fee")})
	}
	if t.YearCap.Set() {
		list = append(list, kit.KV{Label: "Year's limit", Value: r.limit(t.YearCap, t.Currency, "a year's fees")})
	}
	above := "never above the fee"
	if t.AboveFee {
		above = "may pass the fee"
	}
	return append(list, kit.KV{Label: "In a month", Value: above}, kit.KV{Label: "Claim", Value: window(t)})
}

func window(t commitment.Terms) string {
	if t.ClaimDays == 0 {
		return "no window"
	}
	from := "the month's end"
	if t.ClaimFrom == commitment.FromIncidentEnd {
		from = "the incident's end"
	}
	return "within " + strconv.Itoa(t.ClaimDays) + " days of " + from
}

// exclusion names a kind of time that does not count.
func exclusion(kind string) string {
	switch commitment.ExclusionKind(kind) {
	case commitment.Maintenance:
		return "planned maintenance"
	case commitment.CustomerCaused:
		return "caused by the customer"
	case commitment.ForceMajeure:
		return "force majeure"
	case commitment.Dates:
		return "dates agreed"
	}
	return kind
}

// reason says why a part of an incident does not count.
func reason(code string) string {
	switch code {
	case "other_month":
		return "in another month"
	case "not_in_force":
		return "service not in force"
	case commitment.CountedAlready:
		return "counted with another incident"
	case "too_short":
		return "shorter than the contract counts"
	}
	return exclusion(code)
}

// note says why a line of a sheet does not count.
func note(code string) string {
	switch code {
	case string(commitment.HighestOnly):
		return "another is higher"
	case string(commitment.OnePerIncident):
		return "the incident is credited by another"
	case "waived_already":
		return "the month's fee is waived already"
	case "too_short":
		return "shorter than the contract counts"
	}
	return code
}

func kindOf(k commitment.IncidentKind) string {
	switch k {
	case commitment.LateDelivery:
		return "Late delivery"
	case commitment.SlowResponse:
		return "Slow answer"
	default:
		return "Outage"
	}
}

// minutes writes a length: 100 min, 26 h 40 min.
func minutes(n int64) string {
	if n < 120 {
		return strconv.FormatInt(n, 10) + " min"
	}
	text := strconv.FormatInt(n/60, 10) + " h"
	if n%60 != 0 {
		text += " " + strconv.FormatInt(n%60, 10) + " min"
	}
	return text
}
