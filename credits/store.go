package credits

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// ended tells whether nothing can happen to a request any more.
func (r Request) ended() bool {
	switch r.State {
	case Posted, Rejected, Withdrawn, Expired:
		return true
	case Draft, Pending, Returned, Approved, Failed:
	}
	return false
}

// stream is where a request's events go: to its case, or to the books of its entity when it has none.
func (r Request) stream() audit.Stream {
	if r.CaseID != nil {
		return audit.Case(int64(*r.CaseID))
	}
	return audit.Books(int64(r.EntityID))
}

func (r Request) topics() []string {
	topics := []string{"approvals", "queue", "board"}
	if r.CaseID != nil {
		topics = append(topics, r.CaseID.Topic())
	}
	return append(topics, userTopic(r.RequesterID))
}

func userTopic(id int64) string { return "user:" + strconv.FormatInt(id, 10) }

// lockTx locks the case of a request, then the request, once the actor may do this there.
func (s *Service) lockTx(ctx context.Context, tx *db.Tx, id ID, by access.Actor, do access.Action) (Request, error) {
	if err := access.Can(by, do, access.Object{}); err != nil {
		return Request{}, err
	}
	head, err := oneRequest(ctx, tx, `where id = $1`, id)
	if err != nil {
		return Request{}, err
	}
	if err := access.Can(by, do, access.Object{EntityID: int64(head.EntityID)}); err != nil {
		return Request{}, err
	}
	if head.CaseID != nil {
		if _, err := s.cases.LockTx(ctx, tx, *head.CaseID); err != nil {
			return Request{}, err
		}
	}
	return oneRequest(ctx, tx, `where id = $1 for no key update`, id)
}

// requestColumns are those of a request in a list, r; what it concerns none of, or several, is 0.
const requestColumns = `r.id, r.number, r.case_id, r.kind, r.authority_kind, coalesce(r.customer_id, 0) as customer_id, coalesce(r.family_id, 0) as family_id,
	r.entity_id, coalesce(r.invoice_id, 0) as invoice_id, r.currency, r.reason_code, r.root_cause_id, r.explanation, r.customer_note, r.net, r.tax, r.total,
	r.authority_amount, r.authority_rate, r.window_amount, r.state, r.content_version, r.digest, r.own_limit, r.warnings, r.requester_id, r.created_at,
	r.submitted_at, r.approved_at, r.ended_at, r.approval_id, r.memo_id, r.failure, r.failure_params, r.idempotency_key, r.version, r.rounding, r.content,
	r.proposal, r.document_kind, r.document_id, r.document_number, r.expires_at, r.returned_until, r.editor_ids, r.by_assistant,
	(select s.seal from credit_request_seals s where s.credit_request_id = r.id and s.content_version = r.content_version) as seal`

func oneRequest(ctx context.Context, r db.Reader, where string, args ...any) (Request, error) {
	req, err := db.One[Request](ctx, r, `select `+requestColumns+` from credit_requests r `+where, args...)
	if errors.Is(err, db.ErrNoRow) {
		return Request{}, ErrNoRequest
	}
	if err != nil {
		return Request{}, fmt.Errorf("read request: %w", err)
	}
	return req, nil
}

func linesOf(ctx context.Context, r db.Reader, id ID) ([]Line, error) {
	list, err := db.List[Line](ctx, r, `select * from credit_request_lines where credit_request_id = $1 order by invoice_line_id`, id)
	if err != nil {
		return nil, fmt.Errorf("read lines: %w", err)
	}
	return list, nil
}

func taxesOf(ctx context.Context, r db.Reader, id ID) ([]Tax, error) {
	list, err := db.List[Tax](ctx, r, `select * from credit_request_taxes where credit_request_id = $1 order by invoice_tax_id`, id)
	if err != nil {
		return nil, fmt.Errorf("read taxes: %w", err)
	}
	return list, nil
}

// nextID takes an id ahead of the row, since the digest is over it.
func nextID(ctx context.Context, tx *db.Tx) (ID, error) {
	id, err := db.Value[ID](ctx, tx, `select nextval(pg_get_serial_sequence('credit_requests', 'id'))`)
	if err != nil {
		return 0, fmt.Errorf("take request id: %w", err)
	}
	return id, nil
}

// moveRequest writes what changes after submission. The row is locked.
func moveRequest(ctx context.Context, tx *db.Tx, req *Request) error {
	if req.FailureParams == nil {
		req.FailureParams = map[string]string{}
	}
	n, err := tx.Exec(ctx, `update credit_requests set state = $3, approved_at = $4, ended_at = $5, approval_id = $6, memo_id = $7, failure = $8,
			failure_params = $9, own_limit = $10, document_kind = $11, document_id = $12, document_number = $13, returned_until = $14,
			version = version + 1 where id = $1 and version = $2`,
		req.ID, req.Version, req.State, req.ApprovedAt, req.EndedAt, req.ApprovalID, req.MemoID, req.Failure, req.FailureParams, req.OwnLimit,
		req.DocumentKind, req.DocumentID, req.DocumentNumber, req.ReturnedUntil)
	if err == nil && n != 1 {
		err = ErrChanged
	}
	if err != nil {
		return fmt.Errorf("move request: %w", err)
	}
	req.Version++
	return nil
}

// markTx records a change of state once: on the case when there is one, otherwise in the entity's books.
func (s *Service) markTx(ctx context.Context, tx *db.Tx, req Request, state cases.CreditState, by access.Actor, more map[string]any) error {
	data := req.eventData(more)
	tx.Publish(req.topics()...)
	if req.CaseID != nil {
		return s.cases.MarkCreditTx(ctx, tx, *req.CaseID, cases.CreditMark{Request: int64(req.ID), State: state, Data: data}, by)
	}
	data["request"] = req.ID
	return audit.RecordTx(ctx, tx, audit.Event{Stream: req.stream(), By: by, What: "credit." + string(state), Data: data})
}

// eventData is what an event says about a request, with what is special about it.
func (r Request) eventData(more map[string]any) map[string]any {
	data := map[string]any{"number": r.Number, "kind": r.Kind, "total": r.Total.String(), "currency": r.Currency, "invoice_id": r.InvoiceID}
	maps.Copy(data, more)
	return data
}

// notice tells somebody of a request, on the case it has.
func (r Request) notice(key string, user int64) cases.Notice {
	return cases.Notice{
		UserID: user, CaseID: r.CaseID, Key: key, Params: map[string]string{
			"request": r.Number, "amount": r.Amount(r.Total).String(), "path": "/approvals/" + strconv.FormatInt(int64(r.ID), 10),
		},
	}
}

// tellTx leaves a notice of a request, which tells of its case where it has one.
func (s *Service) tellTx(ctx context.Context, tx *db.Tx, req Request, key string, users ...int64) error {
	for _, user := range users {
		if err := s.cases.NotifyTx(ctx, tx, req.notice(key, user)); err != nil {
			return err
		}
	}
	return nil
}

func trimmed(text string) string { return strings.TrimSpace(text) }
