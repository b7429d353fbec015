package cases

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/internal/access"
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
	tx.Publish(fmt.Sprintf("user:%d", n.UserID))
	return nil
}

// Notices lists what a person was told, the latest first.
func (s *Service) Notices(ctx context.Context, userID int64, unreadOnly bool, limit int) ([]Notice, error) {
	return db.List[Notice](ctx, s.db, `select id, user_id, case_id, key, params, urgent, created_at, read_at, acknowledged_at from notices
		where user_id = $1 and (not $2 or read_at is null) order by id desc limit $3`, userID, unreadOnly, limit)
}

// AcknowledgeNotice says that the actor took notice. An escalation so acknowledged stops climbing until the breach.
func (s *Service) AcknowledgeNotice(ctx context.Context, in NoticeInput) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		_, err := db.Value[int64](ctx, tx, `update notices set read_at = coalesce(read_at, $3), acknowledged_at = coalesce(acknowledged_at, $3)
			where id = $1 and user_id = $2 returning id`, in.ID, in.By.UserID, tx.Now())
		if errors.Is(err, db.ErrNoRow) {
			return ErrNoNotice
		}
		tx.Publish(fmt.Sprintf("user:%d", in.By.UserID))
		return err
	})
}

// ReadNotices marks everything the actor was told as read.
func (s *Service) ReadNotices(ctx context.Context, by access.Actor) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update notices set read_at = $2 where user_id = $1 and read_at is null`, by.UserID, tx.Now())
		tx.Publish(fmt.Sprintf("user:%d", by.UserID))
		return err
	})
}
