package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// What changes of people are refused with.
var (
	ErrNoChange      = errs.New(errs.NotFound, "people.no_such_change")
	ErrOwnChange     = errs.New(errs.Forbidden, "people.own_change")
	ErrChangeDecided = errs.New(errs.Conflict, "people.change_decided")
	ErrUserChanged   = errs.New(errs.Conflict, "people.user_changed")
	ErrLastAdmin     = errs.New(errs.Conflict, "people.last_admin")
	ErrNothingNew    = errs.New(errs.Invalid, "people.nothing_new")
)

// ChangeKind says what a change is of.
type ChangeKind string

// The kinds.
const (
	AddPerson    ChangeKind = "add"
	ChangePerson ChangeKind = "change"
	ChangeRules  ChangeKind = "rules"
)

// Standing is what of a person changes by two people only.
type Standing struct {
	Email     string   `json:"email"`
	Name      string   `json:"name"`
	Roles     []string `json:"roles"`
	TeamID    *int64   `json:"team_id"`
	EntityIDs []int64  `json:"entity_ids"` // empty means all
	Language  string   `json:"language"`
	TimeZone  string   `json:"time_zone"`
	Active    bool     `json:"active"`
	Version   int      `json:"version"`
}

func standingOf(u User) Standing {
	return Standing{Email: u.Email, Name: u.Name, Roles: u.Roles, TeamID: u.TeamID, EntityIDs: u.EntityIDs, Language: u.Language, TimeZone: u.TimeZone, Active: u.Active, Version: u.Version}
}

// Change is a proposed or decided change of who works here and with which rights, or of the rules of the door.
type Change struct {
	ID           int64
	Kind         ChangeKind
	UserID       *int64
	Before       json.RawMessage
	Content      json.RawMessage
	Reason       string
	BreakGlass   bool
	State        string // proposed, confirmed, refused or withdrawn
	ProposedBy   int64
	ProposedAt   time.Time
	DecidedBy    *int64
	DecidedAt    *time.Time
	DecisionNote string
	Waited       bool `db:"-"` // it was proposed before, and what is proposed now is the same
}

// ChangeInput proposes a change. With BreakGlass it holds at once and alone, for an emergency; the controllers and directors are told.
type ChangeInput struct {
	By         access.Actor
	Kind       ChangeKind
	UserID     int64 // with ChangePerson
	Person     Standing
	Rules      Rules
	Reason     string
	BreakGlass bool
}

// GlassBroken tells that somebody has changed rights alone.
type GlassBroken struct {
	ID int64 `json:"id"`
}

// Kind names the job.
func (GlassBroken) Kind() string { return "people.glass_broken" }

// WriteOfGlass asks for the letter to one of those who are told. Each has a job: an address that refuses mail holds nobody else's letter up.
type WriteOfGlass struct {
	Change  int64 `json:"change"`
	Watcher int64 `json:"watcher"`
}

// Kind names the job.
func (WriteOfGlass) Kind() string { return "people.write_of_glass" }

// Unique keeps a letter from being asked for twice when those who are told are looked up again.
func (WriteOfGlass) Unique() bool { return true }

// reasonOfGlass is how much somebody has to say who acts alone.
const reasonOfGlass = 20

// mayManage lets admins in who have proven themselves lately.
func mayManage(by access.Actor) error {
	if err := access.Can(by, access.Administer, access.Object{}); err != nil {
		return err
	}
	return access.Proven(by)
}

// Propose keeps a change for somebody else to confirm, and with BreakGlass carries it out at once. The same change that waits already is
// answered instead of being made a second time.
func (s *Service) Propose(ctx context.Context, in ChangeInput) (Change, error) {
	if err := mayManage(in.By); err != nil {
		return Change{}, err
	}
	if err := in.check(); err != nil {
		return Change{}, err
	}
	var c Change
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		if err := in.keepTx(ctx, tx, &c); err != nil {
			return err
		}
		if err := reachesChange(ctx, tx, in.By, c); err != nil || c.Waited {
			return err
		}
		if err := recordChangeTx(ctx, tx, in.By, "user.change_proposed", c); err != nil || !in.BreakGlass {
			return err
		}
		if err := tx.Enqueue(ctx, GlassBroken{ID: c.ID}); err != nil {
			return err
		}
		return s.carryOutTx(ctx, tx, in.By, c, "")
	})
	return c, err
}

