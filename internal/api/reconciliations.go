package api

import (
	"bytes"
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/billing/reconcile"
	"makegood/billing/reconciling"
	"makegood/internal/money"
)

// Reconciliation is one comparison of a file with the books.
type Reconciliation struct {
	ID         int64            `json:"id"`
	Entity     string           `json:"entity" doc:"code of the legal entity"`
	Source     string           `json:"source" example:"netsuite"`
	Kind       string           `json:"kind" enum:"invoices,credit_notes,payments,stripe"`
	Filename   string           `json:"filename"`
	SHA256     string           `json:"sha256"`
	Attempt    int              `json:"attempt"`
	From       string           `json:"from,omitempty"`
	To         string           `json:"to,omitempty"`
	State      string           `json:"state" enum:"waiting,reading,comparing,done,failed"`
	Failure    string           `json:"failure,omitempty" doc:"why the file could not be compared"`
	RowsRead   int64            `json:"rows_read"`
	RowsLeft   int64            `json:"rows_left" doc:"rightly left out, such as drafts"`
	Unreadable int64            `json:"unreadable"`
	Here       int64            `json:"here" doc:"documents of ours that took part"`
	There      int64            `json:"there"`
	Matched    int64            `json:"matched" doc:"pairs that agree in everything"`
	MatchedBy  map[string]int64 `json:"matched_by,omitempty"`
	Open       *int             `json:"open,omitempty" doc:"differences that nobody has explained or made a case of"`
	Proven     bool             `json:"proven" doc:"both roll-forwards add up and the differences explain the gap to the cent"`
	CreatedBy  string           `json:"created_by"`
	CreatedAt  time.Time        `json:"created_at"`
	FinishedAt *time.Time       `json:"finished_at,omitempty"`
	Counts     []FindingCount   `json:"counts,omitempty"`
	Proofs     []RollForward    `json:"proofs,omitempty"`
}

// FindingCount is how many findings of a class stand how.
type FindingCount struct {
	Class      string `json:"class"`
	Resolution string `json:"resolution"`
	Count      int    `json:"count"`
}

// RollForward shows for one currency how both receivables went from opening to closing, and why they differ.
type RollForward struct {
	Currency    string            `json:"currency"`
	Here        Movement          `json:"here"`
	There       Movement          `json:"there"`
	Stated      bool              `json:"stated" doc:"the other side said what its receivable was"`
	Gap         string            `json:"gap"`
	OpeningGap  string            `json:"opening_gap"`
	Explained   map[string]string `json:"explained" doc:"by class of difference"`
	Unexplained string            `json:"unexplained"`
	Proven      bool              `json:"proven"`
}

// Movement is how a receivable went from opening to closing: decimals in the currency of the roll-forward.
type Movement struct {
	Opening   string `json:"opening"`
	Invoices  string `json:"invoices"`
	Credits   string `json:"credits"`
	Payments  string `json:"payments"`
	Refunds   string `json:"refunds"`
	WriteOffs string `json:"write_offs"`
	Other     string `json:"other"`
	Closing   string `json:"closing"`
	Stated    string `json:"stated" doc:"closing by the side's own ledger"`
}

// ReconciliationRef names a reconciliation.
type ReconciliationRef struct {
	Signed
	ID int64 `path:"id"`
}

type reconciliationOut struct{ Body Reconciliation }

type reconciliationListIn struct {
	Signed
	Paging
	Entity string `query:"entity" doc:"code of the legal entity"`
}

// NewReconciliation is a file to compare with the books.
type NewReconciliation struct {
	Entity      string            `json:"entity" doc:"code of the legal entity"`
	Source      string            `json:"source,omitempty" doc:"the other system; stripe for Stripe's objects" example:"netsuite"`
	Kind        string            `json:"kind" enum:"invoices,credit_notes,payments,stripe"`
	Filename    string            `json:"filename"`
	Content     []byte            `json:"content" doc:"the CSV, XLSX or JSON file, in base64; 24 MB at most"`
	From        string            `json:"from,omitempty" doc:"first day compared; without it the whole months that the file reaches over"`
	To          string            `json:"to,omitempty"`
	Preset      string            `json:"preset,omitempty" doc:"whose export it is" example:"netsuite"`
	Columns     map[string]string `json:"columns,omitempty" doc:"the file's column of a field, where it is not found"`
	Defaults    map[string]string `json:"defaults,omitempty" doc:"value of a field without a column"`
	DateOrder   string            `json:"date_order,omitempty"`
	DecimalMark string            `json:"decimal_mark,omitempty"`
	Covers      []string          `json:"covers,omitempty" enum:"invoice,credit_memo,payment,refund" doc:"what the file gives whole; without it what its kind says and what is in it"`
	DaysApart   *int              `json:"days_apart,omitempty" minimum:"0" maximum:"60" doc:"how far apart documents without a number in common may be dated; 5 without it"`
	TimingDays  *int              `json:"timing_days,omitempty" minimum:"0" maximum:"60" doc:"how near to an end of the period a difference is one of timing; 3 without it"`
	MemosWait   string            `json:"memos_wait,omitempty" enum:"here,there" doc:"the system that applies a credit memo only after its invoice was paid"`
	Opening     []Money           `json:"opening,omitempty" doc:"the receivable that the other side states where the period begins"`
	Closing     []Money           `json:"closing,omitempty" doc:"and where it ends"`
}

