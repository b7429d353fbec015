package reports_test

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/figures"
	"makegood/internal/reports"
)

// matches applies a filter.
func (r counted) matches(f reports.WorkFilter) bool {
	is := func(wanted, value string) bool { return wanted == "" || wanted == value }
	return is(f.Entity, r.entity) && (f.Team == 0 || f.Team == r.teamID) && (f.Agent == 0 || f.Agent == r.agentID) && is(f.Tier, r.tier) && is(f.Topic, r.topic) &&
		is(f.Type, r.kind) && is(f.Priority, r.priority) && is(f.Policy, r.policy) && (f.Reason == "" || slices.Contains(r.reasons, f.Reason)) && is(f.Cause, r.cause) &&
		is(f.Account, r.account) && is(f.Part, r.part)
}

// keys are the groups a row belongs to.
func (r counted) keys(way reports.Way) []string {
	at := r.at.UTC()
	switch way {
	case reports.ByPart:
		return []string{r.part}
	case reports.ByAgent:
		return []string{strconv.FormatInt(r.agentID, 10)}
	case reports.ByTeam:
		return []string{strconv.FormatInt(r.teamID, 10)}
	case reports.ByPolicy:
		return []string{r.policy}
	case reports.ByTier:
		return []string{r.tier}
	case reports.ByTopic:
		return []string{r.topic}
	case reports.ByType:
		return []string{r.kind}
	case reports.ByPriority:
		return []string{r.priority}
	case reports.ByEntity:
		return []string{r.entity}
	case reports.ByCountry:
		return []string{r.country}
	case reports.ByCustomer:
		return []string{r.account}
	case reports.ByClaim:
		if len(r.reasons) == 0 {
			return []string{""}
		}
		return r.reasons
	case reports.ByCause:
		return []string{r.cause}
	case reports.ByLevel:
		return []string{r.level}
	case reports.ByDecider:
		return []string{r.decider}
	case reports.ByDay:
		return []string{at.Format(time.DateOnly)}
	case reports.ByWeek:
		return []string{at.AddDate(0, 0, -(int(at.Weekday())+6)%7).Format(time.DateOnly)}
	case reports.ByMonth:
		return []string{at.AddDate(0, 0, 1-at.Day()).Format(time.DateOnly)}
	case reports.ByAll:
	}
	return []string{""}
}

// addUp adds up rows, without names.
func addUp(key string, rows []counted) reports.Group {
	g := reports.Group{Key: key, Count: len(rows)}
	var times []figures.Measure
	sum := decimal.Zero
	for _, r := range rows {
		if r.good != nil {
			g.GoodOf++
			if *r.good {
				g.Good++
			}
		}
		if r.seconds != nil {
			g.Timed++
			g.Total += *r.seconds
			times = append(times, figures.Measure{Value: decimal.NewFromInt(*r.seconds)})
		}
		g.Amount = g.Amount.Add(r.amount)
		if r.score != nil {
			g.Scored++
			sum = sum.Add(*r.score)
		}
	}
	if g.Scored > 0 {
		g.Mean = decimal.NewNullDecimal(sum.DivRound(decimal.NewFromInt(int64(g.Scored)), 2))
	}
	if s := figures.SpreadOf(times); s.Count > 0 {
		g.Median, g.P90 = new(s.Median.Decimal.Round(0).IntPart()), new(s.P90.Decimal.Round(0).IntPart())
	}
	return g
}

func groups(rows []counted, f reports.WorkFilter, way reports.Way) map[string]reports.Group {
	by := map[string][]counted{}
	for _, r := range rows {
		if r.matches(f) {
			for _, key := range r.keys(way) {
				by[key] = append(by[key], r)
			}
		}
	}
	out := map[string]reports.Group{}
	for _, key := range slices.Collect(maps.Keys(by)) {
		out[key] = addUp(key, by[key])
	}
	return out
}
