package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"makegood/internal/evidence"
	"makegood/internal/reports"
)

type evidenceIn struct {
	Signed
	Number string `path:"number" doc:"number of the case" example:"MG-000123"`
}

type packageIn struct {
	Signed
	Entity  string `path:"entity" doc:"code of the legal entity"`
	From    string `query:"from" doc:"first day; without both days the month before this one" example:"2026-05-01"`
	To      string `query:"to" doc:"last day" example:"2026-05-31"`
	Seed    string `query:"seed" maxLength:"200" doc:"any words; they alone choose the samples"`
	Samples int    `query:"samples" minimum:"1" maximum:"500" default:"25"`
}

func (h *handlers) evidence(api huma.API) {
	h.takeovers(api)
	add(h, api, zipped(operation[evidenceIn, huma.StreamResponse]{
		at(http.MethodGet, "/cases/{number}/evidence", "case-evidence", "The evidence of a case as a ZIP that proves itself; that it was taken is recorded", "cases"), h.caseEvidence,
	}))
	add(h, api, zipped(operation[packageIn, huma.StreamResponse]{
		at(http.MethodGet, "/audit/packages/{entity}", "audit-package", "The audit package of a legal entity's books over some days; that it was taken is recorded", "audit"), h.auditPackage,
	}))
}

const zipMedia = "application/zip"

// zipped says in the description what is answered.
func zipped[I any](o operation[I, huma.StreamResponse]) operation[I, huma.StreamResponse] {
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{zipMedia: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}}
	return o
}

// sealedAs sends a bundle; the hash of its manifest stands in a header.
func sealedAs(name string, sealed evidence.Sealed) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", zipMedia)
		ctx.SetHeader("Content-Disposition", `attachment; filename="`+name+`.zip"`)
		ctx.SetHeader("Manifest-SHA256", sealed.SHA256)
		_, _ = ctx.BodyWriter().Write(sealed.ZIP)
	}}
}

func (h *handlers) caseEvidence(ctx context.Context, in *evidenceIn) (*huma.StreamResponse, error) {
	sealed, err := h.Reports.Evidence(h.Cases).Case(ctx, in.Number, in.by)
	if err != nil {
		return nil, err
	}
	return sealedAs("evidence", sealed), nil
}

func (h *handlers) auditPackage(ctx context.Context, in *packageIn) (*huma.StreamResponse, error) {
	from, err := parseDate("from", in.From)
	if err != nil {
		return nil, err
	}
	to, err := parseDate("to", in.To)
	if err != nil {
		return nil, err
	}
	if in.From == "" && in.To == "" {
		to = h.Reports.Work().Today()
		to = to.AddDate(0, 0, -to.Day())
		from = to.AddDate(0, 0, 1-to.Day())
	}
	sealed, err := h.Reports.Packages(h.Reports.Evidence(h.Cases), h.Billing).Package(ctx, reports.Package{
		By: in.by, Entity: in.Entity, From: from, To: to, Seed: in.Seed, Samples: in.Samples,
	})
	if err != nil {
		return nil, err
	}
	return sealedAs("audit-package", sealed), nil
}
