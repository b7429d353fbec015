package cases

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// CasePoint is a point of the checklist of one case. One that is not Listed was done before the case got another type.
type CasePoint struct {
	Code     string
	Position int
	Text     string
	Hint     string
	Required bool
	Listed   bool
	DoneAt   *time.Time
	DoneBy   *int64
	DoneName string
	Version  int
}

// Done tells whether somebody has ticked it.
func (p CasePoint) Done() bool { return p.DoneAt != nil }

const pointColumns = `code, position, text, hint, required, listed, done_at, done_by, done_name, version`

// PointsQuery reads the checklist of the case $1: what is asked for in its order, then what was done before it got another type.
const PointsQuery = `select ` + pointColumns + ` from case_points where case_id = $1 order by listed desc, position, code`

// Points reads the checklist of a case. The caller has asked for the case.
func (s *Service) Points(ctx context.Context, r db.Reader, id ID) ([]CasePoint, error) {
	list, err := db.List[CasePoint](ctx, r, PointsQuery, id)
	if err != nil {
		return nil, fmt.Errorf("read checklist of case: %w", err)
	}
	return list, nil
}

// TickInput ticks a point of a case's checklist, or takes the tick off again. Version is that of the point as it was read; that of the
// case may be left out, since other points and other changes contradict nothing.
type TickInput struct {
	On

	Code  string
	Point int // its version
	Done  bool
}

// TickPoint says that a point is done, or is not after all, with who says so and when. A version that is not the present one is refused
// with what the other did (ErrPointMoved). A point that is not listed any more goes with its tick.
func (s *Service) TickPoint(ctx context.Context, in TickInput) (Case, error) {
	return s.command(ctx, in.On, false, func(w *work) error {
		if !w.c.Status.Active() {
			return errs.New(ErrClosed.Kind, ErrClosed.Key, "number", w.c.Number)
		}
		p, err := db.One[CasePoint](ctx, w.tx, `select `+pointColumns+` from case_points where case_id = $1 and code = $2`, w.c.ID, in.Code)
		if errors.Is(err, db.ErrNoRow) {
			return ErrNoPoint
		}
		if err != nil {
			return fmt.Errorf("read point: %w", err)
		}
		if p.Version != in.Point {
			return p.moved()
		}
		if p.Done() == in.Done {
			return nil
		}
		w.quiet = true // nobody's form is less right for it
		if err := w.tick(ctx, p, in.Done); err != nil {
			return err
		}
		return w.countPoints(ctx)
	})
}

// tick writes what became of a point.
func (w *work) tick(ctx context.Context, p CasePoint, done bool) error {
	what, query, args := "checklist.ticked", `update case_points set done_at = $3, done_by = $4, done_name = $5, version = version + 1 where case_id = $1 and code = $2`,
		[]any{w.c.ID, p.Code, w.tx.Now(), w.by.UserID, w.by.Name}
	if !done {
		what, query, args = "checklist.unticked", `update case_points set done_at = null, done_by = null, done_name = '', version = version + 1 where case_id = $1 and code = $2`, args[:2]
		if !p.Listed {
			query = `delete from case_points where case_id = $1 and code = $2`
		}
	}
	if _, err := w.tx.Exec(ctx, query, args...); err != nil {
		return fmt.Errorf("tick point: %w", err)
	}
	w.note(what, map[string]any{"code": p.Code, "point": p.Text, "required": p.Required})
	return nil
}

// moved says what somebody else made of the point meanwhile.
func (p CasePoint) moved() error {
	if !p.Done() {
		return errs.New(ErrPointMoved.Kind, "checklist.point_open_again", "point", p.Text)
	}
	return errs.New(ErrPointMoved.Kind, ErrPointMoved.Key, "point", p.Text, "by", p.DoneName, "at", p.DoneAt.UTC().Format(time.RFC3339))
}

