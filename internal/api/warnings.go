package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/credits"
	"makegood/internal/errs"
)

// BehindRow is a row that made a warning's rule speak, as it stood then.
type BehindRow struct {
	Kind     string     `json:"kind" enum:"request,customer,dispute,budget"`
	ID       int64      `json:"id"`
	Number   string     `json:"number,omitempty" doc:"of the request, of the customer's account, of the dispute's case, or the budget's month"`
	Document string     `json:"document,omitempty" doc:"what the request became"`
	Text     string     `json:"text,omitempty"`
	At       *time.Time `json:"at,omitempty"`
	Who      string     `json:"who,omitempty"`
	Amount   *Money     `json:"amount,omitempty"`
}

func behindOf(list []credits.Behind) []BehindRow {
	var out []BehindRow
	for _, b := range list {
		row := BehindRow{Kind: string(b.Kind), ID: b.ID, Number: b.Number, Document: b.Document, Text: b.Text, Who: b.Who}
		if !b.At.IsZero() {
			row.At = new(b.At)
		}
		if b.Currency != "" {
			row.Amount = new(amountOf(b.Amount, b.Currency))
		}
		out = append(out, row)
	}
	return out
}

func (h *handlers) raisedOf(list []credits.Raised) []CreditNotice {
	warnings := make([]credits.Warning, len(list))
	for i, raised := range list {
		warnings[i] = raised.Warning
	}
	return h.notices(warnings)
}

// CreditWarning is what a rule said about a request, and who looked at it.
type CreditWarning struct {
	CreditNotice

	ID        int64      `json:"id"`
	RequestID int64      `json:"request_id"`
	Request   string     `json:"request"`
	State     string     `json:"state" doc:"of the request"`
	Requester string     `json:"requester"`
	Customer  string     `json:"customer,omitempty"`
	Account   string     `json:"account,omitempty"`
	Total     Money      `json:"total"`
	Stage     string     `json:"stage" enum:"submitted,signed"`
	RaisedAt  time.Time  `json:"raised_at"`
	LookedBy  string     `json:"looked_by,omitempty"`
	LookedAt  *time.Time `json:"looked_at,omitempty"`
	Note      string     `json:"note,omitempty"`
}

type warningsIn struct {
	Signed
	Paging
	Rule      string `query:"rule"`
	Requester int64  `query:"requester" doc:"id of a person"`
	Customer  string `query:"customer" doc:"account number"`
	From      string `query:"from" example:"2026-05-01" doc:"30 days ago without it"`
	To        string `query:"to" example:"2026-05-31" doc:"today without it"`
	Open      bool   `query:"open" doc:"only those nobody has looked at"`
}

type lookIn struct {
	Signed
	ID   int64 `path:"id"`
	Body struct {
		Note string `json:"note" minLength:"1" maxLength:"5000"`
	}
}

type warningOut struct{ Body CreditWarning }

func (h *handlers) warnings(api huma.API) {
	const tag = "reviews"
	add(h, api, operation[warningsIn, listOut[CreditWarning]]{at(http.MethodGet, "/credit-warnings", "list-credit-warnings", "What the rules noticed about requests, the latest first", tag), h.listWarnings})
	add(h, api, operation[lookIn, warningOut]{at(http.MethodPost, "/credit-warnings/{id}/look", "look-at-credit-warning", "Mark a warning as looked at, once, with a note", tag), h.look})
	h.controlReports(api)
}

func (h *handlers) warningOf(w credits.WarningRow) CreditWarning {
	return CreditWarning{
		CreditNotice: h.notices([]credits.Warning{w.Warning})[0], ID: w.ID, RequestID: int64(w.CreditRequestID), Request: w.Number, State: string(w.State),
		Requester: w.RequesterName, Customer: w.CustomerName, Account: w.Account, Total: amountOf(w.Total, w.Currency), Stage: string(w.Stage), RaisedAt: w.RaisedAt,
		LookedBy: w.LookedByName, LookedAt: w.LookedAt, Note: w.LookNote,
	}
}

func (h *handlers) listWarnings(ctx context.Context, in *warningsIn) (*listOut[CreditWarning], error) {
	f := credits.WarningFilter{Rule: credits.WarningRule(in.Rule), Requester: in.Requester, Account: in.Customer, OpenOnly: in.Open, After: in.Cursor, Limit: in.Limit}
	for field, day := range map[string]struct {
		text string
		into *time.Time
	}{"from": {in.From, &f.From}, "to": {in.To, &f.To}} {
		if day.text == "" {
			continue
		}
		var err error
		if *day.into, err = time.Parse(time.DateOnly, day.text); err != nil {
			return nil, errs.InvalidField(field, "error.not_a_date", "text", day.text)
		}
	}
	found, err := h.Credits.Warnings(ctx, f, in.by)
	if err != nil {
		return nil, err
	}
	out := &listOut[CreditWarning]{Body: list[CreditWarning]{Items: []CreditWarning{}, NextCursor: found.Next}}
	for _, w := range found.Rows {
		out.Body.Items = append(out.Body.Items, h.warningOf(w))
	}
	return out, nil
}

func (h *handlers) look(ctx context.Context, in *lookIn) (*warningOut, error) {
	w, err := h.Credits.LookAtWarning(ctx, credits.LookInput{By: in.by, ID: in.ID, Note: in.Body.Note})
	if err != nil {
		return nil, err
	}
	return &warningOut{h.warningOf(w)}, nil
}
