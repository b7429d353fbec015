package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"makegood/internal/reports"
)

// AuditEvent is a recorded event.
type AuditEvent struct {
	ID        int64          `json:"id"`
	Stream    string         `json:"stream" doc:"the chain it is in: case:ID, books:ID, admin or inbox"`
	Seq       int64          `json:"seq" doc:"its place in the chain"`
	At        time.Time      `json:"at"`
	ActorKind string         `json:"actor_kind" enum:"person,system,customer"`
	ActorID   int64          `json:"actor_id,omitempty"`
	Actor     string         `json:"actor"`
	What      string         `json:"what"`
	Case      string         `json:"case,omitempty" doc:"number of the case"`
	Entity    string         `json:"entity,omitempty" doc:"code of the legal entity whose books it is about"`
	RequestID string         `json:"request_id,omitempty"`
	Data      map[string]any `json:"data"`
}

type auditIn struct {
	Signed
	Paging
	In     string    `query:"in" doc:"number of a case, code of a legal entity, admin or inbox; everywhere without it"`
	What   string    `query:"what" doc:"an event, credit_memo.posted, or its first word with a point, credit_memo."`
	Actor  string    `query:"actor" doc:"part of a name"`
	Before time.Time `query:"before" doc:"begin under this moment"`
}

func (h *handlers) audit(api huma.API) {
	add(h, api, operation[auditIn, listOut[AuditEvent]]{at(http.MethodGet, "/audit", "list-audit-events", "Recorded events, the newest first. A page looks through 20,000 rows: it may be empty and have a next one", "audit"), h.listAudit})
}

func (h *handlers) listAudit(ctx context.Context, in *auditIn) (*listOut[AuditEvent], error) {
	page, err := h.Reports.AuditLog(ctx, reports.AuditQuery{By: in.by, In: in.In, What: in.What, ActorName: in.Actor, Before: in.Before, After: in.Cursor, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &listOut[AuditEvent]{Body: list[AuditEvent]{Items: []AuditEvent{}, NextCursor: page.Next}}
	for _, r := range page.Rows {
		out.Body.Items = append(out.Body.Items, AuditEvent{
			ID: r.ID, Stream: r.Stream, Seq: r.Seq, At: r.At, ActorKind: r.ActorKind, ActorID: r.ActorID, Actor: r.ActorName, What: r.What, Case: r.CaseNumber,
			Entity: r.Entity, RequestID: r.RequestID, Data: r.Data,
		})
	}
	return out, nil
}
