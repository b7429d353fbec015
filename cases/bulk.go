package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// BulkID names something done to many cases.
type BulkID int64

// Topic is the live topic of one.
func (id BulkID) Topic() string { return "bulk:" + strconv.FormatInt(int64(id), 10) }

// BulkAction is what is done to each case.
type BulkAction string

// The actions, with what their value is: a user's id or "" for nobody; "open", "resolved" or "waiting:" and on whom; a tag; the
// id of a root cause, or of a macro.
const (
	BulkAssign    BulkAction = "assign"
	BulkStatus    BulkAction = "status"
	BulkTag       BulkAction = "tag"
	BulkUntag     BulkAction = "untag"
	BulkRootCause BulkAction = "root_cause"
	BulkMacro     BulkAction = "macro"
)

// BulkMax is how many cases one run may hold, BulkUndo how long after its end it can be undone.
const (
	BulkMax  = 10_000
	BulkUndo = 10 * time.Minute
)

// BulkInput asks for the same on many cases: those of Numbers, or without any all that the filter finds. What the actor may
// not do with one of them is refused for that one.
type BulkInput struct {
	By      access.Actor
	Filter  Filter
	Numbers []string
	Action  BulkAction
	Value   string
	// Foreseen is the Digest of the preview that was shown. A run that would be another one is refused with ErrBulkChanged; "" asks for no preview.
	Foreseen string
}

// BulkPreview is what a run would hold, with the first of its cases, and how many of them it would leave as they are; the first
// of those are named with why.
type BulkPreview struct {
	Total    int
	First    []QueueRow
	Refused  int
	Refusals []BulkRefusal
	Digest   string // of what would be done to which cases, with an Action
}

// BulkRun is how far something done to many cases is. It is over with FinishedAt; UndoneAt tells that its owner took it back,
// and Restored of how many cases that was true so far.
type BulkRun struct {
	ID         BulkID
	OwnerID    int64
	Action     BulkAction
	Value      string
	Total      int
	Done       int
	Refused    int
	BegunAt    time.Time
	FinishedAt *time.Time
	UndoneAt   *time.Time
	Restored   int
	Scopes     []string // of the token that asked for it, or for its undoing; none means everything its owner may do
	Assistant  bool     // that token is of kind assistant

	MacroVersion int // of the macro it uses: once that is another, the rest is refused
}

// MayUndo tells whether the run can still be taken back.
func (r BulkRun) MayUndo(now time.Time) bool {
	return r.FinishedAt != nil && r.UndoneAt == nil && r.Done > 0 && now.Before(r.FinishedAt.Add(BulkUndo))
}

// BulkResult is what became of one case: done, refused for a Reason (a message key with its Params), undone, or kept because
// somebody changed it before the run was undone.
type BulkResult struct {
	CaseID ID
	Number string
	State  string
	Reason string
	Params map[string]string
}

// BulkPage asks for a page of a run's results.
type BulkPage struct {
	Run    BulkID
	States []string
	After  ID
	Limit  int
}

// What bulk work refuses.
var (
	ErrNoBulk       = errs.New(errs.NotFound, "bulk.no_run")
	ErrBulkUndoLate = errs.New(errs.Conflict, "bulk.undo_too_late")
)

// PreviewBulk tells what StartBulk would hold at this moment, and what it would refuse. Without an Action it tells only the cases.
func (s *Service) PreviewBulk(ctx context.Context, in BulkInput) (BulkPreview, error) {
	if in.Action != "" {
		if err := in.check(); err != nil {
			return BulkPreview{}, err
		}
	}
	ids, err := s.bulkCases(ctx, in)
	if err != nil {
		return BulkPreview{}, err
	}
	q := &query{}
	q.add(`c.id = any (?)`, ids)
	first, err := db.List[QueueRow](ctx, s.db, q.page(`c.id desc`, 10), q.plannedAnew()...)
	p := BulkPreview{Total: len(ids), First: first}
	if err != nil || in.Action == "" {
		return p, err
	}
	version, err := in.macroVersion(ctx, s.db)
	if err != nil {
		return p, err
	}
	p.Digest = in.digest(ids, version)
	p.Refused, p.Refusals, err = s.foresee(ctx, in, ids)
	return p, err
}

// StartBulk begins to do the same to many cases, as a job. The cases are those of this moment, whatever the filter finds later.
func (s *Service) StartBulk(ctx context.Context, in BulkInput) (BulkRun, error) {
	if err := in.check(); err != nil {
		return BulkRun{}, err
	}
	ids, err := s.bulkCases(ctx, in)
	if err != nil {
		return BulkRun{}, err
	}
	if len(ids) == 0 {
		return BulkRun{}, errs.New(errs.Invalid, "bulk.no_cases")
	}
	var run BulkRun
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		version, err := in.macroVersion(ctx, tx)
		if err != nil {
			return err
		}
		if in.Foreseen != "" && in.Foreseen != in.digest(ids, version) {
			return ErrBulkChanged
		}
		if run, err = addBulk(ctx, tx, in, ids, version); err != nil {
			return err
		}
		return tx.Enqueue(ctx, WorkBulk{ID: run.ID})
	})
	return run, err
}

