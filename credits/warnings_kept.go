package credits

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/internal/access"
	"makegood/internal/db"
)

// WarningStage is when a rule spoke.
type WarningStage string

// The stages.
const (
	atSubmission WarningStage = "submitted"
	atSignature  WarningStage = "signed"
)

// Raised is a warning as it was kept with its request.
type Raised struct {
	Warning

	ID              int64
	CreditRequestID ID
	ContentVersion  int
	Stage           WarningStage
	RaisedAt        time.Time
	LookedBy        *int64
	LookedByName    string
	LookedAt        *time.Time
	LookNote        string
}

// keepWarningsTx keeps what the rules said about what a request asks for now.
func keepWarningsTx(ctx context.Context, tx *db.Tx, req Request, version int, stage WarningStage, list []Warning) error {
	if len(list) == 0 {
		return nil
	}
	var batch pgx.Batch
	for _, w := range list {
		behind := w.Behind
		if behind == nil {
			behind = []Behind{}
		}
		batch.Queue(`insert into credit_warnings (credit_request_id, content_version, stage, rule, key, params, behind, more, policy_version, requester_id, customer_id,
				entity_id, raised_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, nullif($11::bigint, 0), $12, $13)`,
			req.ID, req.ContentVersion, stage, w.Rule, w.Key, w.Params, behind, w.More, version, req.RequesterID, req.CustomerID, req.EntityID, tx.Now())
	}
	if err := tx.Batch(ctx, &batch); err != nil {
		return fmt.Errorf("keep warnings: %w", err)
	}
	return nil
}

const raisedColumns = `w.id, w.credit_request_id, w.content_version, w.stage, w.rule, w.key, w.params, w.behind, w.more, w.raised_at, w.looked_by,
	coalesce(l.name, '') as looked_by_name, w.looked_at, w.look_note`

// raisedOf reads what was noticed about what a request asks for now. A draft's, and those of a request older than these
// rows, have no rows behind them.
func raisedOf(ctx context.Context, r db.Reader, req Request) ([]Raised, error) {
	list, err := db.List[Raised](ctx, r, `select `+raisedColumns+` from credit_warnings w left join users l on l.id = w.looked_by
		where w.credit_request_id = $1 and w.content_version = $2 order by w.id`, req.ID, req.ContentVersion)
	if err != nil {
		return nil, fmt.Errorf("read warnings: %w", err)
	}
	if slices.ContainsFunc(list, func(w Raised) bool { return w.Stage == atSubmission }) {
		return list, nil
	}
	var older []Raised
	for _, w := range req.Warnings {
		older = append(older, Raised{Warning: w, CreditRequestID: req.ID, ContentVersion: req.ContentVersion, Stage: atSubmission, RaisedAt: req.CreatedAt})
	}
	return append(older, list...), nil
}

// signedAtNightTx keeps that the last signature was given outside working hours: what it posts is made then.
func (s *Service) signedAtNightTx(ctx context.Context, tx *db.Tx, ro roster, req Request, by access.Actor) error {
	zone, err := db.Value[string](ctx, tx, `select time_zone from legal_entities where id = $1`, req.EntityID)
	if err != nil {
		return fmt.Errorf("read zone of %d: %w", req.EntityID, err)
	}
	version := ro.factsOf(req).PolicyVersion
	limits := ro.thresholds(version)
	at, outside := outsideHours(limits, zone, tx.Now())
	if !outside {
		return nil
	}
	w := warning(OutsideHours, nil, "name", by.Name, "at", at, "from", limits.WorkFrom, "until", limits.WorkUntil)
	w.Key = "credits.warning.signed_outside_hours"
	return keepWarningsTx(ctx, tx, req, version, atSignature, []Warning{w})
}
