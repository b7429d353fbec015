package api

import (
	"context"

	"makegood/billing/figures"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/internal/sheet"
)

// LastDays narrows figures to the days that end with one.
type LastDays struct {
	Receivables
	Days int `query:"days" minimum:"1" maximum:"3660" default:"90" doc:"length of the period that ends with the day"`
}

// DSO is days sales outstanding as of a day.
type DSO struct {
	From     string       `json:"from"`
	AsOf     string       `json:"as_of"`
	Days     int          `json:"days"`
	Basis    string       `json:"basis"`
	Sections []DSOSection `json:"sections" doc:"one a currency"`
	dso      reports.DSO
}

func (d DSO) table() sheet.Table { return d.dso.Table() }

// DSOSection is one currency's.
type DSOSection struct {
	Currency         string      `json:"currency"`
	Opening          Money       `json:"opening_receivable"`
	Receivable       Money       `json:"receivable"`
	Current          Money       `json:"current"`
	Sales            Money       `json:"credit_sales"`
	Figures          []Figure    `json:"figures"`
	CountBackAtLeast bool        `json:"count_back_at_least" doc:"the receivable is more than all sales of the history: count-back is at least this"`
	Windows          []DSOWindow `json:"windows"`
}

// DSOWindow is DSO over the sales of so many days.
type DSOWindow struct {
	Days  int     `json:"days"`
	Sales Money   `json:"credit_sales"`
	DSO   *string `json:"dso"`
}

func (h *handlers) dso(ctx context.Context, in *LastDays) (DSO, error) {
	scope, err := in.scope()
	if err != nil {
		return DSO{}, err
	}
	found, err := h.Reports.Receivables().DSO(ctx, scope, in.Days)
	if err != nil {
		return DSO{}, err
	}
	out := DSO{
		From: dateOf(found.From), AsOf: dateOf(found.On), Days: daysOf(found.From, found.On), Basis: basisOf(found.Basis), Sections: []DSOSection{}, dso: found,
	}
	for _, s := range found.Sections {
		out.Sections = append(out.Sections, h.dsoSection(s))
	}
	return out, nil
}

func (h *handlers) dsoSection(s reports.DSOSection) DSOSection {
	st, cur := s.Standing, s.Currency
	one := DSOSection{
		Currency: string(cur), Opening: amountOf(st.Opening, cur), Receivable: amountOf(st.Receivable, cur), Current: amountOf(st.Current, cur),
		Sales: amountOf(st.Sales, cur), CountBackAtLeast: s.CountBack.AtLeast,
	}
	for _, f := range []struct {
		name  figures.Name
		value figures.Figure
	}{
		{figures.DaysSales, st.DSO()},
		{figures.CountBackDays, s.CountBack.Days},
		{figures.TrueDays, s.True},
		{figures.BestPossibleDays, st.BestPossible()},
		{figures.AverageDelinquent, st.DelinquentDays()},
		{figures.Effectiveness, st.Effectiveness()},
		{figures.CurrentShare, st.CurrentShare()},
		{figures.TurnoverRate, st.Turnover()},
	} {
		one.Figures = append(one.Figures, h.figure(f.name, f.value, cur))
	}
	for _, w := range s.Windows {
		one.Windows = append(one.Windows, DSOWindow{Days: w.Days, Sales: amountOf(w.Standing.Sales, cur), DSO: plainFigure(figures.InDays, w.Standing.DSO(), cur)})
	}
	return one
}

// KPIs are the indicators of a period beside those of the period before.
type KPIs struct {
	From       string       `json:"from"`
	AsOf       string       `json:"as_of"`
	BeforeFrom string       `json:"before_from"`
	BeforeAsOf string       `json:"before_as_of"`
	Basis      string       `json:"basis"`
	Sections   []KPISection `json:"sections" doc:"one a currency"`
	kpis       reports.KPIs
}

