package cases

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
)

// NotifyTx tells a person something, on screen at once.
func (s *Service) NotifyTx(ctx context.Context, tx *db.Tx, n Notice) error {
	return insertNotice(ctx, tx, n)
}

func queueNotices(b *batch, now time.Time, list []Notice) {
	rows := make([][]any, len(list))
	for i, n := range list {
		if n.Params == nil {
			n.Params = map[string]string{}
		}
		rows[i] = []any{n.UserID, n.CaseID, n.Key, n.Params, n.Urgent, now}
	}
	db.QueueRows(b, db.Table{Name: "notices", Columns: []string{"user_id bigint", "case_id bigint", "key text", "params jsonb", "urgent boolean", "created_at timestamptz"}}, rows)
}

func insertNotice(ctx context.Context, tx *db.Tx, n Notice) error {
	if err := runBatch(ctx, tx, func(b *batch) { queueNotices(b, tx.Now(), []Notice{n}) }); err != nil {
		return fmt.Errorf("insert notice: %w", err)
	}
	tx.Publish(userTopic(n.UserID))
	return nil
}

// AcknowledgeNotice says that the actor took notice, in person: an assistant does not do it for them. An escalation so acknowledged stops
// climbing until the breach, and the case keeps who it was. Once more changes nothing.
func (s *Service) AcknowledgeNotice(ctx context.Context, in NoticeInput) error {
	if in.By.Assistant {
		return access.ErrForbidden
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		n, err := db.One[acknowledged](ctx, tx, `with mine as materialized (select id, acknowledged_at from notices where id = $1 and user_id = $2 for update)
			update notices n set read_at = coalesce(n.read_at, $3), acknowledged_at = coalesce(n.acknowledged_at, $3) from mine
			where n.id = mine.id returning n.case_id, n.params, mine.acknowledged_at is null as first`, in.ID, in.By.UserID, tx.Now())
		if errors.Is(err, db.ErrNoRow) {
			return ErrNoNotice
		}
		if err != nil {
			return fmt.Errorf("acknowledge notice: %w", err)
		}
		tx.Did("notice.acknowledged " + strconv.FormatInt(in.ID, 10))
		tx.Publish(userTopic(in.By.UserID))
		if n.CaseID == nil || !n.First || n.Params["rung"] == "" {
			return nil
		}
		tx.Publish("case:" + strconv.FormatInt(int64(*n.CaseID), 10))
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Case(int64(*n.CaseID)), By: in.By, What: "clock.acknowledged", Data: map[string]any{
			"clock": n.Params["clock"], "threshold": n.Params["threshold"], "rung": n.Params["rung"], "notice": in.ID,
		}})
	})
}

// acknowledged is a notice as AcknowledgeNotice found it.
type acknowledged struct {
	CaseID *ID
	Params map[string]string
	First  bool
}

// ReadNotices marks what the actor was told as read: those named, or all of them where none is. Nothing of it is mailed any more.
func (s *Service) ReadNotices(ctx context.Context, by access.Actor, only ...int64) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `update notices set read_at = $2 where user_id = $1 and read_at is null and (coalesce(cardinality($3::bigint[]), 0) = 0 or id = any ($3))`, by.UserID, tx.Now(), only)
		if err != nil {
			return fmt.Errorf("mark notices as read: %w", err)
		}
		tx.Did("notices.read")
		if n > 0 {
			tx.Publish(userTopic(by.UserID))
		}
		return nil
	})
}
