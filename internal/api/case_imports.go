package api

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/cases/helpdesk"
	"makegood/internal/errs"
)

// CaseImport is files of another helpdesk that are or were brought in.
type CaseImport struct {
	ID           int64           `json:"id"`
	Entity       string          `json:"entity" doc:"code of the legal entity"`
	Format       string          `json:"format" enum:"salesforce,intercom"`
	System       string          `json:"system" doc:"the installation the cases come from; they are known again by it and their number"`
	File         string          `json:"file"`
	State        string          `json:"state" enum:"planned,running,done,failed,discarded"`
	AllOrNothing bool            `json:"all_or_nothing"`
	Counts       helpdesk.Counts `json:"counts" doc:"of cases, by what is to become or became of them"`
	Failure      *ImportReason   `json:"failure,omitempty"`
	CreatedBy    string          `json:"created_by,omitempty"`
	CreatedAt    time.Time       `json:"created_at"`
	FinishedAt   *time.Time      `json:"finished_at,omitempty"`
}

type caseImportOut struct{ Body CaseImport }

// CaseImportFile is a file of the other helpdesk.
type CaseImportFile struct {
	Name    string `json:"name" minLength:"1" maxLength:"200"`
	Content []byte `json:"content" doc:"the file, in base64"`
}

type caseImportIn struct {
	Signed
	Body struct {
		Entity       string           `json:"entity" doc:"code of the legal entity"`
		Format       string           `json:"format" enum:"salesforce,intercom"`
		System       string           `json:"system,omitempty" maxLength:"60" doc:"only where there are several installations of it"`
		DateOrder    string           `json:"date_order,omitempty" enum:"DD.MM.YYYY,MM/DD/YYYY," doc:"of days written with figures alone, where the file does not say"`
		AllOrNothing bool             `json:"all_or_nothing,omitempty"`
		Files        []CaseImportFile `json:"files" minItems:"1" maxItems:"20"`
	}
}

func (h *handlers) caseImports(api huma.API) {
	const tag = "case imports"
	add(h, api, operation[Signed, listOut[CaseImport]]{at(http.MethodGet, "/case-imports", "list-case-imports", "List imports of cases of other helpdesks, newest first", tag), h.listCaseImports})
	add(h, api, operation[caseImportIn, caseImportOut]{created("/case-imports", "create-case-import", "Read files of another helpdesk without bringing anything in: a dry run", tag), h.createCaseImport})
	add(h, api, operation[ImportRef, caseImportOut]{at(http.MethodGet, "/case-imports/{id}", "get-case-import", "Read where one stands", tag), h.getCaseImport})
	add(h, api, operation[ImportRef, huma.StreamResponse]{at(http.MethodGet, "/case-imports/{id}/rejected", "case-import-rejected", "What was not taken, as CSV with the reasons", tag), h.caseImportRejected})
	add(h, api, operation[ImportRef, caseImportOut]{at(http.MethodPost, "/case-imports/{id}/start", "start-case-import", "Bring it in", tag), h.startCaseImport})
	add(h, api, operation[ImportRef, caseImportOut]{at(http.MethodPost, "/case-imports/{id}/discard", "discard-case-import", "Drop it before anything came in", tag), h.discardCaseImport})
}

func (h *handlers) caseImportOf(imp helpdesk.Import, codes map[billing.EntityID]string) CaseImport {
	out := CaseImport{
		ID: int64(imp.ID), Entity: codes[imp.EntityID], Format: string(imp.Format), System: imp.System, File: imp.Filename, State: string(imp.State),
		AllOrNothing: imp.AllOrNothing, Counts: imp.Counts, CreatedBy: imp.CreatedName, CreatedAt: imp.CreatedAt, FinishedAt: imp.FinishedAt,
	}
	if imp.Failure != nil {
		out.Failure = &ImportReason{Key: imp.Failure.Key, Reason: h.sentence(imp.Failure.Key, imp.Failure.Params)}
	}
	return out
}

func (h *handlers) listCaseImports(ctx context.Context, in *Signed) (*listOut[CaseImport], error) {
	found, err := h.Helpdesk.Imports(ctx, in.by, 200)
	if err != nil {
		return nil, err
	}
	codes, err := h.entityCodes(ctx)
	if err != nil {
		return nil, err
	}
	out := &listOut[CaseImport]{Body: list[CaseImport]{Items: []CaseImport{}}}
	for _, imp := range found {
		out.Body.Items = append(out.Body.Items, h.caseImportOf(imp, codes))
	}
	return out, nil
}

func (h *handlers) createCaseImport(ctx context.Context, in *caseImportIn) (*caseImportOut, error) {
	codes, err := h.entityCodes(ctx)
	if err != nil {
		return nil, err
	}
	n := helpdesk.Input{
		Format: helpdesk.Format(in.Body.Format), System: in.Body.System, DateOrder: in.Body.DateOrder, AllOrNothing: in.Body.AllOrNothing, By: in.by,
	}
	for id, code := range codes {
		if code == in.Body.Entity && in.by.SeesEntity(int64(id)) {
			n.EntityID = id
		}
	}
	if n.EntityID == 0 {
		return nil, errs.InvalidField("entity", billing.ErrNoEntity.Key)
	}
	var files []helpdesk.Given
	for _, f := range in.Body.Files {
		files = append(files, helpdesk.Given{Name: f.Name, Content: f.Content})
	}
	imp, err := h.Helpdesk.Give(ctx, n, files)
	if err != nil {
		return nil, err
	}
	return &caseImportOut{Body: h.caseImportOf(imp, codes)}, nil
}

func (h *handlers) getCaseImport(ctx context.Context, in *ImportRef) (*caseImportOut, error) {
	imp, err := h.Helpdesk.Import(ctx, in.by, helpdesk.ImportID(in.ID))
	if err != nil {
		return nil, err
	}
	codes, err := h.entityCodes(ctx)
	if err != nil {
		return nil, err
	}
	return &caseImportOut{Body: h.caseImportOf(imp, codes)}, nil
}

func (h *handlers) caseImportRejected(ctx context.Context, in *ImportRef) (*huma.StreamResponse, error) {
	list, err := h.Helpdesk.AllRefusals(ctx, in.by, helpdesk.ImportID(in.ID))
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	if err := helpdesk.WriteRefused(&body, list, h.sentence); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "text/csv; charset=utf-8")
		_, _ = body.WriteTo(ctx.BodyWriter())
	}}, nil
}

func (h *handlers) startCaseImport(ctx context.Context, in *ImportRef) (*caseImportOut, error) {
	if err := h.Helpdesk.Start(ctx, helpdesk.ImportID(in.ID), in.by); err != nil {
		return nil, err
	}
	return h.getCaseImport(ctx, in)
}

func (h *handlers) discardCaseImport(ctx context.Context, in *ImportRef) (*caseImportOut, error) {
	if err := h.Helpdesk.Discard(ctx, helpdesk.ImportID(in.ID), in.by); err != nil {
		return nil, err
	}
	return h.getCaseImport(ctx, in)
}
