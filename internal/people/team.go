package people

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// What teams are refused with.
var (
	ErrNoTeam      = errs.New(errs.NotFound, "people.no_such_team")
	ErrTeamChanged = errs.New(errs.Conflict, "people.team_changed")
)

// longestTeamName is how many characters the name of a team has at most.
const longestTeamName = 60

// Team is a group of users with a lead, who is told when a case of the team comes close to what was promised, where the ladder says so.
type Team struct {
	ID        int64
	Name      string
	LeadID    *int64
	RetiredAt *time.Time // nobody is put into it any more
	Version   int
}

// TeamRow is a team with the names of those in it.
type TeamRow struct {
	Team
	LeadName  string
	LeadEmail string
	People    []string // who is active, by name
}

// TeamInput says what a team is. ID 0 adds one; otherwise Version is the one that was read.
type TeamInput struct {
	By      access.Actor
	ID      int64
	Version int
	Name    string
	LeadID  *int64
	Retired bool
}

// Teams lists every team, also retired ones, by name.
func (s *Service) Teams(ctx context.Context) ([]Team, error) {
	return db.List[Team](ctx, s.db, `select * from teams order by name`)
}

// Offered are the teams that somebody or something can be given to: those in use, and the one that is chosen already.
func Offered(teams []Team, chosen *int64) []Team {
	return slices.DeleteFunc(slices.Clone(teams), func(t Team) bool { return t.RetiredAt != nil && (chosen == nil || *chosen != t.ID) })
}

const teamRows = `select t.*, coalesce(l.name, '') as lead_name, coalesce(l.email, '') as lead_email,
	array(select u.name from users u where u.team_id = t.id and u.active order by u.name, u.id) as people
	from teams t left join users l on l.id = t.lead_id`

// TeamRows lists every team with who leads it and who is in it: those in use by name, then the retired ones.
func (s *Service) TeamRows(ctx context.Context, by access.Actor) ([]TeamRow, error) {
	if err := access.Can(by, access.ManageTeams, access.Object{}); err != nil {
		return nil, err
	}
	return db.List[TeamRow](ctx, s.db, teamRows+` order by t.retired_at is not null, lower(t.name), t.id`)
}

// TeamByID reads one team; ErrNoTeam when there is none.
func (s *Service) TeamByID(ctx context.Context, by access.Actor, id int64) (TeamRow, error) {
	if err := access.Can(by, access.ManageTeams, access.Object{}); err != nil {
		return TeamRow{}, err
	}
	return oneTeam(ctx, s.db, id)
}

