package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases"
)

// ChecklistPoint is one thing to do with every case of a type.
type ChecklistPoint struct {
	Code     string `json:"code,omitempty" maxLength:"80" doc:"stays the same over versions; made from the text where it is new"`
	Text     string `json:"text" maxLength:"160"`
	Hint     string `json:"hint,omitempty" maxLength:"300" doc:"how it is done"`
	Required bool   `json:"required,omitempty" doc:"before the case is resolved"`
}

// Checklist is a version of what is to be done with cases of a type.
type Checklist struct {
	Type   string           `json:"type" enum:"inquiry,dispute,concession,cancellation,refund,remittance"`
	Number int              `json:"number" doc:"the version; 0: there is none yet"`
	Points []ChecklistPoint `json:"points"`
	By     string           `json:"by,omitempty"`
	At     *time.Time       `json:"at,omitempty"`
}

// CasePoint is a point of the checklist of one case.
type CasePoint struct {
	Code     string     `json:"code"`
	Text     string     `json:"text"`
	Hint     string     `json:"hint,omitempty"`
	Required bool       `json:"required" doc:"the case is not resolved before it is done"`
	Listed   bool       `json:"listed" doc:"false: it was done before the case got another type, and is not asked for any more"`
	Done     bool       `json:"done"`
	DoneAt   *time.Time `json:"done_at,omitempty"`
	DoneBy   string     `json:"done_by,omitempty"`
	Version  int        `json:"version"`
}

type saveChecklistIn struct {
	Signed
	Body struct {
		Type   string           `json:"type" enum:"inquiry,dispute,concession,cancellation,refund,remittance"`
		Number int              `json:"number" doc:"the version it was begun from, 0 for the first; a stale one is refused with 409"`
		Points []ChecklistPoint `json:"points" maxItems:"30" doc:"in their order; none at all ends the checklist"`
	}
}

type tickIn struct {
	OnCase
	Code string `path:"code" doc:"of the point"`
	Body struct {
		Done    bool `json:"done"`
		Version int  `json:"version" doc:"of the point as it was read; a stale one is refused with 409 and who ticked it"`
	}
}

type checklistOut struct{ Body Checklist }

// guides are what stands beside a case: what is to be done with it, and how.
func (h *handlers) guides(api huma.API) {
	const tag = "cases"
	h.playbooks(api)
	add(h, api, operation[CaseRef, listOut[SimilarCase]]{at(http.MethodGet, "/cases/{number}/similar", "list-similar-cases", "Settled cases that are like a case, the most similar first, at most five", tag), h.similarCases})
	add(h, api, operation[Signed, listOut[Checklist]]{at(http.MethodGet, "/checklists", "list-checklists", "The checklist in force for each type of case", tag), h.checklists})
	add(h, api, operation[saveChecklistIn, checklistOut]{created("/checklists", "save-checklist", "Put a new version of a type's checklist in force", tag), h.saveChecklist})
	add(h, api, operation[CaseRef, listOut[CasePoint]]{at(http.MethodGet, "/cases/{number}/checklist", "get-case-checklist", "The checklist of a case", tag), h.casePoints})
	add(h, api, operation[tickIn, listOut[CasePoint]]{at(http.MethodPut, "/cases/{number}/checklist/{code}", "tick-point", "Say that a point of a case's checklist is done, or is not after all", tag), h.tickPoint})
}

func checklistOf(c cases.Checklist) Checklist {
	out := Checklist{Type: string(c.CaseType), Number: c.Number, Points: []ChecklistPoint{}, By: c.CreatedName}
	if c.Number > 0 {
		out.At = new(c.CreatedAt)
	}
	for _, p := range c.Points {
		out.Points = append(out.Points, ChecklistPoint(p))
	}
	return out
}

func (h *handlers) checklists(ctx context.Context, in *Signed) (*listOut[Checklist], error) {
	found, err := h.Cases.Checklists(ctx, in.by)
	out := &listOut[Checklist]{Body: list[Checklist]{Items: []Checklist{}}}
	for _, c := range found {
		out.Body.Items = append(out.Body.Items, checklistOf(c))
	}
	return out, err
}

func (h *handlers) saveChecklist(ctx context.Context, in *saveChecklistIn) (*checklistOut, error) {
	save := cases.ChecklistInput{By: in.by, CaseType: cases.Type(in.Body.Type), Base: in.Body.Number}
	for _, p := range in.Body.Points {
		save.Points = append(save.Points, cases.Point(p))
	}
	kept, err := h.Cases.SaveChecklist(ctx, save)
	return &checklistOut{Body: checklistOf(kept)}, err
}

func (h *handlers) casePoints(ctx context.Context, in *CaseRef) (*listOut[CasePoint], error) {
	c, err := h.Cases.CaseByNumber(ctx, h.Reports.Reader(), in.Number, in.by)
	if err != nil {
		return nil, err
	}
	found, err := h.Cases.Points(ctx, h.Reports.Reader(), c.ID)
	out := &listOut[CasePoint]{Body: list[CasePoint]{Items: []CasePoint{}}}
	for _, p := range found {
		out.Body.Items = append(out.Body.Items, CasePoint{
			Code: p.Code, Text: p.Text, Hint: p.Hint, Required: p.Required, Listed: p.Listed, Done: p.Done(), DoneAt: p.DoneAt, DoneBy: p.DoneName, Version: p.Version,
		})
	}
	return out, err
}

func (h *handlers) tickPoint(ctx context.Context, in *tickIn) (*listOut[CasePoint], error) {
	on, _, err := h.on(ctx, in.OnCase)
	if err != nil {
		return nil, err
	}
	if in.IfMatch == "" {
		on.Version = 0 // the point has a version of its own
	}
	if _, err := h.Cases.TickPoint(ctx, cases.TickInput{On: on, Code: in.Code, Point: in.Body.Version, Done: in.Body.Done}); err != nil {
		return nil, err
	}
	return h.casePoints(ctx, &in.CaseRef)
}