type newReconciliationIn struct {
	Signed
	Body NewReconciliation
}

func (h *handlers) reconciliations(api huma.API) {
	const tag = "reconciliations"
	start := created("/reconciliations", "start-reconciliation", "Compare a file with the books; the same file again is the same reconciliation", tag)
	start.MaxBodyBytes = 36 << 20
	add(h, api, operation[newReconciliationIn, reconciliationOut]{start, h.startReconciliation})
	add(h, api, operation[reconciliationListIn, listOut[Reconciliation]]{at(http.MethodGet, "/reconciliations", "list-reconciliations", "List reconciliations, newest first", tag), h.listReconciliations})
	add(h, api, operation[ReconciliationRef, reconciliationOut]{at(http.MethodGet, "/reconciliations/{id}", "get-reconciliation", "Read a reconciliation with its counts and proof", tag), h.getReconciliation})
	add(h, api, operation[ReconciliationRef, reconciliationOut]{created("/reconciliations/{id}/again", "repeat-reconciliation", "Compare the same file once more", tag), h.repeatReconciliation})
	h.findings(api)
}

func (h *handlers) startReconciliation(ctx context.Context, in *newReconciliationIn) (*reconciliationOut, error) {
	e, err := h.entity(ctx, in.Signed, in.Body.Entity)
	if err != nil {
		return nil, err
	}
	n, err := in.Body.run()
	if err != nil {
		return nil, err
	}
	n.By, n.EntityID = in.by, e.ID
	run, _, err := h.Reconciling.Start(ctx, n, bytes.NewReader(in.Body.Content))
	if err != nil {
		return nil, err
	}
	return &reconciliationOut{Body: h.reconciliationOf(run, e.Code)}, nil
}

// run reads what is to be compared; errors name the field.
func (b NewReconciliation) run() (reconciling.NewRun, error) {
	n := reconciling.NewRun{Source: b.Source, Kind: importer.Kind(b.Kind), Filename: b.Filename, Settings: reconciling.Settings{
		DaysApart: reconciling.DefaultDaysApart, TimingDays: reconciling.DefaultTimingDays, MemosWait: reconcile.System(b.MemosWait),
		Mapping: importer.Mapping{
			Preset: b.Preset, Columns: fields(b.Columns), Defaults: fields(b.Defaults), DateOrder: importer.DateOrder(b.DateOrder), DecimalMark: b.DecimalMark,
		},
	}}
	if b.DaysApart != nil {
		n.DaysApart = *b.DaysApart
	}
	if b.TimingDays != nil {
		n.TimingDays = *b.TimingDays
	}
	for _, kind := range b.Covers {
		n.Covers = append(n.Covers, reconcile.Kind(kind))
	}
	var err error
	if n.From, err = parseDate("from", b.From); err != nil {
		return n, err
	}
	if n.To, err = parseDate("to", b.To); err != nil {
		return n, err
	}
	if n.TheirOpening, err = sums("opening", b.Opening); err != nil {
		return n, err
	}
	n.TheirClosing, err = sums("closing", b.Closing)
	return n, err
}

func fields(named map[string]string) map[importer.Field]string {
	if len(named) == 0 {
		return nil
	}
	out := make(map[importer.Field]string, len(named))
	for field, value := range named {
		out[importer.Field(field)] = value
	}
	return out
}

func sums(field string, list []Money) ([]reconciling.Sum, error) {
	var out []reconciling.Sum
	for _, m := range list {
		a, err := m.parse(field)
		if err != nil {
			return nil, err
		}
		out = append(out, reconciling.Sum{Amount: a.Decimal(), Currency: a.Currency()})
	}
	return out, nil
}