// keepTx keeps the change, or finds the same one that waits: begun from the same, to the same end. Proposals are made one after the other, so
// that two at once do not both find none.
func (in ChangeInput) keepTx(ctx context.Context, tx *db.Tx, c *Change) error {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('person_changes'))`); err != nil {
		return fmt.Errorf("wait for other proposals: %w", err)
	}
	before, err := in.beforeTx(ctx, tx)
	if err != nil {
		return err
	}
	content := any(in.Person)
	if in.Kind == ChangeRules {
		content = in.Rules
	}
	after, err := marshalled(content)
	if err != nil {
		return err
	}
	var user *int64
	if in.Kind == ChangePerson {
		user = &in.UserID
	}
	if !in.BreakGlass {
		list, err := db.List[Change](ctx, tx, `select * from person_changes where state = 'proposed' and kind = $1 and user_id is not distinct from $2
			and before = $3::jsonb and content = $4::jsonb order by id limit 1`, in.Kind, user, string(before), string(after))
		if err != nil {
			return fmt.Errorf("look for the same proposal: %w", err)
		}
		if len(list) > 0 {
			*c = list[0]
			c.Waited = true
			return nil
		}
	}
	*c, err = db.One[Change](ctx, tx, `insert into person_changes (kind, user_id, before, content, reason, break_glass, proposed_by, proposed_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8) returning *`, in.Kind, user, string(before), string(after), strings.TrimSpace(in.Reason), in.BreakGlass, in.By.UserID, tx.Now())
	return err
}

func recordChangeTx(ctx context.Context, tx *db.Tx, by access.Actor, what string, c Change) error {
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: what, Data: map[string]any{
		"change": c.ID, "kind": string(c.Kind), "user": c.UserID, "break_glass": c.BreakGlass, "before": rolesIn(c.Before), "after": rolesIn(c.Content),
	}})
}

// rolesIn is what the audit log tells of a side of a change: rights, and no names or addresses, which may have to be erased.
func rolesIn(side json.RawMessage) map[string]any {
	var all map[string]any
	if json.Unmarshal(side, &all) != nil {
		return nil
	}
	for _, personal := range []string{"email", "name"} {
		delete(all, personal)
	}
	return all
}

func (in ChangeInput) check() error {
	var wrong []errs.Field
	if strings.TrimSpace(in.Reason) == "" {
		wrong = append(wrong, errs.Field{Name: "reason", Key: "error.required"})
	} else if in.BreakGlass && utf8.RuneCountInString(strings.TrimSpace(in.Reason)) < reasonOfGlass {
		wrong = append(wrong, errs.Field{Name: "reason", Key: "people.glass_reason"})
	}
	if in.Kind == ChangeRules {
		wrong = append(wrong, in.Rules.check()...)
	} else {
		wrong = append(wrong, in.Person.check()...)
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

func (r Rules) check() (wrong []errs.Field) {
	if r.StepUpMinutes < 0 || r.StepUpMinutes > 720 {
		wrong = append(wrong, errs.Field{Name: "step_up_minutes", Key: "people.step_up_minutes"})
	}
	if !allRoles(r.SecondFactorRoles) {
		wrong = append(wrong, errs.Field{Name: "second_factor_roles", Key: "people.no_such_role"})
	}
	return wrong
}

func (p Standing) check() (wrong []errs.Field) {
	if a, err := mail.ParseAddress(p.Email); err != nil || a.Address != p.Email || len(p.Email) > 200 || strings.ToLower(p.Email) != p.Email {
		wrong = append(wrong, errs.Field{Name: "email", Key: "people.email_invalid"})
	}
	if strings.TrimSpace(p.Name) == "" || len(p.Name) > 200 {
		wrong = append(wrong, errs.Field{Name: "name", Key: "error.required"})
	}
	if len(p.Roles) == 0 {
		wrong = append(wrong, errs.Field{Name: "roles", Key: "error.required"})
	} else if !allRoles(p.Roles) {
		wrong = append(wrong, errs.Field{Name: "roles", Key: "people.no_such_role"})
	}
	if _, err := time.LoadLocation(p.TimeZone); err != nil {
		wrong = append(wrong, errs.Field{Name: "time_zone", Key: "people.no_such_zone"})
	}
	return wrong
}

func allRoles(roles []string) bool {
	return !slices.ContainsFunc(roles, func(r string) bool { return !slices.Contains(access.Roles(), access.Role(r)) })
}

// beforeTx is how things stand that are to be changed.
func (in ChangeInput) beforeTx(ctx context.Context, tx *db.Tx) (json.RawMessage, error) {
	switch in.Kind {
	case AddPerson:
		if err := openTeamTx(ctx, tx, nil, in.Person.TeamID); err != nil {
			return nil, err
		}
		taken, err := db.Value[bool](ctx, tx, `select exists (select 1 from users where email = $1)`, in.Person.Email)
		if err == nil && taken {
			err = errs.InvalidField("email", ErrEmailTaken.Key)
		}
		return json.RawMessage(`{}`), err
	case ChangeRules:
		rules, err := rulesOf(ctx, tx)
		if err == nil && rules.Version != in.Rules.Version {
			err = ErrUserChanged
		}
		if err != nil {
			return nil, err
		}
		return marshalled(rules)
	case ChangePerson:
		user, err := oneUser(ctx, tx, `select * from users where id = $1`, in.UserID)
		if err != nil {
			return nil, err
		}
		if user.Version != in.Person.Version {
			return nil, ErrUserChanged
		}
		if err := openTeamTx(ctx, tx, user.TeamID, in.Person.TeamID); err != nil {
			return nil, err
		}
		before, err := marshalled(standingOf(user))
		if after, _ := marshalled(in.Person); string(after) == string(before) {
			return nil, ErrNothingNew
		}
		return before, err
	}
	return nil, ErrNoChange
}

func marshalled(v any) (json.RawMessage, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("keep change: %w", err)
	}
	return raw, nil
}

// Decide confirms or refuses a proposed change, as somebody else than who proposed it and whom it concerns; who proposed it may withdraw
// it. A confirmed one is carried out in the same moment, if nothing of it has changed since.
func (s *Service) Decide(ctx context.Context, by access.Actor, id int64, verdict, note string) error {
	if err := access.Can(by, access.ConfirmPeople, access.Object{}); err != nil {
		return err
	}
	if err := access.Proven(by); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		c, err := db.One[Change](ctx, tx, `select * from person_changes where id = $1 for update`, id)
		if errors.Is(err, db.ErrNoRow) {
			return ErrNoChange
		}
		if err != nil {
			return err
		}
		own := c.ProposedBy == by.UserID
		if err := reachesChange(ctx, tx, by, c); err != nil && !own {
			return err
		}
		switch {
		case c.State != "proposed":
			return ErrChangeDecided
		case verdict == "withdraw" && own:
			return decidedTx(ctx, tx, by, c, "withdrawn", note)
		case verdict != "confirm" && verdict != "refuse":
			return ErrNoChange
		case own, c.UserID != nil && *c.UserID == by.UserID:
			return ErrOwnChange
		case verdict == "refuse":
			return decidedTx(ctx, tx, by, c, "refused", note)
		}
		return s.carryOutTx(ctx, tx, by, c, note)
	})
}

func decidedTx(ctx context.Context, tx *db.Tx, by access.Actor, c Change, state, note string) error {
	_, err := tx.Exec(ctx, `update person_changes set state = $2, decided_by = $3, decided_at = $4, decision_note = $5, user_id = $6 where id = $1`,
		c.ID, state, by.UserID, tx.Now(), strings.TrimSpace(note), c.UserID)
	if err != nil {
		return err
	}
	return recordChangeTx(ctx, tx, by, "user.change_"+state, c)
}

func (s *Service) carryOutTx(ctx context.Context, tx *db.Tx, by access.Actor, c Change, note string) error {
	// By which change somebody has a role and is in a team, and since when, is kept with it: person_memberships.
	_, err := tx.Exec(ctx, `select set_config('makegood.person_change', $1, true), set_config('makegood.person_changed_at', $2, true)`,
		strconv.FormatInt(c.ID, 10), tx.Now().Format(time.RFC3339Nano))
	if err != nil {
		return fmt.Errorf("say which change it is: %w", err)
	}
	switch c.Kind {
	case ChangeRules:
		err = setRulesTx(ctx, tx, c)
	case AddPerson:
		c.UserID, err = s.inviteTx(ctx, tx, c)
	case ChangePerson:
		err = setPersonTx(ctx, tx, c)
	}
	if err == nil && c.Kind != ChangeRules {
		err = s.movedTx(ctx, tx)
	}
	if err != nil {
		return err
	}
	return decidedTx(ctx, tx, by, c, "confirmed", note)
}

func setRulesTx(ctx context.Context, tx *db.Tx, c Change) error {
	var r Rules
	if err := json.Unmarshal(c.Content, &r); err != nil {
		return fmt.Errorf("read change: %w", err)
	}
	n, err := tx.Exec(ctx, `update sign_in_rules set second_factor_roles = $1, step_up_minutes = $2, tokens_decide = $3, version = version + 1 where version = $4`,
		notNil(r.SecondFactorRoles), r.StepUpMinutes, r.TokensDecide, r.Version)
	if err == nil && n == 0 {
		err = ErrUserChanged
	}
	return err
}
