package api

import (
	"bytes"
	"context"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/internal/errs"
	"makegood/internal/i18n"
)

func (h *handlers) sentence(key string, params errs.Params) string {
	return h.Words.Fill(i18n.Fallback, key, params)
}

func (h *handlers) importRows(ctx context.Context, in *importRowsIn) (*listOut[ImportRow], error) {
	f := billing.ImportRowFilter{After: in.Cursor, Limit: in.Limit}
	if in.State != "" {
		f.States = []string{in.State}
	}
	page, err := h.Billing.ImportRows(ctx, in.by, billing.ImportID(in.ID), f)
	if err != nil {
		return nil, err
	}
	return pageOf(page, h.importRowOf), nil
}

func (h *handlers) importRowOf(r billing.ImportRow) ImportRow {
	out := ImportRow{Position: r.Position, Rows: r.Rows, Kind: string(r.Kind), External: r.ExternalID, State: string(r.State), Document: r.DocumentNumber}
	if r.Adjustment != nil {
		out.Invoice = r.Adjustment.InvoiceNumber
	}
	for _, reason := range r.Reasons {
		out.Reasons = append(out.Reasons, h.reasonOf(reason))
	}
	return out
}

func (h *handlers) importRejected(ctx context.Context, in *ImportRef) (*huma.StreamResponse, error) {
	var body bytes.Buffer
	if err := h.Billing.WriteRejectedRows(ctx, in.by, billing.ImportID(in.ID), &body, h.sentence); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "text/csv; charset=utf-8")
		_, _ = body.WriteTo(ctx.BodyWriter())
	}}, nil
}

func (h *handlers) startImport(ctx context.Context, in *ImportRef) (*importOut, error) {
	if err := h.Billing.StartImport(ctx, billing.ImportID(in.ID), in.by); err != nil {
		return nil, err
	}
	return h.getImport(ctx, in)
}

func (h *handlers) discardImport(ctx context.Context, in *ImportRef) (*importOut, error) {
	if err := h.Billing.DiscardImport(ctx, billing.ImportID(in.ID), in.by); err != nil {
		return nil, err
	}
	return h.getImport(ctx, in)
}

func (h *handlers) approveImport(ctx context.Context, in *ImportRef) (*importOut, error) {
	if err := h.Billing.ApproveImport(ctx, billing.ImportID(in.ID), in.by); err != nil {
		return nil, err
	}
	return h.getImport(ctx, in)
}

func (h *handlers) refuseImport(ctx context.Context, in *refuseImportIn) (*importOut, error) {
	if err := h.Billing.RefuseImport(ctx, billing.ImportID(in.ID), in.Body.Reason, in.by); err != nil {
		return nil, err
	}
	return h.getImport(ctx, &in.ImportRef)
}
