package credits

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// ChangeKind is what of authority a change is about.
type ChangeKind string

// The kinds of change.
const (
	PolicyChange ChangeKind = "policy"
	LevelChange  ChangeKind = "level"
	HolderChange ChangeKind = "holder"
)

// ChangeState is where a change stands.
type ChangeState string

// The states of a change. A confirmed one holds from its EffectiveAt on.
const (
	ChangeProposed  ChangeState = "proposed"
	ChangeConfirmed ChangeState = "confirmed"
	ChangeRefused   ChangeState = "refused"
	ChangeWithdrawn ChangeState = "withdrawn"
)

// AuthorityChange is a change of policy, of a level or of who holds one, with who proposed and who decided it.
type AuthorityChange struct {
	ID             int64
	Kind           ChangeKind
	LevelID        *int64
	LevelName      string
	UserID         *int64
	UserName       string
	Role           string // whom it is about where it is no person: whoever has the role, is in the team, or both
	TeamID         *int64
	TeamName       string
	Before         json.RawMessage // of its kind, as it stood when it was proposed
	Content        json.RawMessage // policy.Policy, LevelTerms or HolderTerms
	Comment        string
	EffectiveAt    time.Time
	State          ChangeState
	ProposedBy     int64
	ProposedByName string
	ProposedAt     time.Time
	DecidedBy      *int64
	DecidedByName  string
	DecidedAt      *time.Time
	DecisionNote   string
	Waited         bool `db:"-"` // it was proposed before, and what is proposed now is the same
}

// LevelTerms is what a level may decide. Rank and Name are those of a level that is not there yet.
type LevelTerms struct {
	Rank       int     `json:"rank,omitempty"`
	Name       string  `json:"name,omitempty"`
	Signatures int     `json:"signatures"`
	Limits     []Limit `json:"limits"`
}

// HolderTerms is whether a person, a role or a team holds a level, and for what: in which legal entities, for customers of which regions,
// and for what which teams ask; of what is not named it is all.
type HolderTerms struct {
	Holds     bool     `json:"holds"`
	EntityIDs []int64  `json:"entity_ids,omitempty"`
	Regions   []string `json:"regions,omitempty"`
	TeamIDs   []int64  `json:"team_ids,omitempty"`
}

// What changes of authority are refused for, beside fields.
var (
	ErrNoChange      = errs.New(errs.NotFound, "credits.no_change")
	ErrChangeDecided = errs.New(errs.Conflict, "credits.change_decided")
	ErrSecondPerson  = errs.New(errs.Forbidden, "credits.change_needs_second_person")
	ErrNotYourChange = errs.New(errs.Forbidden, "credits.not_your_change")
	ErrLaterChange   = errs.New(errs.Conflict, "credits.later_change_confirmed")
	ErrOutsideScope  = errs.New(errs.Forbidden, "credits.outside_your_entities")
	ErrStaleChange   = errs.New(errs.Conflict, "credits.change_stale")
)

const changeRows = `select c.id, c.kind, c.level_id, coalesce(l.name, '') as level_name, c.user_id, coalesce(u.name, '') as user_name, c.role, c.team_id, coalesce(t.name, '') as team_name, c.before, c.content,
		c.comment, c.effective_at, c.state, c.proposed_by, p.name as proposed_by_name, c.proposed_at, c.decided_by,
		coalesce(d.name, '') as decided_by_name, c.decided_at, c.decision_note
	from authority_changes c join users p on p.id = c.proposed_by left join users d on d.id = c.decided_by
	left join authority_levels l on l.id = c.level_id left join users u on u.id = c.user_id left join teams t on t.id = c.team_id `