func (h *handlers) reconciliationOf(r reconciling.Run, entity string) Reconciliation {
	out := Reconciliation{
		ID: int64(r.ID), Entity: entity, Source: r.Source, Kind: string(r.Kind), Filename: r.Filename, SHA256: hex.EncodeToString(r.SHA256), Attempt: r.Attempt,
		State: string(r.State), RowsRead: r.RowsRead, RowsLeft: r.RowsLeft, Unreadable: r.Unreadable, Here: r.Ours, There: r.Theirs, Matched: r.Matched,
		Proven: r.Proven, CreatedBy: r.CreatedName, CreatedAt: r.CreatedAt, FinishedAt: r.FinishedAt,
	}
	if r.PeriodFrom != nil && r.PeriodTo != nil {
		out.From, out.To = dateOf(*r.PeriodFrom), dateOf(*r.PeriodTo)
	}
	if r.Failure != nil {
		out.Failure = h.say(r.Failure)
	}
	for key, n := range r.MatchedBy {
		if out.MatchedBy == nil {
			out.MatchedBy = map[string]int64{}
		}
		out.MatchedBy[string(key)] = n
	}
	return out
}

// say is a kept reason as a sentence.
func (h *handlers) say(reason *billing.ImportReason) string {
	return h.Words.Fill("en", reason.Key, reason.Params)
}

func (h *handlers) listReconciliations(ctx context.Context, in *reconciliationListIn) (*listOut[Reconciliation], error) {
	f := reconciling.Filter{After: in.Cursor, Limit: in.Limit}
	if in.Entity != "" {
		e, err := h.entity(ctx, in.Signed, in.Entity)
		if err != nil {
			return nil, err
		}
		f.EntityIDs = []billing.EntityID{e.ID}
	}
	page, err := h.Reconciling.Runs(ctx, in.by, f)
	if err != nil {
		return nil, err
	}
	out := &listOut[Reconciliation]{Body: list[Reconciliation]{Items: []Reconciliation{}, NextCursor: page.Next}}
	for _, row := range page.Rows {
		one := h.reconciliationOf(row.Run, row.Entity)
		one.Open = new(int(row.Open))
		out.Body.Items = append(out.Body.Items, one)
	}
	return out, nil
}

func (h *handlers) getReconciliation(ctx context.Context, in *ReconciliationRef) (*reconciliationOut, error) {
	run, err := h.Reconciling.Run(ctx, in.by, reconciling.ID(in.ID))
	if err != nil {
		return nil, err
	}
	return h.wholeReconciliation(ctx, in.Signed, run)
}

func (h *handlers) wholeReconciliation(ctx context.Context, s Signed, run reconciling.Run) (*reconciliationOut, error) {
	e, err := h.Billing.EntityByID(ctx, h.Reports.Reader(), run.EntityID)
	if err != nil {
		return nil, err
	}
	counts, err := h.Reconciling.Counts(ctx, s.by, run.ID)
	if err != nil {
		return nil, err
	}
	proofs, err := h.Reconciling.Proofs(ctx, s.by, run.ID)
	if err != nil {
		return nil, err
	}
	out := &reconciliationOut{Body: h.reconciliationOf(run, e.Code)}
	out.Body.Open = new(reconciling.Unexplained(counts))
	for _, c := range counts {
		out.Body.Counts = append(out.Body.Counts, FindingCount{string(c.Class), string(c.Resolution), c.Count})
	}
	for _, p := range proofs {
		out.Body.Proofs = append(out.Body.Proofs, rollForwardOf(p))
	}
	return out, nil
}

func rollForwardOf(p reconciling.Proof) RollForward {
	digits := p.Currency.Digits()
	movement := func(m reconcile.Movement) Movement {
		return Movement{
			m.Opening.StringFixed(digits), m.Invoices.StringFixed(digits), m.Credits.StringFixed(digits), m.Payments.StringFixed(digits), m.Refunds.StringFixed(digits),
			m.WriteOffs.StringFixed(digits), m.Other.StringFixed(digits), m.Closing.StringFixed(digits), m.Stated.StringFixed(digits),
		}
	}
	out := RollForward{
		Currency: string(p.Currency), Here: movement(p.Here), There: movement(p.There), Stated: p.Stated, Gap: p.Gap.StringFixed(digits),
		OpeningGap: p.OpeningGap.StringFixed(digits), Explained: map[string]string{}, Unexplained: p.Unexplained.StringFixed(digits), Proven: p.Proven,
	}
	for class, amount := range p.Explained {
		out.Explained[string(class)] = amount.StringFixed(digits)
	}
	return out
}

func (h *handlers) repeatReconciliation(ctx context.Context, in *ReconciliationRef) (*reconciliationOut, error) {
	run, err := h.Reconciling.Again(ctx, reconciling.ID(in.ID), in.by)
	if err != nil {
		return nil, err
	}
	return h.wholeReconciliation(ctx, in.Signed, run)
}

func sumOf(s reconciling.Sum) Money { return moneyOf(money.Of(s.Amount, s.Currency)) }
