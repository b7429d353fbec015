package cases

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// WorkBulk does what a run asks for, or undoes it once its owner took it back.
type WorkBulk struct {
	ID BulkID `json:"id"`
}

// Kind names the job.
func (WorkBulk) Kind() string { return "cases.work_bulk" }

// Takes is how long ten thousand cases may take.
func (WorkBulk) Takes() time.Duration { return 15 * time.Minute }

// bulkBefore is what a case was before a run changed it.
type bulkBefore struct {
	Assignee  *int64    `json:"assignee,omitempty"`
	Team      *int64    `json:"team,omitempty"`
	Status    Status    `json:"status,omitempty"`
	WaitingOn WaitingOn `json:"waiting_on,omitempty"`
	RootCause *int64    `json:"root_cause,omitempty"`
	// UnansweredSince is what resolving the case forgot.
	UnansweredSince *time.Time `json:"unanswered_since,omitempty"`

	Changed bool `json:"changed,omitempty"` // the tag was not there before, or was

	// What a macro did: the reply it wrote, the tags it put on, and whether it moved the case without a reply.
	Reply MessageID `json:"reply,omitempty"`
	Tags  []string  `json:"tags,omitempty"`
	Moved bool      `json:"moved,omitempty"`

	followUpBefore
}

type bulkRow struct {
	CaseID  ID
	State   string
	Before  bulkBefore
	Version int
}

const bulkAtOnce = 100

// workBulk goes through the cases that are left, each in a transaction of its own together with its result: cut off, it goes on
// where it was.
func (s *Service) workBulk(ctx context.Context, job WorkBulk) error {
	for {
		run, err := bulkByID(ctx, s.db, job.ID, ``)
		if err != nil {
			return err
		}
		state := "to_do"
		if run.UndoneAt != nil {
			state = "done"
		}
		ids, err := db.Values[ID](ctx, s.db, `select case_id from bulk_rows where run_id = $1 and state = $2 order by case_id limit $3`, job.ID, state, bulkAtOnce)
		if err != nil {
			return fmt.Errorf("find what is left of bulk: %w", err)
		}
		by, err := s.bulkActor(ctx, run)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := s.bulkOne(ctx, run, by, id, state); err != nil {
				return err
			}
		}
		if len(ids) < bulkAtOnce {
			return s.endBulk(ctx, run)
		}
	}
}

// endBulk ends a run, or its undoing. What it wrote to customers leaves once the run can be taken back no more; what is left of that after it was
// taken back, at once.
func (s *Service) endBulk(ctx context.Context, run BulkRun) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		tx.Publish(run.ID.Topic())
		if run.UndoneAt != nil {
			return s.holdReplies(ctx, tx, run, tx.Now())
		}
		ended, err := tx.Exec(ctx, `update bulk_runs set finished_at = $2 where id = $1 and finished_at is null`, run.ID, tx.Now())
		if err != nil || ended == 0 {
			return err // it was at its end before
		}
		return s.holdReplies(ctx, tx, run, tx.Now().Add(BulkUndo))
	})
}

// bulkActor is the owner as they are now, within what the token was for that asked for the run or for its undoing: a right lost meanwhile
// is lost for the rest.
func (s *Service) bulkActor(ctx context.Context, run BulkRun) (access.Actor, error) {
	who, err := colleagueByID(ctx, s.db, run.OwnerID)
	if err != nil {
		return access.Actor{}, err
	}
	if !who.Active {
		return access.Actor{Kind: access.Person}, nil
	}
	return access.Actor{
		Kind: access.Person, UserID: who.ID, Name: who.Name, Roles: who.roles(), EntityIDs: who.EntityIDs, Scopes: run.Scopes, Assistant: run.Assistant,
	}, nil
}

func (s *Service) bulkOne(ctx context.Context, run BulkRun, by access.Actor, id ID, state string) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		row, err := db.One[bulkRow](ctx, tx, `select case_id, state, before, version from bulk_rows where run_id = $1 and case_id = $2 for update`, run.ID, id)
		if err != nil || row.State != state {
			return err // worked by another meanwhile
		}
		row.State = "done"
		if state == "done" {
			row.State = "undone"
		}
		refused := tx.Savepoint(ctx, func(tx *db.Tx) error {
			if err := access.Can(by, access.WorkCases, access.Object{}); err != nil {
				return err
			}
			c, err := s.commandTx(ctx, tx, On{By: by, ID: id}, false, func(w *work) error {
				if state == "to_do" {
					return s.bulkDo(ctx, w, run, &row.Before)
				}
				if w.c.Version != row.Version {
					return errBulkKept
				}
				return s.bulkUndo(ctx, w, run, row.Before)
			})
			row.Version = c.Version
			return err
		})
		return keepBulkRow(ctx, tx, run.ID, row, refused)
	})
}