// countPoints brings in what the database has counted.
func (w *work) countPoints(ctx context.Context) error {
	n, err := db.Value[int](ctx, w.tx, `select undone_points from cases where id = $1`, w.c.ID)
	if err != nil {
		return fmt.Errorf("count points: %w", err)
	}
	w.c.UndonePoints = n
	return nil
}

// copyPoints gives the case $1 the version $3 of the checklist of the type $2, as give_checklist of the database gives new cases theirs. What
// is done stays done, in the words it was ticked in.
const copyPoints = `insert into case_points as p (case_id, code, position, text, hint, required, case_type, list)
	select $1, e.point->>'code', e.place, e.point->>'text', coalesce(e.point->>'hint', ''), (e.point->>'required')::boolean, k.case_type, k.number
		from checklists k cross join lateral jsonb_array_elements(k.points) with ordinality e (point, place)
		where k.case_type = $2 and k.number = $3
	on conflict (case_id, code) do update set position = excluded.position, required = excluded.required, listed = true, case_type = excluded.case_type,
		list = excluded.list, version = p.version + 1, text = case when p.done_at is null then excluded.text else p.text end,
		hint = case when p.done_at is null then excluded.hint else p.hint end`

// followType gives a case that got another type the checklist of that. One that is over keeps the list it has, until it is open again.
func (w *work) followType(ctx context.Context) error {
	other, active, was := w.c.Type != w.was.Type, w.c.Status.Active(), w.was.Status.Active()
	if !active && !other || active && was && !other {
		return nil
	}
	if !active || !was {
		n, err := w.tx.Exec(ctx, `update cases set list_owed = not $2 where id = $1 and (list_owed or not $2)`, w.c.ID, active)
		if err != nil {
			return fmt.Errorf("note what checklist is owed: %w", err)
		}
		if !active || n == 0 && !other {
			return nil
		}
	}
	list, err := checklistInForce(ctx, w.tx, w.c.Type)
	if err != nil {
		return err
	}
	codes := make([]string, len(list.Points))
	for i, p := range list.Points {
		codes[i] = p.Code
	}
	gone, err := w.tx.Exec(ctx, `delete from case_points where case_id = $1 and done_at is null and not code = any ($2)`, w.c.ID, codes)
	if err != nil {
		return fmt.Errorf("take points off: %w", err)
	}
	kept, err := w.tx.Exec(ctx, `update case_points set listed = false, version = version + 1 where case_id = $1 and listed and not code = any ($2)`, w.c.ID, codes)
	if err != nil {
		return fmt.Errorf("keep done points: %w", err)
	}
	if gone+kept == 0 && len(codes) == 0 {
		return nil
	}
	if _, err := w.tx.Exec(ctx, copyPoints, w.c.ID, w.c.Type, list.Number); err != nil {
		return fmt.Errorf("copy checklist: %w", err)
	}
	w.note("checklist.changed", map[string]any{"type": w.c.Type, "list": list.Number, "points": codes, "kept": kept})
	return w.countPoints(ctx)
}

// undone names the required points that nobody has ticked, "" without one.
func (w *work) undone(ctx context.Context) (string, error) {
	if w.c.UndonePoints == 0 {
		return "", nil
	}
	of, err := undoneOf(ctx, w.tx, []ID{w.c.ID})
	return of[w.c.ID], err
}

// undoneOf is undone for several cases.
func undoneOf(ctx context.Context, r db.Reader, ids []ID) (map[ID]string, error) {
	list, err := db.List[struct {
		CaseID ID
		Texts  string
	}](ctx, r, `select case_id, string_agg(text, '; ' order by position) as texts from case_points
		where case_id = any ($1) and listed and required and done_at is null group by case_id`, ids)
	if err != nil {
		return nil, fmt.Errorf("read undone points: %w", err)
	}
	of := make(map[ID]string, len(list))
	for _, one := range list {
		of[one.CaseID] = one.Texts
	}
	return of, nil
}
