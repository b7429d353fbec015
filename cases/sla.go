package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"makegood/cases/clock"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// What is refused about policies and their drafts.
var (
	ErrNoPolicy    = errs.New(errs.NotFound, "sla.no_policy")
	ErrNoDraft     = errs.New(errs.NotFound, "sla.no_draft")
	ErrDraftEnded  = errs.New(errs.Conflict, "sla.draft_ended")
	ErrStillTrying = errs.New(errs.Conflict, "sla.still_trying")
)

// PolicyDraftID names a draft of a policy.
type PolicyDraftID int64

// DraftState is what became of a draft.
type DraftState string

// The states of a draft.
const (
	DraftOpen    DraftState = "draft"
	DraftInForce DraftState = "in_force"
	DraftDropped DraftState = "dropped" // another draft of the same policy took its place
)

// PolicyDraft is a policy as somebody means to change it, and how far it has been tried on the cases opened from Since to Until. Name says which
// policy it is; BasedOn is the version that was read, 0 for a new policy. The calendar is the newest version of its name when the draft takes
// effect; the ladder stays that of the policy.
type PolicyDraft struct {
	ID         PolicyDraftID
	Name       string
	BasedOn    int
	Position   int
	Match      Match
	Definition clock.Policy
	Calendar   string
	MadeBy     string // a person's name
	MadeAt     time.Time
	State      DraftState
	Since      time.Time
	Until      time.Time
	Total      int
	Done       int
	LastCase   ID
	Result     Simulation
	FinishedAt *time.Time
}

// PolicyDraftInput is a policy as it shall be.
type PolicyDraftInput struct {
	By         access.Actor
	Name       string
	BasedOn    int
	Position   int
	Match      Match
	Definition clock.Policy
	Calendar   string
}

// PolicyInForce is a policy with the name and version of its calendar.
type PolicyInForce struct {
	Policy
	Calendar        string
	CalendarVersion int
}

const policyWithCalendar = policyColumns + `, c.name as calendar, c.version as calendar_version`

// Policies reads the policies in force, in the order they are tried.
func (s *Service) Policies(ctx context.Context, by access.Actor) ([]PolicyInForce, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[PolicyInForce](ctx, s.db, `select `+policyWithCalendar+` from sla_policies p join calendars c on c.id = p.calendar_id where p.active order by p.position, p.id`)
	if err != nil {
		return nil, fmt.Errorf("read policies: %w", err)
	}
	return list, nil
}

// Policy reads one version with all versions of the same policy, the newest first; ErrNoPolicy when there is none.
func (s *Service) Policy(ctx context.Context, by access.Actor, id int64) (PolicyInForce, []PolicyInForce, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return PolicyInForce{}, nil, err
	}
	list, err := db.List[PolicyInForce](ctx, s.db, `select `+policyWithCalendar+` from sla_policies p join calendars c on c.id = p.calendar_id
		where p.name = (select name from sla_policies where id = $1) order by p.version desc`, id)
	if err != nil {
		return PolicyInForce{}, nil, fmt.Errorf("read policy: %w", err)
	}
	for _, p := range list {
		if p.ID == id {
			return p, list, nil
		}
	}
	return PolicyInForce{}, nil, ErrNoPolicy
}

const draftColumns = `f.id, f.name, f.based_on, f.position, f.match, f.definition, f.calendar, u.name as made_by, f.made_at, f.state, f.since, f.until,
	f.total, f.done, f.last_case, f.result, f.finished_at`