var errBulkKept = errs.New(errs.Conflict, "bulk.kept")

// keepBulkRow writes what became of a case and counts it. What passes by itself ends the job, which is tried again; a fault of ours
// is kept with its case, so that the others go on.
func keepBulkRow(ctx context.Context, tx *db.Tx, id BulkID, row bulkRow, refused error) error {
	var why errs.Error
	if refused != nil {
		e := (*errs.Error)(nil)
		switch kind := errs.KindOf(refused); {
		case kind == errs.Unavailable, db.PassesByItself(refused):
			return refused
		case kind == errs.Internal, !errors.As(refused, &e):
			e = errs.New(errs.Internal, "error.internal")
		}
		why = firstOf(e)
		if row.State == "undone" {
			row.State = "kept"
		} else {
			row.State, row.Version = "refused", 0
		}
	}
	params := why.Params
	if params == nil {
		params = errs.Params{}
	}
	if _, err := tx.Exec(ctx, `update bulk_rows set state = $3, reason = $4, params = $5, before = $6, version = $7 where run_id = $1 and case_id = $2`,
		id, row.CaseID, row.State, why.Key, params, row.Before, row.Version); err != nil {
		return fmt.Errorf("keep bulk result: %w", err)
	}
	_, err := tx.Exec(ctx, `update bulk_runs set done = done + $2, refused = refused + $3, restored = restored + $4 where id = $1`,
		id, oneIf(row.State == "done"), oneIf(row.State == "refused"), oneIf(row.State == "undone"))
	tx.Publish(id.Topic())
	return err
}

