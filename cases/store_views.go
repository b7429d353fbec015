package cases

import (
	"context"
	"errors"
	"fmt"

	"makegood/internal/db"
	"makegood/internal/errs"
)

const viewColumns = `v.id, v.owner_id, u.name as owner_name, v.name, v.shared, v.within, v.query, v.sort, v.created_at, v.version`

func viewByID(ctx context.Context, r db.Reader, id ViewID) (SavedView, error) {
	v, err := db.One[SavedView](ctx, r, `select `+viewColumns+` from queue_views v join users u on u.id = v.owner_id where v.id = $1 for update of v`, id)
	if errors.Is(err, db.ErrNoRow) {
		return SavedView{}, ErrNoView
	}
	if err != nil {
		return SavedView{}, fmt.Errorf("read view: %w", err)
	}
	return v, nil
}

func listViews(ctx context.Context, r db.Reader, owner int64) ([]SavedView, error) {
	list, err := db.List[SavedView](ctx, r, `select `+viewColumns+` from queue_views v join users u on u.id = v.owner_id
		where v.owner_id = $1 or v.shared order by v.owner_id = $1 desc, lower(v.name), v.id limit $2`, owner, shownViews)
	if err != nil {
		return nil, fmt.Errorf("list views: %w", err)
	}
	return list, nil
}

func addView(ctx context.Context, tx *db.Tx, in SaveViewInput) (SavedView, error) {
	id, err := db.Value[ViewID](ctx, tx, `insert into queue_views (owner_id, name, shared, within, query, sort, created_at)
		select $1, $2, $3, $4, $5, $6, $7 where (select count(*) from queue_views where owner_id = $1) < $8 returning id`,
		in.By.UserID, in.Name, in.Shared, in.Within, in.Query, in.Sort, tx.Now(), maxViews)
	if errors.Is(err, db.ErrNoRow) {
		return SavedView{}, errs.New(errs.Conflict, "view.too_many")
	}
	if err != nil {
		return SavedView{}, fmt.Errorf("keep view: %w", err)
	}
	return viewByID(ctx, tx, id)
}

func changeView(ctx context.Context, tx *db.Tx, in SaveViewInput) (SavedView, error) {
	if _, err := tx.Exec(ctx, `update queue_views set name = $2, shared = $3, within = $4, query = $5, sort = $6, version = version + 1 where id = $1`,
		in.ID, in.Name, in.Shared, in.Within, in.Query, in.Sort); err != nil {
		return SavedView{}, fmt.Errorf("change view: %w", err)
	}
	return viewByID(ctx, tx, in.ID)
}