func oneTeam(ctx context.Context, r db.Reader, id int64) (TeamRow, error) {
	row, err := db.One[TeamRow](ctx, r, teamRows+` where t.id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return row, ErrNoTeam
	}
	return row, err
}

// OnRetire names who may refuse, in the same transaction, that a team is retired: what still sends work to it.
func (s *Service) OnRetire(ask func(ctx context.Context, tx *db.Tx, teamID int64) error) {
	s.named = append(s.named, ask)
}

// SaveTeam adds a team, renames it, names its lead, retires it or takes it up again. A name that is taken, a new lead who is not active,
// and retiring a team that has people or is sent work by a rule are refused by field; a stale version with ErrTeamChanged. A team is
// never deleted: cases, budgets and reports name it.
func (s *Service) SaveTeam(ctx context.Context, in TeamInput) (TeamRow, error) {
	if err := access.Can(in.By, access.ManageTeams, access.Object{}); err != nil {
		return TeamRow{}, err
	}
	if in.Name = strings.TrimSpace(in.Name); in.Name == "" || utf8.RuneCountInString(in.Name) > longestTeamName {
		return TeamRow{}, errs.InvalidField("name", "people.team_name")
	}
	var row TeamRow
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		old, err := in.beforeTx(ctx, tx)
		if err != nil {
			return err
		}
		if err := s.checkTeamTx(ctx, tx, old, in); err != nil {
			return err
		}
		what := "team.changed"
		if in.ID == 0 {
			what = "team.added"
		}
		kept, err := in.saveTx(ctx, tx)
		if err != nil {
			return err
		}
		if row, err = oneTeam(ctx, tx, kept.ID); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.By, What: what, Data: map[string]any{
			"team": kept.ID, "name": kept.Name, "name_before": old.Name, "lead": kept.LeadID, "lead_before": old.LeadID, "retired": kept.RetiredAt != nil,
		}})
	})
	return row, err
}

// beforeTx is the team as it stands, held so that nobody is put into it meanwhile; the zero team before there is one.
func (in TeamInput) beforeTx(ctx context.Context, tx *db.Tx) (Team, error) {
	if in.ID == 0 {
		return Team{}, nil
	}
	old, err := db.One[Team](ctx, tx, `select * from teams where id = $1 for update`, in.ID)
	switch {
	case errors.Is(err, db.ErrNoRow):
		return old, ErrNoTeam
	case err == nil && old.Version != in.Version:
		return old, ErrTeamChanged
	}
	return old, err
}

func (s *Service) checkTeamTx(ctx context.Context, tx *db.Tx, old Team, in TeamInput) error {
	known, err := db.One[struct{ Taken, Lead, People bool }](ctx, tx, `select
			exists (select 1 from teams where lower(name) = lower($2) and id <> $1) as taken,
			exists (select 1 from users where id = $3 and active) as lead,
			exists (select 1 from users where team_id = $1 and active) as people`, in.ID, in.Name, in.LeadID)
	if err != nil {
		return fmt.Errorf("look up what a team names: %w", err)
	}
	newLead := in.LeadID != nil && (old.LeadID == nil || *old.LeadID != *in.LeadID)
	switch {
	case known.Taken:
		return errs.InvalidField("name", "people.team_taken")
	case newLead && !known.Lead:
		return errs.InvalidField("lead", "people.lead_not_here")
	case !in.Retired || old.RetiredAt != nil:
		return nil
	case known.People:
		return errs.InvalidField("retired", "people.team_has_people")
	}
	for _, ask := range s.named {
		if err := ask(ctx, tx, in.ID); err != nil {
			return err
		}
	}
	return nil
}

func (in TeamInput) saveTx(ctx context.Context, tx *db.Tx) (Team, error) {
	const retired = `case when $3 then coalesce(retired_at, $4::timestamptz) end`
	query, args := `update teams set name = $1, lead_id = $2, retired_at = `+retired+`, version = version + 1 where id = $5 returning *`, []any{in.Name, in.LeadID, in.Retired, tx.Now(), in.ID}
	if in.ID == 0 {
		query, args = `insert into teams (name, lead_id, retired_at) values ($1, $2, case when $3 then $4::timestamptz end) returning *`, args[:4]
	}
	kept, err := db.One[Team](ctx, tx, query, args...)
	if db.Violates(err, "teams_name_key") { // somebody was faster by a moment
		return kept, errs.InvalidField("name", "people.team_taken")
	}
	return kept, err
}

// openTeamTx refuses to put somebody into a team that there is none of or that is retired; who is in it stays in it. It holds the team,
// so that it is not retired meanwhile.
func openTeamTx(ctx context.Context, tx *db.Tx, now, wanted *int64) error {
	if wanted == nil || now != nil && *now == *wanted {
		return nil
	}
	_, err := db.Value[int64](ctx, tx, `select id from teams where id = $1 and retired_at is null for share`, *wanted)
	if errors.Is(err, db.ErrNoRow) {
		return errs.InvalidField("team_id", ErrNoTeam.Key)
	}
	return err
}

// AddTeamTx adds a team to an installation that is being filled.
func (s *Service) AddTeamTx(ctx context.Context, tx *db.Tx, name string) (Team, error) {
	return db.One[Team](ctx, tx, `insert into teams (name) values ($1) returning *`, name)
}

// SetLeadTx names the lead of a team in an installation that is being filled.
func (s *Service) SetLeadTx(ctx context.Context, tx *db.Tx, teamID, userID int64) error {
	_, err := tx.Exec(ctx, `update teams set lead_id = $2 where id = $1`, teamID, userID)
	return err
}