// firstOf is the reason itself: of wrong fields, the first.
func firstOf(e *errs.Error) errs.Error {
	if len(e.Fields) > 0 {
		return errs.Error{Kind: e.Kind, Key: e.Fields[0].Key, Params: e.Fields[0].Params}
	}
	return *e
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// bulkDo does what the run asks for to one case, and writes down what it was.
func (s *Service) bulkDo(ctx context.Context, w *work, run BulkRun, before *bulkBefore) error {
	*before = bulkBefore{
		Assignee: w.c.AssigneeID, Team: w.c.TeamID, Status: w.c.Status, WaitingOn: w.c.WaitingOn, RootCause: w.c.RootCauseID, UnansweredSince: w.c.UnansweredSince,
		followUpBefore: followUpBefore{w.c.FollowUpAt, w.c.FollowUpNote, w.c.FollowUpDue},
	}
	switch run.Action {
	case BulkAssign:
		if !w.c.Status.Active() {
			return errs.New(ErrClosed.Kind, ErrClosed.Key, "number", w.c.Number)
		}
		return s.bulkGive(ctx, w, numberOrNil(run.Value), w.c.TeamID)
	case BulkStatus:
		to, on, _ := statusOf(run.Value)
		if to == w.c.Status && on == w.c.WaitingOn {
			return nil
		}
		if to == StatusResolved {
			return s.resolve(ctx, w, "", nil)
		}
		return w.move(to, on, nil)
	case BulkTag, BulkUntag:
		var err error
		before.Changed, err = w.tag(ctx, run.Value, run.Action == BulkTag)
		return err
	case BulkRootCause:
		return w.blame(ctx, numberOrNil(run.Value))
	case BulkMacro:
		return s.bulkMacro(ctx, w, run, before)
	}
	return errs.InvalidField("action", "bulk.unknown_action")
}

// bulkUndo brings one case back to what it was before.
func (s *Service) bulkUndo(ctx context.Context, w *work, run BulkRun, before bulkBefore) error {
	switch run.Action {
	case BulkAssign:
		return s.bulkBack(ctx, w, before)
	case BulkStatus:
		if w.c.Status == before.Status && w.c.WaitingOn == before.WaitingOn {
			return nil
		}
		return s.bulkStatusBack(ctx, w, before)
	case BulkTag, BulkUntag:
		if !before.Changed {
			return nil
		}
		_, err := w.tag(ctx, run.Value, run.Action == BulkUntag)
		return err
	case BulkRootCause:
		return w.blame(ctx, before.RootCause)
	case BulkMacro:
		return s.bulkMacroBack(ctx, w, before)
	}
	return errs.InvalidField("action", "bulk.unknown_action")
}

// bulkStatusBack brings the status back to what it was. A case that was new stays open, and one that was closed stays kept: nobody
// closes by hand. That it was resolved never happened, to its clocks and to the reports.
func (s *Service) bulkStatusBack(ctx context.Context, w *work, before bulkBefore) error {
	if before.Status == StatusClosed {
		return errBulkKept
	}
	var undoes map[string]any
	switch w.c.Status {
	case StatusResolved:
		undoes = map[string]any{"undoes": true}
		if err := w.move(StatusOpen, OnNobody, undoes); err != nil {
			return err
		}
		w.c.UnansweredSince = before.UnansweredSince
	case StatusNew, StatusWaiting, StatusClosed:
		if err := w.move(StatusOpen, OnNobody, nil); err != nil {
			return err
		}
	case StatusOpen:
	}
	switch before.Status {
	case StatusWaiting:
		return w.move(StatusWaiting, before.WaitingOn, undoes)
	case StatusResolved:
		return s.resolve(ctx, w, "", nil)
	case StatusNew, StatusOpen, StatusClosed:
	}
	return nil
}

// bulkGive is Assign within a run: the same rights, and nobody is told of each case.
func (s *Service) bulkGive(ctx context.Context, w *work, to, team *int64) error {
	if same(w.c.AssigneeID, to) && same(w.c.TeamID, team) {
		return nil
	}
	if err := mayGive(w.c, w.by, to); err != nil {
		return err
	}
	if to != nil {
		if err := w.canTake(ctx, *to); err != nil {
			return err
		}
	}
	w.assign(to, team, "")
	return nil
}

// bulkBack gives a case back to whom it was taken from. Who may give it away may take that back, whosever it was.
func (s *Service) bulkBack(ctx context.Context, w *work, before bulkBefore) error {
	if same(w.c.AssigneeID, before.Assignee) && same(w.c.TeamID, before.Team) {
		return nil
	}
	if before.Assignee != nil {
		if err := w.canTake(ctx, *before.Assignee); err != nil {
			return err
		}
	}
	w.assign(before.Assignee, before.Team, "")
	return nil
}

// tag puts a tag on the case, or takes it off, and tells whether that changed anything.
func (w *work) tag(ctx context.Context, tag string, on bool) (bool, error) {
	statement, what := `delete from case_tags where case_id = $1 and tag = $2`, "tag.removed"
	args := []any{w.c.ID, tag}
	if on {
		statement, what = `insert into case_tags (case_id, tag, added_at) values ($1, $2, $3) on conflict do nothing`, "tag.added"
		args = append(args, w.tx.Now())
	}
	n, err := w.tx.Exec(ctx, statement, args...)
	if err != nil || n == 0 {
		return false, err
	}
	w.note(what, map[string]any{"tag": tag})
	return true, nil
}

// blame sets what was really wrong; nil takes it back.
func (w *work) blame(ctx context.Context, cause *int64) error {
	if same(w.c.RootCauseID, cause) {
		return nil
	}
	if cause != nil {
		known, err := knownCause(ctx, w.tx, cause)
		if err != nil {
			return err
		}
		if !known {
			return errs.InvalidField("value", "bulk.bad_value")
		}
	}
	w.setCause(cause)
	return nil
}

func knownCause(ctx context.Context, r db.Reader, cause *int64) (bool, error) {
	known, err := db.Value[bool](ctx, r, `select exists (select from root_causes where id = $1 and active)`, cause)
	if err != nil {
		return false, fmt.Errorf("look for root cause: %w", err)
	}
	return known, nil
}

func same(a, b *int64) bool { return a == b || a != nil && b != nil && *a == *b }

func numberOrNil(text string) *int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

const bulkColumns = `id, owner_id, action, value, total, done, refused, begun_at, finished_at, undone_at, restored, scopes, assistant, macro_version`

func bulkByID(ctx context.Context, r db.Reader, id BulkID, lock string) (BulkRun, error) {
	run, err := db.One[BulkRun](ctx, r, `select `+bulkColumns+` from bulk_runs where id = $1 `+lock, id)
	if errors.Is(err, db.ErrNoRow) {
		return BulkRun{}, ErrNoBulk
	}
	if err != nil {
		return BulkRun{}, fmt.Errorf("read bulk: %w", err)
	}
	return run, nil
}

// scopesOf are those of the token the actor came with; none is everything.
func scopesOf(by access.Actor) []string {
	if by.Scopes == nil {
		return []string{}
	}
	return by.Scopes
}

func addBulk(ctx context.Context, tx *db.Tx, in BulkInput, ids []ID, macroVersion int) (BulkRun, error) {
	id, err := db.Value[BulkID](ctx, tx, `insert into bulk_runs (owner_id, action, value, total, begun_at, scopes, assistant, macro_version)
		values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`, in.By.UserID, in.Action, in.Value, len(ids), tx.Now(), scopesOf(in.By), in.By.Assistant, macroVersion)
	if err != nil {
		return BulkRun{}, fmt.Errorf("begin bulk: %w", err)
	}
	if _, err := tx.Exec(ctx, `insert into bulk_rows (run_id, case_id) select $1, unnest($2::bigint[])`, id, ids); err != nil {
		return BulkRun{}, fmt.Errorf("begin bulk: %w", err)
	}
	tx.Did(fmt.Sprintf("bulk.started %d", id))
	return bulkByID(ctx, tx, id, ``)
}
