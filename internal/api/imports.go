package api

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/billing/importer/table"
	"makegood/internal/errs"
)

// Import is one file that is or was brought in.
type Import struct {
	ID           int64            `json:"id"`
	Entity       string           `json:"entity" doc:"code of the legal entity"`
	System       string           `json:"system" doc:"where the records come from; they are known again by it"`
	Kind         string           `json:"kind"`
	File         string           `json:"file"`
	State        string           `json:"state" enum:"reading,planned,running,waiting,approved,done,failed,discarded"`
	AllOrNothing bool             `json:"all_or_nothing"`
	Rows         int64            `json:"rows" doc:"rows read"`
	Done         int64            `json:"done" doc:"records that came in"`
	Counts       map[string]int64 `json:"counts,omitempty" doc:"records by what became of them; not in lists"`
	Failure      *ImportReason    `json:"failure,omitempty"`
	CreatedBy    string           `json:"created_by,omitempty"`
	CreatedAt    time.Time        `json:"created_at"`
	Signatures   int              `json:"signatures,omitempty" doc:"given so far, where its credits take several"`
	ApprovedBy   string           `json:"approved_by,omitempty"`
	ApprovedAt   *time.Time       `json:"approved_at,omitempty"`
	FinishedAt   *time.Time       `json:"finished_at,omitempty"`
}

// ImportReason says why a record was not taken.
type ImportReason struct {
	Row      int    `json:"row,omitempty" doc:"as a spreadsheet counts"`
	Column   string `json:"column,omitempty"`
	Field    string `json:"field,omitempty"`
	Key      string `json:"key"`
	Reason   string `json:"reason" doc:"the key as a sentence"`
	Got      string `json:"got,omitempty"`
	Expected string `json:"expected,omitempty"`
}

// ImportRow is a record of a file, or a row that became none.
type ImportRow struct {
	Position int64          `json:"position"`
	Rows     []int          `json:"rows"`
	Kind     string         `json:"kind"`
	External string         `json:"external_id,omitempty" doc:"its name in the source"`
	State    string         `json:"state"`
	Document string         `json:"document,omitempty" doc:"number of what it became"`
	Invoice  string         `json:"invoice,omitempty" doc:"of a credit, the invoice it stands on"`
	Reasons  []ImportReason `json:"reasons,omitempty"`
}

// ImportMapping says how columns are read. What it leaves open is remembered from the last file of the system, or guessed.
type ImportMapping struct {
	Preset       string            `json:"preset,omitempty"`
	Columns      map[string]string `json:"columns,omitempty" doc:"field to name of column"`
	Defaults     map[string]string `json:"defaults,omitempty" doc:"field to what stands in for it"`
	DateOrder    string            `json:"date_order,omitempty" enum:"DD.MM.YYYY,MM/DD/YYYY,YYYY-MM-DD,unix,"`
	DecimalMark  string            `json:"decimal_mark,omitempty" enum:".,\\,,"`
	CreditPrefix string            `json:"credit_prefix,omitempty" doc:"numbers that begin with it are credit notes"`
	Sheet        string            `json:"sheet,omitempty"`
}

type importOut struct{ Body Import }

type importIn struct {
	Signed
	Body struct {
		Entity       string        `json:"entity" doc:"code of the legal entity"`
		System       string        `json:"system" minLength:"1"`
		Kind         string        `json:"kind" enum:"customers,invoices,payments,credit_notes,open_balances,rates,stripe"`
		File         string        `json:"file" doc:"name of the file"`
		Content      []byte        `json:"content" doc:"the file, in base64"`
		Mapping      ImportMapping `json:"mapping,omitzero" required:"false"`
		AllOrNothing bool          `json:"all_or_nothing,omitempty"`
		Remember     bool          `json:"remember,omitempty" doc:"keep the mapping for the next file of this system"`
	}
}

type importsIn struct {
	Signed
	Paging
}

// ImportRef names an import.
type ImportRef struct {
	Signed
	ID int64 `path:"id"`
}

type importRowsIn struct {
	ImportRef
	Paging
	State string `query:"state" doc:"new, unchanged, conflict, rejected, left, failed, waiting, approved or done"`
}

type refuseImportIn struct {
	ImportRef
	Body struct {
		Reason string `json:"reason"`
	}
}

