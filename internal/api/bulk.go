package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/errs"
)

// BulkAsked is the same done to many cases: to those of numbers, or without any to all that view and query find.
type BulkAsked struct {
	Numbers []string `json:"numbers,omitempty" maxItems:"10000" doc:"case numbers"`
	View    string   `json:"view,omitempty" doc:"a standing view of the queue: mine, watched, covering, closing, all_open, unassigned, triage, breached, due_60, waiting_customer, waiting_approver, at_risk, follow_ups, snoozed or resolved; without it every case. Another name is refused." example:"all_open"`
	Query   string   `json:"query,omitempty" doc:"what narrows the view, as it is typed in the queue" example:"waiting:upstream disputed:>1000"`
	Action  string   `json:"action" enum:"assign,status,tag,untag,root_cause,macro"`
	Value   string   `json:"value,omitempty" doc:"assign: a user id, empty for nobody; status: open, resolved or waiting:customer; tag and untag: the tag; root_cause and macro: its id"`
}

type bulkIn struct {
	Signed
	Body BulkAsked
}

type startBulkIn struct {
	Signed
	Body struct {
		BulkAsked
		Digest string `json:"digest,omitempty" doc:"that of the preview; when the run would be another one it is refused with 409"`
	}
}

func (b BulkAsked) input(by access.Actor) cases.BulkInput {
	return cases.BulkInput{
		By: by, Numbers: b.Numbers, Filter: cases.Filter{View: cases.View(b.View), Query: b.Query}, Action: cases.BulkAction(b.Action), Value: b.Value,
	}
}

// BulkForeseen is what would happen. Refusals names the first of those that would be left as they are.
type BulkForeseen struct {
	Total    int          `json:"total"`
	Refused  int          `json:"refused"`
	Refusals []BulkResult `json:"refusals"`
	Digest   string       `json:"digest" doc:"names what would be done to which cases; give it back to start just that"`
}

type bulkForeseenOut struct{ Body BulkForeseen }

// BulkRun is how far something done to many cases is.
type BulkRun struct {
	ID         int64      `json:"id"`
	Action     string     `json:"action"`
	Value      string     `json:"value"`
	Total      int        `json:"total"`
	Done       int        `json:"done"`
	Refused    int        `json:"refused"`
	Restored   int        `json:"restored" doc:"cases brought back to what they were"`
	BegunAt    time.Time  `json:"begun_at"`
	FinishedAt *time.Time `json:"finished_at,omitempty"`
	UndoneAt   *time.Time `json:"undone_at,omitempty" doc:"when it was taken back; that is work too and goes on after this"`
	UndoUntil  *time.Time `json:"undo_until,omitempty"`
}

type bulkRunOut struct{ Body BulkRun }

// BulkResult is what became of one case.
type BulkResult struct {
	Number string            `json:"number"`
	State  string            `json:"state" enum:"to_do,done,refused,undone,kept" doc:"kept: not undone because somebody has changed the case since"`
	Reason string            `json:"reason,omitempty" doc:"message key"`
	Detail string            `json:"detail,omitempty" doc:"the reason as a sentence"`
	Params map[string]string `json:"params,omitempty"`
}

// BulkRef names a run of the caller's own.
type BulkRef struct {
	Signed
	ID int64 `path:"id"`
}

type bulkResultsIn struct {
	BulkRef
	Paging
	State string `query:"state" enum:"to_do,done,refused,undone,kept" doc:"only these"`
}

func (h *handlers) bulk(api huma.API) {
	const tag = "cases"
	add(h, api, operation[bulkIn, bulkForeseenOut]{at(http.MethodPost, "/bulk-runs/preview", "preview-bulk", "See what the same done to many cases would do", tag), h.previewBulk})
	add(h, api, operation[startBulkIn, bulkRunOut]{created("/bulk-runs", "start-bulk", "Do the same to many cases, as a job", tag), h.startBulk})
	add(h, api, operation[Signed, listOut[BulkRun]]{at(http.MethodGet, "/bulk-runs", "list-bulk-runs", "Your latest runs", tag), h.bulkRuns})
	add(h, api, operation[BulkRef, bulkRunOut]{at(http.MethodGet, "/bulk-runs/{id}", "get-bulk-run", "How far a run is", tag), h.bulkRun})
	add(h, api, operation[bulkResultsIn, listOut[BulkResult]]{at(http.MethodGet, "/bulk-runs/{id}/results", "list-bulk-results", "What became of each case", tag), h.bulkResults})
	add(h, api, operation[BulkRef, bulkRunOut]{at(http.MethodPost, "/bulk-runs/{id}/stop", "stop-bulk", "End a run that is under way: what is done stays and can be undone", tag), h.stopBulk})
	add(h, api, operation[BulkRef, bulkRunOut]{at(http.MethodPost, "/bulk-runs/{id}/undo", "undo-bulk", "Take a run back within ten minutes of its end, as a job", tag), h.undoBulk})
}

