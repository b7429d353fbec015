package contracts

import (
	"sort"
	"strconv"
	"time"

	"makegood/billing"
	"makegood/billing/commitment"
	"makegood/internal/i18n"
	"makegood/internal/money"
	"makegood/ui/kit"
)

type listView struct {
	Shows   []kit.Segment
	Query   string
	Rows    []billing.ContractRow
	NextURL string
	Reader  reader

	MayEnter bool
}

// fileView is one contract.
type fileView struct {
	Number, Customer, Account, InForce string
	Services                           []serviceView
	Terms                              []kit.KV
	Exclusions                         []windowView
	Incidents                          []incidentView
	Sheets                             []sheetRow
	Owed                               []owedRow

	MayLog bool // record incidents and time left out
	Typed  typed
	Zone   string
	Now    string // to the minute, in the contract's zone
}

type serviceView struct {
	ID, Name, Product, Fee string
	Promises               []promiseView
}

type promiseView struct{ Ref, Promised, Owed string }

type windowView struct{ When, Kind, Service, Reason string }

type incidentView struct {
	ID                                                 int64
	Title, Source, Kind, When, Length, Cause, Services string
	Going                                              bool // not over
}

type sheetRow struct{ Href, Service, Month, Proposed, At string }

// owedView is what is owed and not claimed.
type owedView struct {
	Shows []kit.Segment
	Rows  []owedRow
	Sums  []string
}

type owedRow struct {
	Href, Contract, ContractHref, Customer, CustomerHref, Service, Month, Incidents, Proposed string
	Left, Tone                                                                                string
}

func (r reader) owed(list []billing.OwedCredit) []owedRow {
	var rows []owedRow
	for _, o := range list {
		row := owedRow{
			Href: owedURL(o.Contract.Number, o.Service, o.Month.Format(monthForm)), Contract: o.Contract.Number, ContractHref: contractURL(o.Contract.Number),
			Customer: o.Customer.Name, CustomerHref: "/customers/" + o.Customer.Account, Service: o.Service, Month: r.month(o.Month),
			Incidents: strconv.Itoa(len(o.Sheet.Incidents)), Proposed: kit.FormatMoney(o.Proposed(), r.lang),
		}
		row.Left, row.Tone = r.left(o)
		rows = append(rows, row)
	}
	return rows
}

// left says how long a claim is in time.
func (r reader) left(o billing.OwedCredit) (text, tone string) {
	switch {
	case o.ClaimBy.IsZero():
		return i18n.T("no window"), "line"
	case o.DaysLeft == 0:
		return i18n.T("today"), "bad"
	case o.DaysLeft == 1:
		return i18n.T("1 day left"), "due"
	case o.DaysLeft <= 7:
		return i18n.F("{days_left} days left", "days_left", strconv.Itoa(o.DaysLeft)), "soon"
	}
	return i18n.F("{days_left} days left", "days_left", strconv.Itoa(o.DaysLeft)), ""
}

// sums are what is owed altogether, by currency.
func (r reader) sums(list []billing.OwedCredit) []string {
	totals := map[money.Currency]money.Amount{}
	for _, o := range list {
		sum, err := money.Sum(o.Contract.Currency, append([]money.Amount{o.Proposed()}, held(totals, o.Contract.Currency)...)...)
		if err == nil {
			totals[o.Contract.Currency] = sum
		}
	}
	var texts []string
	for _, a := range totals {
		texts = append(texts, kit.FormatMoney(a, r.lang))
	}
	sort.Strings(texts)
	return texts
}

func held(totals map[money.Currency]money.Amount, cur money.Currency) []money.Amount {
	if a, ok := totals[cur]; ok {
		return []money.Amount{a}
	}
	return nil
}