func (k KPIs) table() sheet.Table { return k.kpis.Table() }

// KPISection is one currency's.
type KPISection struct {
	Currency string        `json:"currency"`
	Figures  []Figure      `json:"figures"`
	ByKind   []CreditGroup `json:"credits_by_kind"`
	ByReason []CreditGroup `json:"credits_by_reason"`
	ByPerson []CreditGroup `json:"credits_by_approver"`
	ByCause  []CreditGroup `json:"credits_by_root_cause"`
	Errors   []ErrorMonth  `json:"invoice_errors_by_month"`
	Causes   []CreditGroup `json:"invoice_errors_by_root_cause" doc:"count is of invoices, amount what was credited for errors"`
}

// CreditGroup is what the credits of one kind, reason or approver come to.
type CreditGroup struct {
	By     string  `json:"by"`
	Count  int     `json:"count"`
	Amount Money   `json:"amount"`
	Share  *string `json:"share" doc:"of all credits, by amount"`
	Billed *string `json:"share_of_billed"`
}

// ErrorMonth is how many of the invoices of a month were credited for a billing error.
type ErrorMonth struct {
	Month    string  `json:"month" example:"2026-03"`
	Issued   int     `json:"issued"`
	Wrong    int     `json:"wrong"`
	Rate     *string `json:"rate"`
	Credited Money   `json:"credited"`
	Severity []int   `json:"by_severity" doc:"wrong invoices by the amount credited: to 100, to 1,000, to 10,000, above"`
}

func (h *handlers) kpis(ctx context.Context, in *LastDays) (KPIs, error) {
	scope, err := in.scope()
	if err != nil {
		return KPIs{}, err
	}
	found, err := h.Reports.Receivables().KPIs(ctx, scope, in.Days)
	if err != nil {
		return KPIs{}, err
	}
	out := KPIs{
		From: dateOf(found.From), AsOf: dateOf(found.On), BeforeFrom: dateOf(found.BeforeFrom), BeforeAsOf: dateOf(found.BeforeOn), Basis: basisOf(found.Basis),
		Sections: []KPISection{}, kpis: found,
	}
	for _, s := range found.Sections {
		one := KPISection{
			Currency: string(s.Currency), ByKind: groupsOf(s.Now.Credits.Kind, s.Currency), ByReason: groupsOf(s.Now.Credits.Reason, s.Currency),
			ByPerson: groupsOf(s.Now.Credits.Approver, s.Currency), Errors: errorsOf(s.Now.Errors, s.Currency),
			ByCause: groupsOf(s.Now.Credits.Cause, s.Currency), Causes: groupsOf(s.Now.ErrorCauses, s.Currency),
		}
		before := s.Before.Values()
		for i, v := range s.Now.Values() {
			f := h.figure(v.Name, v.Value, s.Currency)
			f.Before = plainFigure(v.Unit, before[i].Value, s.Currency)
			one.Figures = append(one.Figures, f)
		}
		out.Sections = append(out.Sections, one)
	}
	return out, nil
}

func groupsOf(list []figures.CreditGroup, cur money.Currency) []CreditGroup {
	out := make([]CreditGroup, len(list))
	for i, g := range list {
		out[i] = CreditGroup{
			By: g.By, Count: g.Count, Amount: amountOf(g.Amount, cur), Share: plainFigure(figures.Share, g.Share, cur), Billed: plainFigure(figures.Share, g.Ratio, cur),
		}
	}
	return out
}

func errorsOf(list []figures.ErrorRate, cur money.Currency) []ErrorMonth {
	out := make([]ErrorMonth, len(list))
	for i, e := range list {
		out[i] = ErrorMonth{
			Month: e.Month.Format("2006-01"), Issued: e.Issued, Wrong: e.Wrong, Rate: plainFigure(figures.Share, e.Rate(), cur),
			Credited: amountOf(e.Credited, cur), Severity: e.BySeverity,
		}
	}
	return out
}