// PolicyDrafts reads the drafts that nobody has put into force yet.
func (s *Service) PolicyDrafts(ctx context.Context, by access.Actor) ([]PolicyDraft, error) {
	if err := access.Can(by, access.ManageClocks, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[PolicyDraft](ctx, s.db, `select `+draftColumns+` from sla_drafts f join users u on u.id = f.made_by where f.state = 'draft' order by f.position, f.id`)
	if err != nil {
		return nil, fmt.Errorf("read drafts: %w", err)
	}
	return list, nil
}

// PolicyDraft reads one, and of the clocks that would have gone otherwise those the actor may see; ErrNoDraft when there is none.
func (s *Service) PolicyDraft(ctx context.Context, by access.Actor, id PolicyDraftID) (PolicyDraft, error) {
	if err := access.Can(by, access.ManageClocks, access.Object{}); err != nil {
		return PolicyDraft{}, err
	}
	draft, err := draftByID(ctx, s.db, id, ``)
	draft.Result.First = slices.DeleteFunc(draft.Result.First, func(c SimulatedChange) bool { return !by.SeesEntity(c.Entity) })
	return draft, err
}

func draftByID(ctx context.Context, r db.Reader, id PolicyDraftID, lock string) (PolicyDraft, error) {
	f, err := db.One[PolicyDraft](ctx, r, `select `+draftColumns+` from sla_drafts f join users u on u.id = f.made_by where f.id = $1 `+lock, id)
	if errors.Is(err, db.ErrNoRow) {
		return PolicyDraft{}, ErrNoDraft
	}
	if err != nil {
		return PolicyDraft{}, fmt.Errorf("read draft: %w", err)
	}
	return f, nil
}

// simulatedMonths is how far back a draft is tried: a quarter.
const simulatedMonths = 3

// DraftPolicy keeps a draft and begins to try it on the cases of the last three months, as a job. Cases of the past, closed from the start,
// were promised nothing and are left out. A draft of the same policy before it is dropped.
func (s *Service) DraftPolicy(ctx context.Context, in PolicyDraftInput) (PolicyDraft, error) {
	if err := access.Can(in.By, access.ManageClocks, access.Object{}); err != nil {
		return PolicyDraft{}, err
	}
	in.Name = strings.TrimSpace(in.Name)
	in.Definition.Name, in.Definition.Calendar = in.Name, in.Calendar
	var draft PolicyDraft
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		if err := in.check(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update sla_drafts set state = 'dropped' where name = $1 and state = 'draft'`, in.Name); err != nil {
			return fmt.Errorf("drop draft: %w", err)
		}
		since := tx.Now().AddDate(0, -simulatedMonths, 0)
		id, err := db.Value[PolicyDraftID](ctx, tx, `insert into sla_drafts (name, based_on, position, match, definition, calendar, made_by, made_at, since, until, total)
			select $1, $2, $3, $4, $5, $6, $7, $8, $9, $8, count(*) from cases where opened_at >= $9 and opened_at < $8 and closed_at is distinct from opened_at returning id`,
			in.Name, in.BasedOn, in.Position, in.Match, in.Definition, in.Calendar, in.By.UserID, tx.Now(), since)
		if err != nil {
			return fmt.Errorf("keep draft: %w", err)
		}
		tx.Did(fmt.Sprintf("sla_draft.kept %d", id))
		if draft, err = draftByID(ctx, tx, id, ``); err != nil {
			return err
		}
		return tx.Enqueue(ctx, SimulateDraft{ID: id})
	})
	return draft, err
}

func (in PolicyDraftInput) check(ctx context.Context, r db.Reader) error {
	var wrong []errs.Field
	refuse := func(name, key string) { wrong = append(wrong, errs.Field{Name: name, Key: key}) }
	if in.Name == "" {
		refuse("name", "case.policy_needs_name")
	}
	if in.Position < 1 || in.Position > 10_000 {
		refuse("position", "sla.bad_position")
	}
	if err := in.Definition.Validate(); err != nil {
		e := (*errs.Error)(nil)
		if !errors.As(err, &e) {
			return err
		}
		wrong = append(wrong, e.Fields...)
	}
	wrong = append(wrong, in.Match.wrong()...)
	calendar, err := newestCalendar(ctx, r, in.Calendar)
	if err != nil {
		return err
	}
	if calendar.Version == 0 {
		refuse("calendar", "calendar.none")
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	newest, err := db.Value[int](ctx, r, `select coalesce(max(version), 0)::int from sla_policies where name = $1`, in.Name)
	if err != nil {
		return fmt.Errorf("read policy: %w", err)
	}
	if newest != in.BasedOn {
		return ErrStaleSetting
	}
	return nil
}

// wrong are the match fields that name nothing.
func (m Match) wrong() []errs.Field {
	var wrong []errs.Field
	refuse := func(bad bool, name, key string) {
		if bad {
			wrong = append(wrong, errs.Field{Name: name, Key: key})
		}
	}
	refuse(slices.ContainsFunc(m.Types, func(t Type) bool { return !slices.Contains(Types(), t) }), "match.types", "case.unknown_type")
	refuse(slices.ContainsFunc(m.Priorities, func(p Priority) bool { return !slices.Contains(clock.Priorities(), p) }), "match.priorities", "case.unknown_priority")
	refuse(m.AmountFrom != nil && m.AmountFrom.IsNegative(), "match.amount_from", "sla.bad_amount")
	return wrong
}

// PutInForce makes a draft the policy's new version: it holds for new cases at once, and the open ones are put under it by a job, with the
// time already used. ErrDraftEnded when it was put in force or dropped before, ErrStaleSetting when the policy has another version since.
func (s *Service) PutInForce(ctx context.Context, by access.Actor, id PolicyDraftID, comment string) (ClockChange, error) {
	return s.changeClocks(ctx, setting{by: by, what: PolicySetting, comment: comment}, func(tx *db.Tx, now *setting) error {
		draft, err := draftByID(ctx, tx, id, `for update of f`)
		if err != nil {
			return err
		}
		if draft.State != DraftOpen {
			return ErrDraftEnded
		}
		if draft.FinishedAt == nil {
			return ErrStillTrying
		}
		if err := (PolicyDraftInput{
			Name: draft.Name, BasedOn: draft.BasedOn, Position: draft.Position, Match: draft.Match, Definition: draft.Definition, Calendar: draft.Calendar,
		}).check(ctx, tx); err != nil {
			return err
		}
		p := Policy{Name: draft.Name, Position: draft.Position, Match: draft.Match, Definition: draft.Definition}
		calendar, err := newestCalendar(ctx, tx, draft.Calendar)
		if err != nil {
			return err
		}
		p.CalendarID = calendar.ID
		if draft.BasedOn > 0 {
			old, err := db.One[Policy](ctx, tx, `select `+policyColumns+` from sla_policies p where p.name = $1 and p.version = $2`, draft.Name, draft.BasedOn)
			if err != nil {
				return fmt.Errorf("read policy: %w", err)
			}
			p.Ladder = old.Ladder
		}
		policy, err := s.SavePolicyTx(ctx, tx, p)
		if err != nil {
			return err
		}
		now.name, now.version, now.moves = draft.Name, draft.BasedOn+1, true
		now.data["name"], now.data["policy"], now.data["draft"] = draft.Name, policy, id
		_, err = tx.Exec(ctx, `update sla_drafts set state = 'in_force' where id = $1`, id)
		return err
	})
}