// bulkCases are the cases a run is for, the newest first.
func (s *Service) bulkCases(ctx context.Context, in BulkInput) ([]ID, error) {
	if err := access.Can(in.By, access.WorkCases, access.Object{}); err != nil {
		return nil, err
	}
	var q *query
	if len(in.Numbers) > 0 {
		q = &query{}
		q.scope(in.By)
		q.add(`c.number = any (?)`, in.Numbers)
	} else {
		// A name that no view has would narrow nothing, and the run would be for all that is open.
		if v := in.Filter.View; v != ViewAll && !slices.Contains(Views(), v) {
			return nil, errs.InvalidField("view", "view.unknown")
		}
		a, err := s.asked(ctx, in.Filter, in.By)
		if err != nil {
			return nil, err
		}
		if a.bounded() {
			return nil, errs.InvalidField("query", "bulk.words_are_bounded")
		}
		q = a.where()
	}
	ids, err := db.Values[ID](ctx, s.db, `select c.id from cases c where `+q.text()+` order by c.id desc limit `+strconv.Itoa(BulkMax+1), q.plannedAnew()...)
	if err != nil {
		return nil, fmt.Errorf("find cases of bulk: %w", err)
	}
	if len(ids) > BulkMax {
		return nil, errs.New(errs.TooLarge, "bulk.too_many", "limit", strconv.Itoa(BulkMax))
	}
	return ids, nil
}

func (in BulkInput) check() error {
	bad := errs.InvalidField("value", "bulk.bad_value")
	switch in.Action {
	case BulkAssign:
		if in.Value == "" {
			return nil
		}
		_, err := strconv.ParseInt(in.Value, 10, 64)
		return onlyIf(err != nil, bad)
	case BulkRootCause, BulkMacro:
		_, err := strconv.ParseInt(in.Value, 10, 64)
		return onlyIf(err != nil, bad)
	case BulkStatus:
		_, _, ok := statusOf(in.Value)
		return onlyIf(!ok, bad)
	case BulkTag, BulkUntag:
		return onlyIf(!goodTag(in.Value), bad)
	}
	return errs.InvalidField("action", "bulk.unknown_action")
}

func onlyIf(wrong bool, err error) error {
	if wrong {
		return err
	}
	return nil
}

// statusOf reads "open", "resolved" and "waiting:customer".
func statusOf(value string) (Status, WaitingOn, bool) {
	name, on, _ := strings.Cut(value, ":")
	switch to := Status(name); to {
	case StatusOpen, StatusResolved:
		return to, OnNobody, on == ""
	case StatusWaiting:
		return to, WaitingOn(on), slices.Contains(waitingOns(), WaitingOn(on))
	case StatusNew, StatusClosed:
	}
	return "", "", false
}

// UndoBulk takes a run of the actor's own back, as a job: each case it changed goes back to what it was, unless somebody has
// changed it since. After BulkUndo it refuses.
func (s *Service) UndoBulk(ctx context.Context, id BulkID, by access.Actor) (BulkRun, error) {
	if err := access.Can(by, access.WorkCases, access.Object{}); err != nil {
		return BulkRun{}, err
	}
	var run BulkRun
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		if run, err = bulkByID(ctx, tx, id, `for update`); err != nil {
			return err
		}
		if run.OwnerID != by.UserID {
			return ErrNoBulk
		}
		if !run.MayUndo(tx.Now()) {
			return ErrBulkUndoLate
		}
		if _, err := tx.Exec(ctx, `update bulk_runs set undone_at = $2, scopes = $3, assistant = $4 where id = $1`, id, tx.Now(), scopesOf(by), by.Assistant); err != nil {
			return fmt.Errorf("undo bulk: %w", err)
		}
		run.UndoneAt, run.Scopes, run.Assistant = new(tx.Now()), scopesOf(by), by.Assistant
		// None leaves before the job has come to it.
		if err := s.holdReplies(ctx, tx, run, tx.Now().Add(WorkBulk{}.Takes())); err != nil {
			return err
		}
		tx.Publish(id.Topic())
		return tx.Enqueue(ctx, WorkBulk{ID: id})
	})
	return run, err
}

// Bulk reads how far a run of the actor's own is.
func (s *Service) Bulk(ctx context.Context, id BulkID, by access.Actor) (BulkRun, error) {
	if err := access.Can(by, access.WorkCases, access.Object{}); err != nil {
		return BulkRun{}, err
	}
	run, err := bulkByID(ctx, s.db, id, ``)
	if err == nil && run.OwnerID != by.UserID {
		return BulkRun{}, ErrNoBulk
	}
	return run, err
}

// BulkResults reads what became of the cases of a run of the actor's own, of those in the given states, in the order of their ids
// after the case given.
func (s *Service) BulkResults(ctx context.Context, by access.Actor, in BulkPage) ([]BulkResult, error) {
	if _, err := s.Bulk(ctx, in.Run, by); err != nil {
		return nil, err
	}
	list, err := db.List[BulkResult](ctx, s.db, `select r.case_id, c.number, r.state, r.reason, r.params from bulk_rows r join cases c on c.id = r.case_id
		where r.run_id = $1 and r.state = any ($2) and r.case_id > $3 order by r.case_id limit $4`, in.Run, in.States, in.After, in.Limit)
	if err != nil {
		return nil, fmt.Errorf("read bulk results: %w", err)
	}
	return list, nil
}

// CountBulkResults tells how many cases of a run of the actor's own are in each state.
func (s *Service) CountBulkResults(ctx context.Context, id BulkID, by access.Actor) (map[string]int, error) {
	if _, err := s.Bulk(ctx, id, by); err != nil {
		return nil, err
	}
	list, err := db.List[struct {
		State string
		N     int
	}](ctx, s.db, `select state, count(*)::int as n from bulk_rows where run_id = $1 group by state`, id)
	if err != nil {
		return nil, fmt.Errorf("count bulk results: %w", err)
	}
	counts := make(map[string]int, len(list))
	for _, c := range list {
		counts[c.State] = c.N
	}
	return counts, nil
}
