package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing/reconcile"
	"makegood/billing/reconciling"
)

// Finding is one thing in which the two sides of a reconciliation do not agree, or a row that could not be read.
type Finding struct {
	ID         int64             `json:"id"`
	Class      string            `json:"class"`
	Would      string            `json:"would,omitempty" doc:"of a known timing: what it would be otherwise"`
	Why        string            `json:"why,omitempty"`
	MatchedBy  string            `json:"matched_by,omitempty"`
	Kind       string            `json:"kind,omitempty"`
	Number     string            `json:"number"`
	Customer   string            `json:"customer,omitempty" doc:"account number"`
	Here       *ComparedDocument `json:"here,omitempty"`
	There      *ComparedDocument `json:"there,omitempty"`
	Twin       *ComparedDocument `json:"twin,omitempty" doc:"of a duplicate: what it repeats"`
	Gap        []Money           `json:"gap" doc:"receivable here less there"`
	Reason     string            `json:"reason,omitempty" doc:"why a row could not be read"`
	Rows       []int             `json:"rows" doc:"of the file"`
	Resolution string            `json:"resolution" enum:"open,timing,explained,case_asked,case"`
	Note       string            `json:"note,omitempty"`
	Case       string            `json:"case,omitempty"`
	By         string            `json:"by,omitempty"`
	At         *time.Time        `json:"at,omitempty"`
}

// ComparedDocument is a document as one side had it.
type ComparedDocument struct {
	Kind       string `json:"kind"`
	Number     string `json:"number,omitempty"`
	ExternalID string `json:"external_id,omitempty"`
	Customer   string `json:"customer,omitempty"`
	Date       string `json:"date"`
	Amount     Money  `json:"amount"`
	Tax        *Money `json:"tax,omitempty"`
	Status     string `json:"status,omitempty"`
	Invoice    string `json:"invoice,omitempty"`
}

// FindingRef names a finding of a reconciliation.
type FindingRef struct {
	ReconciliationRef
	Finding int64 `path:"finding"`
}

type findingOut struct{ Body Finding }

type findingListIn struct {
	ReconciliationRef
	Paging
	Class      string `query:"class"`
	Resolution string `query:"resolution" doc:"open, timing, explained, case_asked or case"`
	Query      string `query:"q" doc:"part of a number, an account or a customer's name"`
}

type explainIn struct {
	FindingRef
	Body struct {
		Reason string `json:"reason"`
	}
}

func (h *handlers) findings(api huma.API) {
	const tag = "reconciliations"
	add(h, api, operation[findingListIn, listOut[Finding]]{at(http.MethodGet, "/reconciliations/{id}/findings", "list-findings", "List what differs", tag), h.listFindings})
	add(h, api, operation[FindingRef, findingOut]{at(http.MethodPost, "/reconciliations/{id}/findings/{finding}/case", "open-case-of-finding", "Ask for a case about a difference; asked twice it is one", tag), h.askCase})
	add(h, api, operation[explainIn, findingOut]{at(http.MethodPost, "/reconciliations/{id}/findings/{finding}/explain", "explain-finding", "Say why a difference is no fault", tag), h.explainFinding})
}

func (h *handlers) findingOf(f reconciling.Finding) Finding {
	out := Finding{
		ID: int64(f.ID), Class: string(f.Class), Would: string(f.Would), Why: string(f.Why), MatchedBy: string(f.MatchedBy), Kind: string(f.Kind), Number: f.Number,
		Customer: f.Account, Here: comparedOf(f.Here), There: comparedOf(f.There), Twin: comparedOf(f.Twin), Gap: []Money{}, Rows: f.Rows,
		Resolution: string(f.Resolution), Note: f.Note, Case: f.CaseNumber, By: f.ByName, At: f.At,
	}
	for _, g := range f.Gap {
		out.Gap = append(out.Gap, sumOf(g))
	}
	if f.Reason != nil {
		out.Reason = h.say(f.Reason)
	}
	return out
}

func comparedOf(p *reconciling.Paper) *ComparedDocument {
	if p == nil {
		return nil
	}
	out := &ComparedDocument{
		Kind: string(p.Kind), Number: p.Number, ExternalID: p.ExternalID, Customer: p.Customer, Date: dateOf(p.Date), Amount: moneyOf(p.Total()),
		Status: string(p.Status), Invoice: p.Invoice,
	}
	if p.Tax != nil {
		out.Tax = new(amountOf(*p.Tax, p.Currency))
	}
	return out
}

func (h *handlers) listFindings(ctx context.Context, in *findingListIn) (*listOut[Finding], error) {
	page, err := h.Reconciling.Findings(ctx, in.by, reconciling.ID(in.ID), reconciling.FindingFilter{
		Class: reconcile.Class(in.Class), Resolution: reconciling.Resolution(in.Resolution), Query: in.Query, After: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	out := &listOut[Finding]{Body: list[Finding]{Items: []Finding{}, NextCursor: page.Next}}
	for _, f := range page.Rows {
		out.Body.Items = append(out.Body.Items, h.findingOf(f))
	}
	return out, nil
}

func (h *handlers) askCase(ctx context.Context, in *FindingRef) (*findingOut, error) {
	f, err := h.Reconciling.AskCase(ctx, in.by, reconciling.ID(in.ID), reconciling.FindingID(in.Finding))
	if err != nil {
		return nil, err
	}
	return &findingOut{Body: h.findingOf(f)}, nil
}

func (h *handlers) explainFinding(ctx context.Context, in *explainIn) (*findingOut, error) {
	f, err := h.Reconciling.Explain(ctx, reconciling.ExplainInput{
		By: in.by, Run: reconciling.ID(in.ID), Finding: reconciling.FindingID(in.Finding), Reason: in.Body.Reason,
	})
	if err != nil {
		return nil, err
	}
	return &findingOut{Body: h.findingOf(f)}, nil
}
