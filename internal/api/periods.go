package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/errs"
	"makegood/internal/reports"
)

// Period is a month of a legal entity's books.
type Period struct {
	Entity    string     `json:"entity" doc:"code of the legal entity"`
	Month     string     `json:"month" example:"2026-04"`
	State     string     `json:"state" enum:"open,soft_closed,closed"`
	Version   int        `json:"version" doc:"0 while nobody has moved it"`
	ChangedAt *time.Time `json:"changed_at,omitempty"`
	ChangedBy string     `json:"changed_by,omitempty"`
	Reason    string     `json:"reason,omitempty"`
	Reopened  bool       `json:"reopened" doc:"it was closed before"`
	Reopening *Reopening `json:"reopening,omitempty" doc:"waits for a second person"`
}

// Reopening is a request to open a closed month again.
type Reopening struct {
	Reason      string    `json:"reason"`
	RequestedBy string    `json:"requested_by"`
	RequestedAt time.Time `json:"requested_at"`
}

// CheckPoint is a point of the month-end checklist.
type CheckPoint struct {
	Kind     string     `json:"kind"`
	Blocking bool       `json:"blocking"`
	Count    int        `json:"count"`
	Sums     []Money    `json:"sums"`
	Rows     []CheckRow `json:"rows"`
}

// CheckRow is one thing behind a point of the checklist.
type CheckRow struct {
	Text   string `json:"text"`
	Detail string `json:"detail"`
	Amount *Money `json:"amount,omitempty"`
	On     string `json:"on"`
	Path   string `json:"path,omitempty" doc:"page that shows it"`
}

// PeriodStep is a move in a month's history.
type PeriodStep struct {
	From        string    `json:"from"`
	To          string    `json:"to"`
	At          time.Time `json:"at"`
	By          string    `json:"by"`
	RequestedBy string    `json:"requested_by,omitempty" doc:"of a reopening, the first of the two persons"`
	Reason      string    `json:"reason,omitempty"`
}

// PeriodFile is a month with its checklist and history.
type PeriodFile struct {
	Period
	Checklist []CheckPoint `json:"checklist"`
	History   []PeriodStep `json:"history"`
}

// PeriodRef names a month of a legal entity's books.
type PeriodRef struct {
	Signed
	Entity string `path:"entity" doc:"code of the legal entity"`
	Month  string `path:"month" example:"2026-04"`
}

type periodFileIn struct {
	PeriodRef
	Limit int `query:"limit" minimum:"1" maximum:"500" default:"10" doc:"rows for each point of the checklist"`
}

type (
	periodOut     struct{ Body Period }
	periodFileOut struct{ Body PeriodFile }
)

type periodListIn struct {
	Signed
	Entity string `query:"entity" doc:"code of the legal entity"`
	From   string `query:"from" doc:"first month; a year before the last without it" example:"2026-01"`
	To     string `query:"to" doc:"last month; this one without it" example:"2026-12"`
}

type periodMoveIn struct {
	PeriodRef
	Body struct {
		Reason  string `json:"reason,omitempty" doc:"needed to override blocking points, to lift a soft close and to ask for a reopening"`
		Version int    `json:"version,omitempty" doc:"refused when the month has been moved since"`
	}
}

func (h *handlers) periods(api huma.API) {
	add(h, api, operation[periodListIn, listOut[Period]]{at(http.MethodGet, "/periods", "list-periods", "List months of the books", "periods"), h.listPeriods})
	add(h, api, operation[periodFileIn, periodFileOut]{at(http.MethodGet, "/periods/{entity}/{month}", "get-period", "Read a month with its checklist and history", "periods"), h.getPeriod})
	for _, m := range []struct {
		path, id, summary string
		do                func(context.Context, billing.PeriodMove) (billing.Period, error)
	}{
		{"soft-close", "soft-close-period", "Let only controllers book into a month", h.Billing.SoftClose},
		{"lift", "lift-soft-close", "Open a soft-closed month again", h.Billing.LiftSoftClose},
		{"close", "close-period", "Close a soft-closed month", h.Billing.Close},
		{"reopen", "request-reopening", "Ask for a closed month to be opened again", h.Billing.RequestReopen},
		{"reopen/confirm", "confirm-reopening", "Open a closed month again as the second person", h.Billing.ConfirmReopen},
		{"reopen/withdraw", "withdraw-reopening", "Take a request to reopen back, or turn it down", h.Billing.WithdrawReopen},
	} {
		add(h, api, operation[periodMoveIn, periodOut]{at(http.MethodPost, "/periods/{entity}/{month}/"+m.path, m.id, m.summary, "periods"), h.movePeriod(m.do)})
	}
}

func periodOf(p billing.Period, entity string) Period {
	out := Period{
		Entity: entity, Month: p.Month.Format("2006-01"), State: string(p.State), Version: p.Version, ChangedBy: p.ChangedByName, Reason: p.Reason, Reopened: p.Reopened,
	}
	if p.Version > 0 {
		out.ChangedAt = &p.ChangedAt
	}
	if r := p.Reopening; r != nil {
		out.Reopening = &Reopening{r.Reason, r.RequestedByName, r.RequestedAt}
	}
	return out
}