func (h *handlers) imports(api huma.API) {
	const tag = "imports"
	add(h, api, operation[importsIn, listOut[Import]]{at(http.MethodGet, "/imports", "list-imports", "List imports, newest first", tag), h.listImports})
	add(h, api, operation[importIn, importOut]{created("/imports", "create-import", "Read a file without bringing anything in: a dry run", tag), h.createImport})
	add(h, api, operation[ImportRef, importOut]{at(http.MethodGet, "/imports/{id}", "get-import", "Read where an import stands", tag), h.getImport})
	add(h, api, operation[importRowsIn, listOut[ImportRow]]{at(http.MethodGet, "/imports/{id}/rows", "list-import-rows", "List its records with what became of them", tag), h.importRows})
	add(h, api, operation[ImportRef, huma.StreamResponse]{at(http.MethodGet, "/imports/{id}/rejected", "import-rejected", "What was not taken, as CSV with the reasons", tag), h.importRejected})
	add(h, api, operation[ImportRef, importOut]{at(http.MethodPost, "/imports/{id}/start", "start-import", "Bring it in", tag), h.startImport})
	add(h, api, operation[ImportRef, importOut]{at(http.MethodPost, "/imports/{id}/discard", "discard-import", "Drop it before anything came in", tag), h.discardImport})
	add(h, api, operation[ImportRef, importOut]{at(http.MethodPost, "/imports/{id}/approve", "approve-import", "Sign its credits off, as somebody else whose level reaches to what each customer family gets", tag), h.approveImport})
	add(h, api, operation[refuseImportIn, importOut]{at(http.MethodPost, "/imports/{id}/refuse", "refuse-import", "Leave its credits out for good", tag), h.refuseImport})
}

func (h *handlers) importOf(b billing.ImportBatch, codes map[billing.EntityID]string) Import {
	out := Import{
		ID: int64(b.ID), Entity: codes[b.EntityID], System: b.System, Kind: string(b.Kind), File: b.Filename, State: string(b.State),
		AllOrNothing: b.AllOrNothing, Rows: b.RowsRead, Done: b.DoneRows, CreatedBy: b.CreatedName, CreatedAt: b.CreatedAt,
		Signatures: len(b.Signers), ApprovedBy: b.ApprovedName, ApprovedAt: b.ApprovedAt, FinishedAt: b.FinishedAt,
	}
	if b.Failure != nil {
		reason := h.reasonOf(*b.Failure)
		out.Failure = &reason
	}
	return out
}

func (h *handlers) reasonOf(r billing.ImportReason) ImportReason {
	return ImportReason{Row: r.Row, Column: r.Column, Field: r.Field, Key: r.Key, Reason: h.sentence(r.Key, r.Params), Got: r.Got, Expected: r.Expected}
}

func (h *handlers) entityCodes(ctx context.Context) (map[billing.EntityID]string, error) {
	list, err := h.Billing.Entities(ctx)
	codes := make(map[billing.EntityID]string, len(list))
	for _, e := range list {
		codes[e.ID] = e.Code
	}
	return codes, err
}

func (h *handlers) listImports(ctx context.Context, in *importsIn) (*listOut[Import], error) {
	page, err := h.Billing.Imports(ctx, in.by, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	codes, err := h.entityCodes(ctx)
	if err != nil {
		return nil, err
	}
	return pageOf(page, func(b billing.ImportBatch) Import { return h.importOf(b, codes) }), nil
}

// imported is an import with its counts, as it stands now.
func (h *handlers) imported(ctx context.Context, by Signed, id billing.ImportID) (*importOut, error) {
	b, err := h.Billing.Import(ctx, by.by, id)
	if err != nil {
		return nil, err
	}
	codes, err := h.entityCodes(ctx)
	if err != nil {
		return nil, err
	}
	counts, err := h.Billing.ImportCounts(ctx, by.by, id)
	if err != nil {
		return nil, err
	}
	out := h.importOf(b, codes)
	out.Counts = make(map[string]int64, len(counts))
	for state, n := range counts {
		out.Counts[string(state)] = n
	}
	return &importOut{Body: out}, nil
}

func (h *handlers) getImport(ctx context.Context, in *ImportRef) (*importOut, error) {
	return h.imported(ctx, in.Signed, billing.ImportID(in.ID))
}

func (h *handlers) createImport(ctx context.Context, in *importIn) (*importOut, error) {
	codes, err := h.entityCodes(ctx)
	if err != nil {
		return nil, err
	}
	n := billing.NewImport{
		System: in.Body.System, Kind: importer.Kind(in.Body.Kind), Filename: in.Body.File, Options: in.Body.Mapping.options(),
		AllOrNothing: in.Body.AllOrNothing, Remember: in.Body.Remember, By: in.by,
	}
	for id, code := range codes {
		if code == in.Body.Entity && in.by.SeesEntity(int64(id)) {
			n.EntityID = id
		}
	}
	if n.EntityID == 0 {
		return nil, errs.InvalidField("entity", billing.ErrNoEntity.Key)
	}
	b, err := h.Billing.StageImport(ctx, n, bytes.NewReader(in.Body.Content))
	if err != nil {
		return nil, err
	}
	return h.imported(ctx, in.Signed, b.ID)
}

func (m ImportMapping) options() importer.Options {
	o := importer.Options{Table: table.Options{Sheet: m.Sheet}, Mapping: importer.Mapping{
		Preset: m.Preset, DateOrder: importer.DateOrder(m.DateOrder), DecimalMark: m.DecimalMark, CreditPrefix: m.CreditPrefix,
		Columns: map[importer.Field]string{}, Defaults: map[importer.Field]string{},
	}}
	for field, column := range m.Columns {
		o.Mapping.Columns[importer.Field(field)] = column
	}
	for field, value := range m.Defaults {
		o.Mapping.Defaults[importer.Field(field)] = value
	}
	return o
}
