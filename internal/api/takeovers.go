package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/internal/reports"
)

type extractIn struct {
	Signed
	Entity string `path:"entity" doc:"code of the legal entity"`
	What   string `path:"what" enum:"journal,credit-memos"`
	Month  string `query:"month" doc:"of the day booked, or of the day a memo was issued; this month without it" example:"2026-05"`
}

// takeovers is what an ERP takes over from the books.
func (h *handlers) takeovers(api huma.API) {
	op := operation[extractIn, huma.StreamResponse]{
		at(http.MethodGet, "/entities/{entity}/extracts/{what}", "extract",
			"A month of a legal entity's journal, or of its credit memos under NetSuite's labels, as CSV for another system; that it was taken is recorded", "books"), h.extract,
	}
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}}}}
	add(h, api, op)
}

func (h *handlers) extract(ctx context.Context, in *extractIn) (*huma.StreamResponse, error) {
	month, err := h.monthFrom(in.Month)
	if err != nil {
		return nil, err
	}
	x, err := h.Reports.Takeovers(h.Billing).Make(ctx, in.What, reports.Takeover{By: in.by, Entity: in.Entity, Month: month})
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(out huma.Context) { //nolint:contextcheck // the context of the answer is that of its request
		out.SetHeader("Content-Type", "text/csv; charset=utf-8")
		out.SetHeader("Content-Disposition", `attachment; filename="`+x.Name+`"`)
		if err := x.Write(out.Context(), out.BodyWriter()); err != nil {
			panic(http.ErrAbortHandler) //nolint:forbidigo // net/http breaks the answer off by it: what was sent is no whole file, so it must not end well
		}
	}}, nil
}