// entity finds a legal entity by its code, as far as the caller may see it.
func (h *handlers) entity(ctx context.Context, s Signed, code string) (billing.Entity, error) {
	entities, err := h.visibleEntities(ctx, s, code)
	if err != nil {
		return billing.Entity{}, err
	}
	if len(entities) == 0 {
		return billing.Entity{}, billing.ErrNoEntity
	}
	return entities[0], nil
}

// visibleEntities lists the legal entities that the caller may see, all or the one of a code.
func (h *handlers) visibleEntities(ctx context.Context, s Signed, code string) ([]billing.Entity, error) {
	all, err := h.Billing.Entities(ctx)
	if err != nil {
		return nil, err
	}
	var visible []billing.Entity
	for _, e := range all {
		if s.by.SeesEntity(int64(e.ID)) && (code == "" || e.Code == code) {
			visible = append(visible, e)
		}
	}
	return visible, nil
}

// parseMonth reads a month; an empty text gives the one to use instead.
func parseMonth(field, text string, instead time.Time) (time.Time, error) {
	if text == "" {
		return instead, nil
	}
	month, err := time.Parse("2006-01", text)
	if err != nil {
		return month, errs.InvalidField(field, "error.not_a_month", "text", text)
	}
	return month, nil
}

func (h *handlers) listPeriods(ctx context.Context, in *periodListIn) (*listOut[Period], error) {
	q := billing.PeriodQuery{By: in.by}
	var err error
	if q.Until, err = parseMonth("to", in.To, h.Reports.Reader().Now()); err != nil {
		return nil, err
	}
	if q.From, err = parseMonth("from", in.From, q.Until.AddDate(-1, 1, 1-q.Until.Day())); err != nil {
		return nil, err
	}
	if in.Entity != "" {
		e, err := h.entity(ctx, in.Signed, in.Entity)
		if err != nil {
			return nil, err
		}
		q.EntityIDs = []billing.EntityID{e.ID}
	}
	grid, err := h.Billing.Periods(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &listOut[Period]{Body: list[Period]{Items: []Period{}}}
	for _, row := range grid {
		for _, p := range row.Periods {
			out.Body.Items = append(out.Body.Items, periodOf(p, row.Entity.Code))
		}
	}
	return out, nil
}

func (h *handlers) getPeriod(ctx context.Context, in *periodFileIn) (*periodFileOut, error) {
	if err := access.Can(in.by, access.ReadBooks, access.Object{}); err != nil {
		return nil, err
	}
	e, err := h.entity(ctx, in.Signed, in.Entity)
	if err != nil {
		return nil, err
	}
	month, err := parseMonth("month", in.Month, time.Time{})
	if err != nil {
		return nil, err
	}
	checks, err := h.Reports.Closing(h.Billing).Checklist(ctx, e.ID, month, in.Limit, in.by)
	if err != nil {
		return nil, err
	}
	history, err := h.Billing.PeriodHistory(ctx, e.ID, month, in.by)
	if err != nil {
		return nil, err
	}
	out := &periodFileOut{Body: PeriodFile{Period: periodOf(checks.Period, e.Code), Checklist: []CheckPoint{}, History: []PeriodStep{}}}
	for _, c := range checks.Checks {
		out.Body.Checklist = append(out.Body.Checklist, checkPointOf(c))
	}
	for _, s := range history {
		out.Body.History = append(out.Body.History, PeriodStep{string(s.FromState), string(s.ToState), s.ChangedAt, s.ChangedByName, s.RequestedByName, s.Reason})
	}
	return out, nil
}

func checkPointOf(c reports.Check) CheckPoint {
	point := CheckPoint{Kind: string(c.Kind), Blocking: c.Blocking, Count: c.Count, Sums: []Money{}, Rows: []CheckRow{}}
	for _, sum := range c.Sums {
		point.Sums = append(point.Sums, moneyOf(sum))
	}
	for _, r := range c.Rows {
		row := CheckRow{Text: r.Text, Detail: r.Detail, On: dateOf(r.OnDay), Path: r.Href}
		if r.Currency != "" {
			row.Amount = new(moneyOf(r.Sum()))
		}
		point.Rows = append(point.Rows, row)
	}
	return point
}

// movePeriod makes a handler of one of billing's commands on a month.
func (h *handlers) movePeriod(do func(context.Context, billing.PeriodMove) (billing.Period, error)) func(context.Context, *periodMoveIn) (*periodOut, error) {
	return func(ctx context.Context, in *periodMoveIn) (*periodOut, error) {
		e, err := h.entity(ctx, in.Signed, in.Entity)
		if err != nil {
			return nil, err
		}
		month, err := parseMonth("month", in.Month, time.Time{})
		if err != nil {
			return nil, err
		}
		p, err := do(ctx, billing.PeriodMove{EntityID: e.ID, Month: month, Version: in.Body.Version, Reason: in.Body.Reason, By: in.by})
		if err != nil {
			return nil, err
		}
		return &periodOut{Body: periodOf(p, e.Code)}, nil
	}
}