func (r reader) file(d billing.ContractDetail, incidents []billing.IncidentRow, sheets []billing.CreditSheet, owed []billing.OwedCredit) fileView {
	zone := zoneOf(d.TimeZone)
	v := fileView{
		Number: d.Number, Customer: d.Customer.Name, Account: d.Customer.Account, InForce: i18n.F("from {day}", "day", r.day(d.FromOn)), Terms: r.terms(d.Terms()), Owed: r.owed(owed),
	}
	if d.UntilOn != nil {
		v.InForce += " " + i18n.F("to {day}", "day", r.day(*d.UntilOn))
	}
	names := map[billing.ContractServiceID]string{}
	for _, s := range d.Services {
		names[s.ID] = s.Name
		v.Services = append(v.Services, r.service(s, d.Currency))
	}
	for _, e := range d.Exclusions {
		w := windowView{When: r.span(e.FromAt, &e.UntilAt, zone), Kind: exclusion(string(e.Kind)), Service: i18n.T("all services"), Reason: e.Reason}
		if e.ServiceID != nil {
			w.Service = names[*e.ServiceID]
		}
		v.Exclusions = append(v.Exclusions, w)
	}
	for _, i := range incidents {
		v.Incidents = append(v.Incidents, r.incident(i, d.Number, zone))
	}
	for _, s := range sheets {
		v.Sheets = append(v.Sheets, sheetRow{
			Href: sheetURL(s.ID), Service: names[s.ServiceID], Month: r.month(s.Month), Proposed: kit.FormatMoney(s.Proposed(), r.lang),
			At: kit.FormatShort(s.ComputedAt, r.now, r.zone, r.lang),
		})
	}
	return v
}

func (r reader) service(s billing.ServiceDetail, cur money.Currency) serviceView {
	v := serviceView{ID: id(s.ID), Name: s.Name, Product: s.Product}
	for i, f := range s.Fees {
		if i > 0 {
			v.Fee += i18n.F(", from {day}", "day", r.day(f.From)) + " "
		}
		v.Fee += r.money(f.Amount.String(), cur)
	}
	v.Fee += " " + i18n.T("a month")
	for _, c := range s.Commitments {
		promised, owed := r.promise(c, cur)
		v.Promises = append(v.Promises, promiseView{Ref: c.Ref, Promised: promised, Owed: owed})
	}
	return v
}

func (r reader) incident(i billing.IncidentRow, contract string, zone *time.Location) incidentView {
	v := incidentView{
		ID: int64(i.ID), Going: i.UntilAt == nil, Title: i.Title, Source: i.Source + " " + i.Reference, Kind: kindOf(i.Kind), When: r.span(i.FromAt, i.UntilAt, zone), Length: i18n.T("not over"),
	}
	if i.UntilAt != nil {
		v.Length = minutes(int64(i.UntilAt.Sub(i.FromAt) / time.Minute))
	}
	if i.Cause != "" {
		v.Cause = exclusion(string(i.Cause))
	}
	for _, s := range i.Services {
		if s.Contract != contract {
			continue
		}
		if v.Services != "" {
			v.Services += ", "
		}
		v.Services += s.Service
	}
	return v
}

// span writes from–until in the contract's zone; the day once when both are on it.
func (r reader) span(from time.Time, until *time.Time, zone *time.Location) string {
	text := kit.FormatDateTime(from, zone, r.lang) + " – "
	switch {
	case until == nil:
		return text + "…"
	case until.In(zone).Format(time.DateOnly) == from.In(zone).Format(time.DateOnly):
		return text + kit.FormatTime(*until, zone, r.lang)
	}
	return text + kit.FormatDateTime(*until, zone, r.lang)
}

func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

func (r reader) month(t time.Time) string { return kit.FormatMonth(t, r.lang) }

// applies tells the sheet's own word for an exclusion.
func applies(e commitment.SheetExclusion) string {
	if e.Applies {
		return exclusion(string(e.Kind))
	}
	return i18n.F("{exclusion}, not excluded by the contract", "exclusion", exclusion(string(e.Kind)))
}