// Changes lists changes of authority, the newest first, those that wait for a second person before all others; at most 100.
func (s *Service) Changes(ctx context.Context, by access.Actor) ([]AuthorityChange, error) {
	if err := access.Can(by, access.ReadCredits, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[AuthorityChange](ctx, s.db, changeRows+`order by c.state <> 'proposed', c.id desc limit 100`)
	if err != nil {
		return nil, fmt.Errorf("list changes of authority: %w", err)
	}
	return list, nil
}

// ChangeByID reads one change of authority; ErrNoChange when there is none.
func (s *Service) ChangeByID(ctx context.Context, by access.Actor, id int64) (AuthorityChange, error) {
	if err := access.Can(by, access.ReadCredits, access.Object{}); err != nil {
		return AuthorityChange{}, err
	}
	return changeTx(ctx, s.db, id, "")
}

// proposed is a change on its way into the table.
type proposed struct {
	by      access.Actor
	kind    ChangeKind
	levelID int64
	who     Who
	before  any
	content any
	comment string
	at      time.Time // zero is at once
}

// waitingTx finds the change that waits and says the same of the same thing, begun from what stands now too. Proposals are made one after the
// other, so that two at once do not both find none.
func (p proposed) waitingTx(ctx context.Context, tx *db.Tx) (AuthorityChange, bool, error) {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('authority_changes'))`); err != nil {
		return AuthorityChange{}, false, fmt.Errorf("wait for other proposals: %w", err)
	}
	list, err := db.List[AuthorityChange](ctx, tx, changeRows+`where c.state = 'proposed' and c.kind = $1 and coalesce(c.level_id, 0) = $2 and coalesce(c.user_id, 0) = $3
			and c.role = $4 and coalesce(c.team_id, 0) = $5 and c.before = $6 and c.content = $7 and greatest(c.effective_at, $9) = greatest($8, $9) order by c.id limit 1`,
		p.kind, p.levelID, p.who.UserID, p.who.Role, p.who.TeamID, p.before, p.content, p.at, tx.Now())
	if err != nil {
		return AuthorityChange{}, false, fmt.Errorf("look for the same proposal: %w", err)
	}
	if len(list) == 0 {
		return AuthorityChange{}, false, nil
	}
	list[0].Waited = true
	return list[0], true, nil
}

// proposeTx stores a change for a second person to look at, unless the same waits already: then it answers that one. Nothing of authority has
// changed yet.
func (p proposed) proposeTx(ctx context.Context, tx *db.Tx) (AuthorityChange, error) {
	p.comment = trimmed(p.comment)
	switch {
	case p.by.UserID == 0:
		return AuthorityChange{}, access.ErrSignIn
	case p.comment == "":
		return AuthorityChange{}, errs.InvalidField("comment", "error.required")
	case p.at.IsZero():
		p.at = tx.Now()
	case p.at.Before(tx.Now().AddDate(0, 0, -1)):
		return AuthorityChange{}, errs.InvalidField("effective_at", "credits.effective_in_the_past")
	}
	if p.before == nil {
		p.before = struct{}{}
	}
	if there, waits, err := p.waitingTx(ctx, tx); err != nil || waits {
		return there, err
	}
	id, err := db.Value[int64](ctx, tx, `insert into authority_changes (kind, level_id, user_id, before, content, comment, effective_at, proposed_by, proposed_at, role, team_id)
		values ($1, nullif($2::bigint, 0), nullif($3::bigint, 0), $4, $5, $6, $7, $8, $9, $10, nullif($11::bigint, 0)) returning id`,
		p.kind, p.levelID, p.who.UserID, p.before, p.content, p.comment, p.at, p.by.UserID, tx.Now(), p.who.Role, p.who.TeamID)
	if err != nil {
		return AuthorityChange{}, fmt.Errorf("propose change of authority: %w", err)
	}
	change, err := changeTx(ctx, tx, id, "")
	if err != nil {
		return change, err
	}
	return change, change.recordTx(ctx, tx, p.by, "authority_change.proposed")
}

func changeTx(ctx context.Context, r db.Reader, id int64, lock string) (AuthorityChange, error) {
	list, err := db.List[AuthorityChange](ctx, r, changeRows+`where c.id = $1 `+lock, id)
	if err != nil {
		return AuthorityChange{}, fmt.Errorf("read change of authority: %w", err)
	}
	if len(list) == 0 {
		return AuthorityChange{}, ErrNoChange
	}
	return list[0], nil
}

func (c AuthorityChange) recordTx(ctx context.Context, tx *db.Tx, by access.Actor, what string) error {
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: what, Data: map[string]any{
		"change": c.ID, "kind": c.Kind, "level": c.LevelName, "person": c.UserName, "role": c.Role, "team": c.TeamName, "before": c.Before, "after": c.Content,
		"comment": c.Comment, "effective_at": c.EffectiveAt, "proposed_by": c.ProposedByName,
	}})
}

// DecideChange is what a second person says to a proposed change. Refusing needs a note.
type DecideChange struct {
	By      access.Actor
	ID      int64
	Confirm bool
	Note    string
}

// DecideChange confirms or refuses a change of authority. It refuses whoever proposed it, whatever their rights, and a
// change that was decided already; and it does not confirm one made when something else stood than stands now, nor one of a
// holder in legal entities that the actor does not see. What is confirmed holds from its day on, at the earliest now; steps
// that wait are routed anew behind it.
func (s *Service) DecideChange(ctx context.Context, in DecideChange) (AuthorityChange, error) {
	if err := access.Can(in.By, access.ManageAuthority, access.Object{}); err != nil {
		return AuthorityChange{}, err
	}
	if err := access.Proven(in.By); err != nil {
		return AuthorityChange{}, err
	}
	if in.Note = trimmed(in.Note); !in.Confirm && in.Note == "" {
		return AuthorityChange{}, errs.InvalidField("note", "error.required")
	}
	var c AuthorityChange
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		if c, err = lockChangeTx(ctx, tx, in.ID); err != nil {
			return err
		}
		if c.ProposedBy == in.By.UserID || in.By.UserID == 0 {
			return ErrSecondPerson
		}
		to, what := ChangeRefused, "authority_change.refused"
		if in.Confirm {
			to, what = ChangeConfirmed, "authority_change.confirmed"
			if err := s.mayConfirmTx(ctx, tx, c, in.By); err != nil {
				return err
			}
			if c.EffectiveAt.Before(tx.Now()) {
				c.EffectiveAt = tx.Now()
			}
			if err := lookAgainTx(ctx, tx); err != nil { // one for later does no harm: the sweep looks at what stands then
				return err
			}
		}
		return c.endTx(ctx, tx, in.By, to, in.Note, what)
	})
	return c, err
}

// WithdrawChange takes a change back that nobody has decided. Only who proposed it may.
func (s *Service) WithdrawChange(ctx context.Context, by access.Actor, id int64) error {
	if err := access.Can(by, access.ManageAuthority, access.Object{}); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		c, err := lockChangeTx(ctx, tx, id)
		if err != nil {
			return err
		}
		if c.ProposedBy != by.UserID {
			return ErrNotYourChange
		}
		return c.endTx(ctx, tx, by, ChangeWithdrawn, "", "authority_change.withdrawn")
	})
}

// lockChangeTx locks a change that waits. Changes are decided one after the other, so that each sees what stands.
func lockChangeTx(ctx context.Context, tx *db.Tx, id int64) (AuthorityChange, error) {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('authority_changes'))`); err != nil {
		return AuthorityChange{}, err
	}
	c, err := changeTx(ctx, tx, id, "for update of c")
	if err == nil && c.State != ChangeProposed {
		err = ErrChangeDecided
	}
	return c, err
}

// endTx ends a proposed change and, where it is confirmed, carries it out.
func (c *AuthorityChange) endTx(ctx context.Context, tx *db.Tx, by access.Actor, to ChangeState, note, what string) error {
	if _, err := tx.Exec(ctx, `update authority_changes set state = $2, decided_by = $3, decided_at = $4, decision_note = $5, effective_at = $6 where id = $1`,
		c.ID, to, by.UserID, tx.Now(), note, c.EffectiveAt); err != nil {
		return fmt.Errorf("decide change of authority: %w", err)
	}
	if to == ChangeConfirmed {
		if err := c.carryOutTx(ctx, tx); err != nil {
			return err
		}
	}
	var err error
	if *c, err = changeTx(ctx, tx, c.ID, ""); err != nil {
		return err
	}
	return c.recordTx(ctx, tx, by, what)
}
