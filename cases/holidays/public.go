package holidays

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rickar/cal/v2"

	"makegood/cases/clock"
	"makegood/internal/errs"
)

// Place is a country, or a part of one, by its ISO code and English name.
type Place struct {
	Code, Name string
	Regions    []Place // empty where the country has one list for all
	Regional   bool    // there is no list for the whole country: a region has to be named
}

// Places lists the countries whose public holidays are known, by name.
func Places() []Place {
	var list []Place
	for _, c := range countries() {
		p := Place{Code: c.code, Name: c.name, Regional: c.national == nil}
		for _, r := range c.regions {
			p.Regions = append(p.Regions, Place{Code: r.code, Name: r.name})
		}
		list = append(list, p)
	}
	return list
}

// Years is a span of calendar years, both included.
type Years struct{ From, To int }

// maxYears is how far a list may reach: beyond, laws will have changed.
const maxYears = 10

func (y Years) check() error {
	if y.From < 2000 || y.To < y.From || y.To > 2100 || y.To-y.From >= maxYears {
		return errs.InvalidField("years", "holidays.bad_years", "from", strconv.Itoa(y.From), "to", strconv.Itoa(y.To))
	}
	return nil
}

func (y Years) holds(day clock.Day) bool {
	year, err := strconv.Atoi(day.String()[:4])
	return err == nil && year >= y.From && year <= y.To
}

// Public lists the public and bank holidays of a country, or of a region of it, by date, one for each date. Where the law moves one that
// falls on a weekend, both days are in it. The rules are those of github.com/rickar/cal; what a government decrees later is not in them.
func Public(countryCode, regionCode string, years Years) ([]clock.Holiday, error) {
	if err := years.check(); err != nil {
		return nil, err
	}
	rules, err := rulesOf(countryCode, regionCode)
	if err != nil {
		return nil, err
	}
	days := listed{}
	for year := years.From - 1; year <= years.To+1; year++ { // a New Year's Day may be kept in December
		for _, rule := range rules {
			if rule.Type == cal.ObservanceOther {
				continue
			}
			actual, observed := rule.Calc(year)
			days.add(actual, rule.Name, years)
			if !observed.Equal(actual) {
				days.add(observed, rule.Name+" (observed)", years)
			}
		}
	}
	return days.holidays(), nil
}

func rulesOf(countryCode, regionCode string) ([]*cal.Holiday, error) {
	all := countries()
	at := slices.IndexFunc(all, func(c country) bool { return strings.EqualFold(c.code, countryCode) })
	if at < 0 {
		return nil, errs.InvalidField("country", "holidays.unknown_country", "country", countryCode)
	}
	c := all[at]
	if regionCode == "" && c.national != nil {
		return c.national, nil
	}
	in := slices.IndexFunc(c.regions, func(r region) bool { return strings.EqualFold(r.code, regionCode) })
	if in < 0 {
		return nil, errs.InvalidField("region", "holidays.unknown_region", "country", c.name, "region", regionCode)
	}
	return c.regions[in].list, nil
}

// listed gathers the names of each day.
type listed map[clock.Day][]string

func (l listed) add(at time.Time, name string, years Years) {
	if at.IsZero() {
		return
	}
	day := dayOf(at)
	if years.holds(day) && !slices.Contains(l[day], name) {
		l[day] = append(l[day], name)
	}
}

func (l listed) holidays() []clock.Holiday {
	list := make([]clock.Holiday, 0, len(l))
	for day, names := range l {
		list = append(list, clock.Holiday{Date: day, Name: strings.Join(names, ", ")})
	}
	byDate(list)
	return list
}

func byDate(list []clock.Holiday) {
	slices.SortFunc(list, func(a, b clock.Holiday) int { return int(a.Date) - int(b.Date) })
}

// dayOf is the date that a moment's own wall calendar shows.
func dayOf(at time.Time) clock.Day {
	y, m, d := at.Date()
	return clock.Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / int64(24*time.Hour/time.Second))
}

// Merge adds days to a list. A date that the list has keeps what the list says of it: somebody decided that. It tells how many were new.
func Merge(list, added []clock.Holiday) (all []clock.Holiday, isNew int) {
	all = slices.Clone(list)
	for _, h := range added {
		if !slices.ContainsFunc(list, func(old clock.Holiday) bool { return old.Date == h.Date }) {
			all = append(all, h)
			isNew++
		}
	}
	byDate(all)
	return all, isNew
}