func (h *handlers) previewBulk(ctx context.Context, in *bulkIn) (*bulkForeseenOut, error) {
	p, err := h.Cases.PreviewBulk(ctx, in.Body.input(in.by))
	if err != nil {
		return nil, err
	}
	out := &bulkForeseenOut{Body: BulkForeseen{Total: p.Total, Refused: p.Refused, Refusals: []BulkResult{}, Digest: p.Digest}}
	for _, r := range p.Refusals {
		out.Body.Refusals = append(out.Body.Refusals, h.bulkResult(cases.BulkResult{Number: r.Number, State: "refused", Reason: r.Reason, Params: r.Params}))
	}
	return out, nil
}

func (h *handlers) stopBulk(ctx context.Context, in *BulkRef) (*bulkRunOut, error) {
	run, err := h.Cases.StopBulk(ctx, cases.BulkID(in.ID), in.by)
	return &bulkRunOut{Body: bulkRunOf(run)}, err
}

func (h *handlers) startBulk(ctx context.Context, in *startBulkIn) (*bulkRunOut, error) {
	input := in.Body.input(in.by)
	input.Foreseen = in.Body.Digest
	run, err := h.Cases.StartBulk(ctx, input)
	return &bulkRunOut{Body: bulkRunOf(run)}, err
}

func (h *handlers) bulkRuns(ctx context.Context, in *Signed) (*listOut[BulkRun], error) {
	list, err := h.Cases.BulkRuns(ctx, in.by, 50)
	out := &listOut[BulkRun]{}
	out.Body.Items = []BulkRun{}
	for _, run := range list {
		out.Body.Items = append(out.Body.Items, bulkRunOf(run))
	}
	return out, err
}

func (h *handlers) bulkRun(ctx context.Context, in *BulkRef) (*bulkRunOut, error) {
	run, err := h.Cases.Bulk(ctx, cases.BulkID(in.ID), in.by)
	return &bulkRunOut{Body: bulkRunOf(run)}, err
}

func (h *handlers) undoBulk(ctx context.Context, in *BulkRef) (*bulkRunOut, error) {
	run, err := h.Cases.UndoBulk(ctx, cases.BulkID(in.ID), in.by)
	return &bulkRunOut{Body: bulkRunOf(run)}, err
}

func (h *handlers) bulkResults(ctx context.Context, in *bulkResultsIn) (*listOut[BulkResult], error) {
	page := cases.BulkPage{Run: cases.BulkID(in.ID), States: []string{"to_do", "done", "refused", "undone", "kept"}, Limit: in.Limit + 1}
	if in.State != "" {
		page.States = []string{in.State}
	}
	if in.Cursor != "" {
		after, err := strconv.ParseInt(in.Cursor, 10, 64)
		if err != nil {
			return nil, errs.InvalidField("cursor", "case.bad_cursor")
		}
		page.After = cases.ID(after)
	}
	list, err := h.Cases.BulkResults(ctx, in.by, page)
	out := &listOut[BulkResult]{}
	out.Body.Items = []BulkResult{}
	if len(list) > in.Limit {
		list = list[:in.Limit]
		out.Body.NextCursor = strconv.FormatInt(int64(list[in.Limit-1].CaseID), 10)
	}
	for _, r := range list {
		out.Body.Items = append(out.Body.Items, h.bulkResult(r))
	}
	return out, err
}

func (h *handlers) bulkResult(r cases.BulkResult) BulkResult {
	out := BulkResult{Number: r.Number, State: r.State, Reason: r.Reason, Params: r.Params}
	if r.Reason != "" {
		out.Detail = h.Words.Fill("en", r.Reason, r.Params)
	}
	return out
}

func bulkRunOf(run cases.BulkRun) BulkRun {
	out := BulkRun{
		ID: int64(run.ID), Action: string(run.Action), Value: run.Value, Total: run.Total, Done: run.Done, Refused: run.Refused, Restored: run.Restored,
		BegunAt: run.BegunAt, FinishedAt: run.FinishedAt, UndoneAt: run.UndoneAt,
	}
	if run.FinishedAt != nil && run.UndoneAt == nil {
		out.UndoUntil = new(run.FinishedAt.Add(cases.BulkUndo))
	}
	return out
}
