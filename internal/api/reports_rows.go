package api

import (
	"context"

	"makegood/billing/figures"
	"makegood/internal/money"
	"makegood/internal/reports"
	"makegood/internal/sheet"
)

// FigureRows is a page of what a figure counts.
type FigureRows struct {
	Figure     string      `json:"figure"`
	Title      string      `json:"title"`
	Definition string      `json:"definition"`
	Set        string      `json:"set" doc:"which of the figure's lists this is"`
	Sets       []string    `json:"sets" doc:"what the figure is made of, what is counted first"`
	Items      []FigureRow `json:"items"`
	NextCursor string      `json:"next_cursor,omitempty"`
	rows       []reports.FigureRow
}

func (f FigureRows) table() sheet.Table { return reports.RowsTable(f.rows) }

// FigureRow is one thing that a figure counts.
type FigureRow struct {
	Kind     string `json:"kind"`
	Number   string `json:"number" doc:"of a dispute: its case's"`
	Customer string `json:"customer,omitempty" doc:"account number"`
	Entity   string `json:"entity"`
	On       string `json:"on"`
	DueOn    string `json:"due_on,omitempty"`
	Amount   Money  `json:"amount"`
	Part     Money  `json:"part" doc:"what of the amount counts: not due, in dispute, paid in time, credited for an error, recovered or rejected, by the set"`
	Days     *int   `json:"days,omitempty" doc:"past due, to settle, of the billing cycle, or since an unapplied amount came, by the set"`
	Late     *int   `json:"late,omitempty" doc:"days past due when it was settled"`
	Seconds  *int64 `json:"seconds,omitempty" doc:"from the opening of a dispute to its decision"`
	Tag      string `json:"tag,omitempty" doc:"state of a dispute, disputed or clear of terms, kind, reason, approver or root cause of a credit memo"`
}

type figureRowsIn struct {
	LastDays
	RowPaging
	Figure  string `path:"figure" doc:"name of a figure of the indicators" example:"dso"`
	Set     string `query:"set" doc:"one of the figure's sets; the first without it"`
	Section string `query:"section" doc:"currency of the section; all without it"`
	By      string `query:"by" enum:"kind,reason,approver,root_cause" doc:"what the tag of credit memos is; their kind without it"`
	Tag     string `query:"tag" doc:"only rows with this tag"`
}

func (h *handlers) figureRows(ctx context.Context, in *figureRowsIn) (FigureRows, error) {
	scope, err := in.scope()
	if err != nil {
		return FigureRows{}, err
	}
	wanted := reports.FigureRows{
		Figure: figures.Name(in.Figure), Set: reports.RowSet(in.Set), Days: in.Days, Section: money.Currency(in.Section), By: reports.Tagged(in.By),
		After: in.Cursor, Limit: in.Limit,
	}
	if in.Tag != "" {
		wanted.Tag = &in.Tag
	}
	page, err := h.Reports.Receivables().FigureRows(ctx, scope, wanted)
	if err != nil {
		return FigureRows{}, err
	}
	def, _ := figures.DefinitionOf(wanted.Figure)
	out := FigureRows{
		Figure: in.Figure, Title: h.Words.Say("en", def.TitleKey()), Definition: h.Words.Say("en", def.Key()), Set: in.Set,
		Items: []FigureRow{}, NextCursor: page.Next, rows: page.Rows,
	}
	for _, set := range reports.SetsOf(wanted.Figure) {
		out.Sets = append(out.Sets, string(set))
	}
	if out.Set == "" {
		out.Set = out.Sets[0]
	}
	for _, r := range page.Rows {
		one := FigureRow{
			Kind: r.Kind, Number: r.Number, Customer: r.Account, Entity: r.EntityCode, On: dateOf(r.On), Amount: amountOf(r.Amount, r.Currency),
			Part: amountOf(r.Part, r.Currency), Days: r.Days, Late: r.Late, Seconds: r.Seconds, Tag: r.Tag,
		}
		if r.DueOn != nil {
			one.DueOn = dateOf(*r.DueOn)
		}
		out.Items = append(out.Items, one)
	}
	return out, nil
}
